"""tembench: the benchmark for denoising atomic-resolution electron-microscope images."""

from __future__ import annotations

__version__ = "0.1.0"
