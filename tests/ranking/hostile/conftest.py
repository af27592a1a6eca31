"""The modules of hostile cases, on the path."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

# Their cases are registered when they are imported, which a search for doctests would do again.
collect_ignore_glob = ["cases_of_*.py"]
