"""Non-local means on single pixels."""

from tembench.methods.classical.nlm import build

__all__ = ["build"]
