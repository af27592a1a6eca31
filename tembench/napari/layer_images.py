"""Images of a layer, denoised one by one, and the layer of their denoised images."""

from __future__ import annotations

from collections.abc import Generator
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
from tembench.core import ImageError, available_memory_bytes
from tembench.micrographs import FileOptions

LayerData = tuple[Any, dict[str, Any], str]
_PLACED = ("scale", "translate", "rotate", "shear", "affine", "units", "axis_labels")


@dataclass(frozen=True, kw_only=True)
class DenoiseSettings:
    """What the user chose.

    Attributes
    ----------
    method : str
        Name of a method, or "auto".
    weights : pathlib.Path or None
        Folder of weights; None for those shipped with the method.
    pixel_size_A : float or None
        Pixel size in angstrom; None for that of the layer.
    dose_e_per_px : float or None
        Electrons per pixel in vacuum; None to find it.
    gain, offset : float or None
        Values of one electron and of none; None to find them.
    allow_negative, mask_outliers : bool
        As in `FileOptions`.
    """

    method: str = AUTO
    weights: Path | None = None
    pixel_size_A: float | None = None
    dose_e_per_px: float | None = None
    gain: float | None = None
    offset: float | None = None
    allow_negative: bool = False
    mask_outliers: bool = False

    @property
    def options(self) -> FileOptions:
        """The options of a file that are like these."""
        return FileOptions(
            pixel_size_A=self.pixel_size_A,
            dose_e_per_px=self.dose_e_per_px,
            gain=self.gain,
            offset=self.offset,
            allow_negative=self.allow_negative,
            mask_outliers=self.mask_outliers,
        )


@dataclass(frozen=True, kw_only=True)
class LayerImages:
    """The images of a layer, and what was chosen to denoise them.

    Attributes
    ----------
    data : array-like
        (..., y, x): of NumPy, dask or another library.
    name : str
        Name of the layer.
    placed : dict
        Scale, translation, units and the like of the layer.
    frames : ArrayFrames
        What is known of the images.
    settings : DenoiseSettings
        The user's choice.
    """

    data: Any
    name: str
    placed: dict[str, Any]
    frames: ArrayFrames
    settings: DenoiseSettings

    @classmethod
    def of(cls, layer: Any, settings: DenoiseSettings) -> LayerImages:
        """Take the images of a layer.

        Parameters
        ----------
        layer : napari.layers.Image
            The layer; of several resolutions, the finest is used.
        settings : DenoiseSettings
            The user's choice.

        Raises
        ------
        ImageError
            If the layer is a colour picture, has no images, or no possible pixel size.
        """
        data = layer.data[0] if layer.multiscale else layer.data
        if layer.rgb or len(data.shape) < 2 or 0 in data.shape:
            raise ImageError(
                "is not an image of counts",
                where=layer.name,
                expected="one count per pixel",
                got="a colour picture" if layer.rgb else f"an array of shape {tuple(data.shape)}",
            )
        if data.dtype.kind not in "uifb":
            raise ImageError("does not contain real numbers", where=layer.name, got=str(data.dtype))
        given_A = settings.pixel_size_A
        try:
            sizes = layer_pixel_sizes_A(layer) if given_A is None else (given_A, given_A)
            frames = ArrayFrames(
                title=layer.name,
                shape=tuple(data.shape),
                dtype=data.dtype,
                pixel_sizes_A=sizes,
                label=_label,
            )
        except ImageError as problem:
            raise problem.at(layer.name) from problem.__cause__
        return cls(
            data=data,
            name=layer.name,
            placed={name: getattr(layer, name) for name in _PLACED},
            frames=frames,
            settings=settings,
        )

    def denoiser(self) -> FrameDenoiser:
        """Return the method with the counting rule and the dose of the images."""
        chosen, stack = self.settings, self.frames.stack(self.data)
        source = method_source(chosen.method, chosen.weights)
        return FrameDenoiser.of(source, self.frames, stack, chosen.options)

    def denoise(self) -> Generator[int, None, LayerData]:
        """Denoise the images, one at a step.

        Yields
        ------
        int
            Number of images done.

        Returns
        -------
        data, attributes, type
            A layer of napari: float32, expected electrons per pixel, at the place of the noisy
            one. Its ``metadata["tembench"]`` is the record of what made it, with the warnings.

        Raises
        ------
        ImageError
            If the images cannot be counts, or their result does not fit into memory.
        MethodError
            If the method cannot be used, or fails.
        """
        with naming_arguments():
            self._check_memory()
            denoiser = self.denoiser()
            stack, denoised = self.frames.stack(self.data), np.empty(self.data.shape, np.float32)
            for number, index in enumerate(self.frames.indices()):
                denoised[index] = denoiser.denoise(stack, number)
                yield number + 1
        return self.layer_of(denoised, denoiser)

    def layer_of(self, denoised: np.ndarray, denoiser: FrameDenoiser) -> LayerData:
        """Return the layer of denoised images, as `denoise` does."""
        said = [with_arguments(text) for text in denoiser.warnings]
        record = {**denoiser.record, "warnings": said}
        name = f"{self.name} denoised ({denoiser.ready.method.name})"
        return denoised, {"name": name, **self.placed, "metadata": {"tembench": record}}, "image"

    def _check_memory(self) -> None:
        needed, available = 4 * int(np.prod(self.data.shape, dtype=int)), available_memory_bytes()
        if needed > available:
            raise ImageError(
                "does not fit into memory",
                where=self.name,
                expected=f"at most {available / 1e9:.1f} GB",
                got=f"{needed / 1e9:.1f} GB for the denoised images",
                remedy="Denoise its file with tembench apply, which reads it frame by frame",
            )


def layer_pixel_sizes_A(layer: Any) -> tuple[float, float] | None:
    """Return the pixel sizes of a layer along y and x in angstrom; None if it has no unit.

    Parameters
    ----------
    layer : napari.layers.Image
        The layer, with its scale and units.

    Raises
    ------
    ImageError
        If the unit cannot be used, or pixels are far from square.
    """
    # Pint calls a pixel "pixel", and what is written px "css_pixel".
    units = ["" if "pixel" in str(unit) else str(unit) for unit in layer.units[-2:]]
    return pixel_sizes_from_units([float(scale) for scale in layer.scale[-2:]], units)


def _label(index: tuple[int, ...]) -> str:
    return f"frame {', '.join(map(str, index))}"
