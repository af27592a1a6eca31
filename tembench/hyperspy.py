"""HyperSpy's signals denoised: a signal in, one of the same class, axes and metadata out."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tembench.api.array_frames import ArrayFrames
from tembench.api.frame_method import frame_denoiser, naming_arguments, with_arguments
from tembench.core import ImageError, lacking, progress
from tembench.methods import Method
from tembench.micrographs.denoising.frame_denoiser import FrameDenoiser
from tembench.micrographs.formats import Axis
from tembench.micrographs.reading.file_options import FileOptions
from tembench.micrographs.reading.units import is_energy, pixel_sizes_of

QUANTITY = "Expected electrons (e/px)"


class DenoisingWarning(UserWarning):
    """An unusual property of a signal, by which its denoised images may be wrong."""


def denoise(
    signal: Any,
    method: str | Path | Method = "auto",
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

    One value per electron and one dose hold for all images of the signal; they are taken from up
    to five of them, beforehand. A lazy signal stays lazy: each image is a task of its own, and
    errors of later images appear when it is computed. Tasks of one process take turns; dask's
    processes or a cluster denoise several images at once.

    Parameters
    ----------
    signal : hyperspy.api.signals.Signal2D
        Images of counted electrons, with any number of navigation axes. Their pixel size is that
        of the signal axes (pm, Å, nm, µm).
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
        Value of one electron.
    offset : float, optional
        Value of no electron, which is subtracted first.
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
        allow_negative=allow_negative,
        mask_outliers=mask_outliers,
        seed=seed,
    )
    with naming_arguments():
        _refuse_other_signals(signal)
        images = ArrayFrames(
            title=_title(signal),
            shape=tuple(signal.data.shape[:-2]),
            pixel_sizes_A=_pixel_sizes_A(signal, pixel_size_A),
            offset=offset or 0.0,
            notes=_notes(signal),
            label=_label,
        )
        samples = [image for _, image in images.samples(signal.data)]
        denoiser = frame_denoiser(method, samples, options, weights=weights)
    said = [with_arguments(text) for text in denoiser.warnings]
    for text in said:
        warnings.warn(f"{images.title}: {text}", DenoisingWarning, stacklevel=2)
    task = _Task(denoiser=denoiser, images=images)
    data = _lazily(signal.data, task) if signal._lazy else _at_once(signal.data, task)
    record = {**denoiser.record, "offset": images.offset, "warnings": said}
    return _like(signal, data, denoiser.ready.method.name, record)


@dataclass(frozen=True, kw_only=True)
class _Task:
    """The work on one image, which can be pickled."""

    denoiser: FrameDenoiser
    images: ArrayFrames

    def __call__(self, stored: Any, index: tuple[int, ...]) -> np.ndarray:
        image = self.images.frame(stored, index)
        if not image.values.any():
            text = f"{image.path}: contains no electron, and its result is zero"
            warnings.warn(text, DenoisingWarning, stacklevel=2)
        with naming_arguments():
            return self.denoiser.denoise(image, self.images.number(index))

    def on_block(self, block: np.ndarray, block_id: tuple[int, ...]) -> np.ndarray:
        """Denoise the only image of a block of dask's."""
        return self(block.reshape(block.shape[-2:]), block_id[:-2]).reshape(block.shape)


def _at_once(data: np.ndarray, task: _Task) -> np.ndarray:
    total = len(task.images)
    denoised = np.empty(data.shape, np.float32)
    with progress(f"Denoising {task.images.title}", total, total) as advance:
        for index in task.images.indices():
            denoised[index] = task(data[index], index)
            advance(True)
    return denoised


def _lazily(data: Any, task: _Task) -> Any:
    blocks = data.rechunk((1,) * (data.ndim - 2) + data.shape[-2:])
    return blocks.map_blocks(
        task.on_block, dtype=np.float32, meta=np.empty((0,) * data.ndim, np.float32)
    )


def _refuse_other_signals(signal: Any) -> None:
    try:
        from hyperspy.api import signals
    except ModuleNotFoundError as problem:
        raise lacking("hyperspy", "tembench.hyperspy") from problem
    if not isinstance(signal, signals.BaseSignal):
        raise ImageError(
            "is not a signal of HyperSpy",
            expected="a Signal2D",
            got=type(signal).__name__,
            remedy="For an array: hyperspy.api.signals.Signal2D(array)",
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
    for axis in axes.signal_axes:
        if not axis.is_uniform:
            yield ImageError("has an axis that is not uniform", got=str(axis.name))
    for axis in (*axes.signal_axes, *axes.navigation_axes):
        if is_energy(_axis(axis).name, _axis(axis).units):
            yield ImageError(
                "is a set of spectra",
                expected="images, or frames of a movie",
                got=f"an axis of {axis.size} energies or wavelengths",
                remedy="Choose one with signal.inav, or add them all with signal.sum",
            )


def _axis(axis: Any) -> Axis:
    # Traits prints undefined names and units as <undefined>.
    name, units = (text if isinstance(text, str) else "" for text in (axis.name, axis.units))
    scale = float(axis.scale) if axis.is_uniform else None
    return Axis(name=name, size=axis.size, scale=scale, units=units)


def _pixel_sizes_A(signal: Any, given_A: float | None) -> tuple[float, float] | None:
    if given_A is not None:
        return given_A, given_A
    across, down = signal.axes_manager.signal_axes
    return pixel_sizes_of((_axis(down), _axis(across)))


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
    title = signal.metadata.get_item("General.title", "")
    made.metadata.General.title = f"{title} denoised ({name})".strip()
    made.metadata.set_item("Signal.quantity", QUANTITY)
    # The noise that was described is gone.
    if made.metadata.has_item("Signal.Noise_properties"):
        del made.metadata.Signal.Noise_properties
    made.metadata.add_dictionary({"tembench": record})
    return made
