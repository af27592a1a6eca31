"""Non-local means on binned counts."""

from tembench.methods.classical.nlm import build

__all__ = ["build"]
