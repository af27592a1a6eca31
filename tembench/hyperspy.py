"""HyperSpy's signals denoised: a signal in, one of the same class, axes and metadata out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tembench.api import (
    AUTO,
    ArrayFrames,
    FrameDenoiser,
    method_source,
    naming_arguments,
    pixel_sizes_from_units,
    with_arguments,
)
from tembench.core import ImageError, lacking, progress
from tembench.methods import Method
from tembench.micrographs import FileOptions, Stack, is_energy

QUANTITY = "Expected electrons (e/px)"


class DenoisingWarning(UserWarning):
    """An unusual property of a signal, by which its denoised images may be wrong."""


def denoise(
    signal: Any,
    method: str | Path | Method = AUTO,
    *,
    weights: str | Path | None = None,
    pixel_size_A: float | None = None,
    dose_e_per_px: float | None = None,
    gain: float | None = None,
    offset: float | None = None,
    allow_negative: bool = False,
    mask_outliers: bool = False,
    seed: int = 0,
) -> Any:
    """Denoise the images of a signal.

    One counting rule and one dose hold for all images; they are taken from up to 16 of them,
    beforehand. A lazy signal stays lazy: each image is a task of its own. Tasks of one process take
    turns; dask's processes or a cluster denoise several images at once.

    Parameters
    ----------
    signal : hyperspy.api.signals.Signal2D
        Images of counted electrons, with any number of navigation axes. Their pixel size is that
        of the signal axes (pm, Å, nm, µm). Methods of input "series" denoise movies, of one
        navigation axis.
    method : str, Path or Method
        Name of a baseline, a method's folder, the method itself, or "auto" for the method that
        predicts electrons held out of these images best.
    weights : str or Path, optional
        Folder of weights; by default those shipped with the method.
    pixel_size_A : float, optional
        Pixel size in angstrom, instead of that of the axes.
    dose_e_per_px : float, optional
        Electrons per pixel in vacuum; by default found in the images.
    gain : float, optional
        Value of one electron; by default found from the noise.
    offset : float, optional
        Value of no electron; by default found from the noise.
    allow_negative : bool
        Accept negative counts, as read noise produces them.
    mask_outliers : bool
        Replace hot, dead and empty pixels by counts of their neighbours.
    seed : int
        Seed of the positions of electrons that are resampled to other pixels.

    Returns
    -------
    hyperspy.api.signals.Signal2D
        A signal of the same class, axes and metadata; float32, expected electrons per pixel. Its
        ``metadata.tembench`` names the version, method and weights, the pixel size, dose and
        value of one electron that were used, and the warnings.

    Raises
    ------
    ImageError
        If the signal has no images of counts, or no pixel size.
    MethodError
        If the method cannot be used, or fails.
    MissingPackage
        If HyperSpy is not installed.

    Warns
    -----
    DenoisingWarning
        For each unusual property, in one line.

    Examples
    --------
    >>> import hyperspy.api as hs
    >>> counts = np.random.default_rng(0).poisson(0.5, (3, 128, 128)).astype(np.uint8)
    >>> movie = hs.signals.Signal2D(counts)
    >>> for axis in movie.axes_manager.signal_axes:
    ...     axis.scale, axis.units = 0.00625, "nm"
    >>> denoise(movie, "gaussian", dose_e_per_px=0.5)
    <Signal2D, title: denoised (gaussian), dimensions: (3|128, 128)>
    """
    options = FileOptions(
        pixel_size_A=pixel_size_A,
        dose_e_per_px=dose_e_per_px,
        gain=gain,
        offset=offset,
        allow_negative=allow_negative,
        mask_outliers=mask_outliers,
        seed=seed,
    )
    with naming_arguments():
        _refuse_others(signal)
        images = ArrayFrames(
            title=_title(signal),
            shape=tuple(signal.data.shape),
            dtype=signal.data.dtype,
            pixel_sizes_A=_pixel_sizes_A(signal, pixel_size_A),
            notes=_notes(signal),
            label=_label,
        )
        stack = images.stack(signal.data)
        source = method_source(method, weights)
        denoiser = FrameDenoiser.of(source, images, stack, options)
    said = [with_arguments(text) for text in denoiser.warnings]
    for text in said:
        warnings.warn(f"{images.title}: {text}", DenoisingWarning, stacklevel=2)
    task = _Task(denoiser)
    data = _lazily(signal.data, task) if signal._lazy else _at_once(signal.data, task)
    return _like(signal, data, denoiser.ready.method.name, {**denoiser.record, "warnings": said})


@dataclass(frozen=True)
class _Task:
    """The work on one image, which can be pickled."""

    denoiser: FrameDenoiser

    def __call__(self, stack: Stack, number: int) -> np.ndarray:
        with naming_arguments():
            denoised = self.denoiser.denoise(stack, number)
        if not denoised.any():
            where = self.denoiser.frames.where(number)
            text = f"{where}: contains no electron, and its result is zero"
            warnings.warn(text, DenoisingWarning, stacklevel=2)
        return denoised

    def on_some(self, images: np.ndarray, number: int, first: int) -> np.ndarray:
        """Denoise an image of which a few neighbours are there (n, y, x)."""
        return self(self.denoiser.frames.stack(images, first), number)

    def on_block(self, block: np.ndarray, block_id: tuple[int, ...]) -> np.ndarray:
        """Denoise the only image of a block of dask's."""
        number = self.denoiser.frames.number(block_id[:-2])
        images = block.reshape(1, *block.shape[-2:])
        return self.on_some(images, number, number).reshape(block.shape)


def _at_once(data: np.ndarray, task: _Task) -> np.ndarray:
    frames = task.denoiser.frames
    stack, denoised = frames.stack(data), np.empty(data.shape, np.float32)
    with progress(f"Denoising {frames.title}", len(frames), len(frames)) as advance:
        for number, index in enumerate(frames.indices()):
            denoised[index] = task(stack, number)
            advance(True)
    return denoised


def _lazily(data: Any, task: _Task) -> Any:
    reach = task.denoiser.reach
    if reach:
        return _with_neighbours(data, task, reach)
    blocks = data.rechunk((1,) * (data.ndim - 2) + data.shape[-2:])
    return blocks.map_blocks(
        task.on_block, dtype=np.float32, meta=np.empty((0,) * data.ndim, np.float32)
    )


def _with_neighbours(data: Any, task: _Task, reach: int) -> Any:
    """Return the images (n, y, x), each from its neighbours too."""
    import dask.array

    arrays: Any = dask.array
    images = []
    for number in range(len(data)):
        first = max(0, number - reach)
        some = data[first : number + reach + 1]
        made = dask.delayed(task.on_some, pure=True)(some, number, first)
        images.append(arrays.from_delayed(made, data.shape[1:], np.float32))
    return arrays.stack(images)


def _refuse_others(signal: Any) -> None:
    try:
        from hyperspy.api import signals
    except ModuleNotFoundError as problem:
        raise lacking("hyperspy", "tembench.hyperspy") from problem
    if not isinstance(signal, signals.BaseSignal):
        raise ImageError(
            "is not a signal of HyperSpy",
            expected="a Signal2D, such as hyperspy.api.signals.Signal2D(array)",
            got=type(signal).__name__,
        )
    if fault := next(_faults(signal), None):
        raise fault.at(_title(signal))


def _faults(signal: Any) -> Iterator[ImageError]:
    """Yield the reasons why a signal has no images to denoise."""
    axes = signal.axes_manager
    if signal.ragged or axes.signal_dimension != 2:
        got = "ragged data" if signal.ragged else f"signal dimension {axes.signal_dimension}"
        yield ImageError(
            "is not a signal of images",
            expected="signal dimension 2",
            got=got,
            remedy="Make two of its axes those of the images with signal.as_signal2D((0, 1))",
        )
    if signal.data.dtype.names or signal.data.dtype.kind not in "uifb":
        yield ImageError(
            "does not contain real numbers",
            expected="counts",
            got="complex numbers" if signal.data.dtype.kind == "c" else str(signal.data.dtype),
        )
    kind = signal.metadata.get_item("Signal.signal_type", "")
    if "diffraction" in kind.lower():
        yield ImageError("is a diffraction pattern", expected="images", got=f"signal type {kind}")
    if 0 in signal.data.shape:
        yield ImageError("has no pixels", got=" x ".join(map(str, signal.data.shape)))
    if not all(axis.is_uniform for axis in axes.signal_axes):
        yield ImageError("has an axis that is not uniform", expected="a scale for x and y")
    for axis in (*axes.signal_axes, *axes.navigation_axes):
        if is_energy(_text(axis.name), _text(axis.units)):
            yield ImageError(
                "is a set of spectra",
                expected="images, or frames of a movie",
                got=f"an axis of {axis.size} energies or wavelengths",
                remedy="Choose one with signal.inav, or add them all with signal.sum",
            )


def _text(text: Any) -> str:
    """Return a name or unit; traits has an object for undefined ones."""
    return text if isinstance(text, str) else ""


def _pixel_sizes_A(signal: Any, given_A: float | None) -> tuple[float, float] | None:
    if given_A is not None:
        return given_A, given_A
    y, x = signal.axes_manager.signal_axes[::-1]
    return pixel_sizes_from_units([y.scale, x.scale], [_text(y.units), _text(x.units)])


def _label(index: tuple[int, ...]) -> str:
    """Name an image in HyperSpy's order of the navigation axes."""
    return f"image {', '.join(map(str, index[::-1]))}"


def _title(signal: Any) -> str:
    return signal.metadata.get_item("General.title", "") or "signal"


def _notes(signal: Any) -> tuple[str, ...]:
    """Return a note on a calibration that HyperSpy read from a file and did not apply."""
    brightness = "ImageList.TagGroup0.ImageData.Calibrations.Brightness"
    scale = signal.original_metadata.get_item(f"{brightness}.Scale", 1.0)
    origin = signal.original_metadata.get_item(f"{brightness}.Origin", 0.0)
    unit = signal.original_metadata.get_item(f"{brightness}.Units", "")
    if not scale or (scale, origin) == (1, 0):
        return ()
    return (
        f"the file's calibration of brightness states {scale:g} {unit}".rstrip()
        + f" per stored unit above {origin:g}, which HyperSpy does not apply: if the values are "
        f"still the stored ones, give gain={1 / scale:.6g}, offset={origin:g}",
    )


def _like(signal: Any, data: Any, name: str, record: dict[str, Any]) -> Any:
    """Return a signal with the class, axes and metadata of another, and other data."""
    axes = (*signal.axes_manager.navigation_axes[::-1], *signal.axes_manager.signal_axes[::-1])
    made = type(signal)(
        data,
        axes=[axis.get_axis_dictionary() for axis in axes],
        metadata=signal.metadata.deepcopy().as_dictionary(),
        original_metadata=signal.original_metadata.deepcopy().as_dictionary(),
    )
    made.metadata.General.title = f"{made.metadata.General.title} denoised ({name})".strip()
    made.metadata.set_item("Signal.quantity", QUANTITY)
    # The noise that was described is gone.
    if made.metadata.has_item("Signal.Noise_properties"):
        del made.metadata.Signal.Noise_properties
    made.metadata.add_dictionary({"tembench": record})
    return made
