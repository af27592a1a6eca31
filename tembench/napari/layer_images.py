"""Images of a layer, denoised one by one, and the layer of their denoised images."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from tembench.api.array_frames import ArrayFrames
from tembench.api.frame_method import AUTO, frame_denoiser, naming_arguments, with_arguments
from tembench.core import ImageError, available_memory_bytes
from tembench.micrographs.denoising.frame_denoiser import FrameDenoiser
from tembench.micrographs.formats import Axis
from tembench.micrographs.reading.file_options import FileOptions
from tembench.micrographs.reading.units import pixel_sizes_of

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
    offset : float
        Value of no electron, which is subtracted.
    options : FileOptions
        Pixel size, dose, gain and the like. The pixel size is that of the layer if None.
    """

    method: str = AUTO
    weights: Path | None = None
    offset: float = 0.0
    options: FileOptions = field(default_factory=FileOptions)


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
        given_A = settings.options.pixel_size_A
        try:
            sizes = layer_pixel_sizes_A(layer) if given_A is None else (given_A, given_A)
            frames = ArrayFrames(
                title=layer.name,
                shape=tuple(data.shape[:-2]),
                pixel_sizes_A=sizes,
                offset=settings.offset,
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
        samples = [image for _, image in self.frames.samples(self.data)]
        settings = self.settings
        return frame_denoiser(settings.method, samples, settings.options, weights=settings.weights)

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
            denoised = np.empty(self.data.shape, np.float32)
            for number, index in enumerate(self.frames.indices()):
                image = self.frames.frame(self.data[index], index)
                denoised[index] = denoiser.denoise(image, number)
                yield number + 1
        return self.layer_of(denoised, denoiser)

    def layer_of(self, denoised: np.ndarray, denoiser: FrameDenoiser) -> LayerData:
        """Return the layer of denoised images, as `denoise` does."""
        said = [with_arguments(text) for text in denoiser.warnings]
        record = {**denoiser.record, "offset": self.frames.offset, "warnings": said}
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
    scales, units = layer.scale[-2:], layer.units[-2:]
    y, x = (
        # Pint calls a pixel "pixel", and what is written px "css_pixel".
        Axis(size=1, scale=float(scale), units="" if "pixel" in str(unit) else str(unit))
        for scale, unit in zip(scales, units, strict=True)
    )
    return pixel_sizes_of((y, x))


def _label(index: tuple[int, ...]) -> str:
    return f"frame {', '.join(map(str, index))}"
