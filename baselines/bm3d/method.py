"""BM3D on binned counts."""

from tembench.methods.classical.bm3d import build

__all__ = ["build"]
