"""BM3D on single pixels."""

from tembench.methods.classical.bm3d import build

__all__ = ["build"]
