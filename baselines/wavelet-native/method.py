"""Wavelet shrinkage on single pixels."""

from tembench.methods.classical.wavelet import build

__all__ = ["build"]
