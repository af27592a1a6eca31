"""Wavelet shrinkage on binned counts."""

from tembench.methods.classical.wavelet import build

__all__ = ["build"]
