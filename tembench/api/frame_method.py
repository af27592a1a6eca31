"""Method for the frames of a caller: found by its name, or chosen on some of the frames."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tembench.core import MethodError, TembenchError
from tembench.methods import Method, load_method
from tembench.micrographs.denoising.frame_denoiser import FrameDenoiser
from tembench.micrographs.domain.ready_method import ReadyMethod
from tembench.micrographs.reading.file_options import FileOptions
from tembench.micrographs.reading.read_image import Micrograph

AUTO = "auto"
_ARGUMENTS = {
    "pixel-size-A": "pixel_size_A",
    "dose": "dose_e_per_px",
    "gain": "gain",
    "offset": "offset",
    "allow-negative": "allow_negative=True",
    "mask-outliers": "mask_outliers=True",
}
_OPTION = re.compile(rf"--({'|'.join(_ARGUMENTS)})\b(?: (\d[\d.e+-]*\d|\d))?")
_COMMAND = re.compile(r"tembench apply (\S+) FILE")


def frame_denoiser(
    method: str | Path | Method,
    samples: Sequence[Micrograph],
    options: FileOptions,
    *,
    weights: str | Path | None = None,
) -> FrameDenoiser:
    """Return a method that is ready for a movie.

    Parameters
    ----------
    method : str, Path or Method
        Name of a baseline, a method's folder, the method itself, or "auto" for the method that
        predicts electrons held out of the frames best.
    samples : sequence of Micrograph
        A few frames of the movie.
    options : FileOptions
        The user's options.
    weights : str or Path, optional
        Folder of weights; by default those shipped with the method.

    Raises
    ------
    MethodError
        If there is no such method, or it cannot be used.
    ImageError
        If the frames cannot be counts.
    """
    if method == AUTO:
        return FrameDenoiser.of(_chosen(samples, options, weights), samples, options)
    chosen = method if isinstance(method, Method) else load_method(method)
    ready = ReadyMethod(method=chosen, weights=None if weights is None else Path(weights))
    # First: a method that cannot denoise single images says so before its weights are read.
    _ = ready.domain
    return FrameDenoiser.of(ready, samples, options)


def _chosen(
    samples: Sequence[Micrograph], options: FileOptions, weights: str | Path | None
) -> ReadyMethod:
    raise MethodError("not yet", where="auto")


@contextmanager
def naming_arguments() -> Iterator[None]:
    """Raise errors again with the arguments of functions instead of the command line's options."""
    try:
        yield
    except TembenchError as problem:
        texts = {name: getattr(problem, name) for name in ("where", "expected", "got", "remedy")}
        changed = {name: text and with_arguments(text) for name, text in texts.items()}
        raise type(problem)(with_arguments(problem.what), **changed) from problem.__cause__


def with_arguments(text: str) -> str:
    """Return a message with the arguments of functions instead of the command line's options.

    Examples
    --------
    >>> with_arguments("Give the value of one electron with --gain, perhaps --gain 3.5")
    'Give the value of one electron with gain, perhaps gain=3.5'
    """
    text = _COMMAND.sub(r'method="\1"', text)
    return _OPTION.sub(
        lambda found: _ARGUMENTS[found[1]] + (f"={found[2]}" if found[2] else ""), text
    )
