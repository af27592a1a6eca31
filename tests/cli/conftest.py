from __future__ import annotations

import sys
from pathlib import Path

# A module of its own, on the path, so that every test file here can import it.
sys.path.insert(0, str(Path(__file__).parent))
