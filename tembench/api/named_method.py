"""Method of a caller: found by its name or folder, or chosen on the image."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from tembench.core import MethodError, list_methods
from tembench.methods import Method, load_method
from tembench.micrographs import AUTO, AutoMethod, MethodSource, ReadyMethod

__all__ = ["AUTO", "method_source", "single_image_methods"]


def method_source(method: str | Path | Method, weights: str | Path | None = None) -> MethodSource:
    """Return a method with its weights, or the choice of one.

    Parameters
    ----------
    method : str, Path or Method
        Name of a baseline, a method's folder, the method itself, or "auto" for the method that
        predicts electrons held out of an image best.
    weights : str or Path, optional
        Folder of weights; by default those shipped with the method.

    Raises
    ------
    MethodError
        If there is no such method, or weights are given for a choice.

    Examples
    --------
    >>> method_source("bm3d").name
    'bm3d'
    """
    if method == AUTO:
        if weights is not None:
            raise MethodError(
                "has no weights", where=f"method {AUTO}", remedy="Name a method with weights for it"
            )
        return AutoMethod()
    found = method if isinstance(method, Method) else load_method(method)
    return ReadyMethod(method=found, weights=None if weights is None else Path(weights))


@cache
def single_image_methods() -> tuple[str, ...]:
    """Return the names of the methods that denoise single images with what is shipped.

    Examples
    --------
    >>> names = single_image_methods()
    >>> "unet" in names, "noisy" in names, "udvd" in names
    (True, False, False)
    """
    methods = map(load_method, list_methods())
    return tuple(
        method.name
        for method in methods
        if method.input == "noisy"
        and method.kind != "control"
        and (method.shipped_weights or not method.trainable)
    )
