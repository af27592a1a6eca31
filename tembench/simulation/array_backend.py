"""Array backends: NumPy and SciPy on the processor, CuPy on a CUDA device."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import scipy.fft

from tembench.core import TembenchError, missing_package

DEVICES = ("cpu", "cuda")


@dataclass(frozen=True, kw_only=True)
class Device:
    """Array library of a device, with its Fourier transforms.

    Attributes
    ----------
    xp : module
        ``numpy``, or a module with its functions.
    fft : module
        ``scipy.fft``, or a module with its functions.
    """

    xp: Any
    fft: Any

    def to_host(self, array: Any) -> np.ndarray:
        """Copy of an array in the memory of the host, as a NumPy array."""
        return array if isinstance(array, np.ndarray) else np.asarray(array.get())


def open_device(name: str) -> Device:
    """Open the device to compute on.

    Parameters
    ----------
    name : str
        ``"cpu"`` or ``"cuda"``.

    Raises
    ------
    TembenchError
        If CuPy finds no device; MissingPackage if it is not installed.
    """
    if name == "cpu":
        return Device(xp=np, fft=scipy.fft)
    if name != "cuda":
        raise TembenchError("no such device", expected=" or ".join(DEVICES), got=name)
    remedy = "Use --device cpu, or install the CuPy of your CUDA"
    try:
        import cupy
        import cupyx.scipy.fft
    except ImportError as problem:
        if missing := missing_package(problem, "--device cuda"):
            raise missing from None
        raise TembenchError("CuPy cannot be loaded", got=str(problem), remedy=remedy) from None
    try:
        devices = cupy.cuda.runtime.getDeviceCount()
    except cupy.cuda.runtime.CUDARuntimeError as problem:
        raise TembenchError("no CUDA device", got=str(problem), remedy=remedy) from None
    if not devices:
        raise TembenchError("no CUDA device", remedy=remedy)
    return Device(xp=cupy, fft=cupyx.scipy.fft)
