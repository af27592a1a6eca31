"""Written results: a TIFF with its pixel size, and a PNG preview."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence

import numpy as np

_MOST_PX = 1024
_GAP_PX = 4


def tiff_bytes(
    image: np.ndarray, pixel_sizes_A: tuple[float, float], title: str, info: str = ""
) -> bytes:
    """Encode an image as a float32 TIFF.

    Parameters
    ----------
    image : numpy.ndarray
        (y, x), float32.
    pixel_sizes_A : tuple of float
        Pixel size along y and x, stored in nm, in the tags of ImageJ and of Digital Micrograph,
        which HyperSpy reads too.
    title : str
        Title of the image.
    info : str
        Text that ImageJ shows under *Show Info*.
    """
    import tifffile
    from rsciio import tiff

    axes = [
        {
            "name": name,
            "size": size,
            "scale": pixel_size_A / 10,
            "offset": 0.0,
            "units": "nm",
            "navigate": False,
            "index_in_array": i,
        }
        for i, (name, size, pixel_size_A) in enumerate(
            zip("yx", image.shape, pixel_sizes_A, strict=True)
        )
    ]
    metadata = {"General": {"title": title}, "Signal": {"quantity": "electrons per pixel"}}
    signal = {"data": image, "axes": axes, "metadata": metadata, "original_metadata": {}}
    tags = tifffile.imagej_metadata_tag({"Info": info}, "<") if info else ()
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tiff.file_writer(buffer, signal, extratags=list(tags), byteorder="<")
    return buffer.getvalue()


def preview_bytes(
    counts: np.ndarray, dose: float, clean: Sequence[np.ndarray], text: dict[str, str]
) -> bytes:
    """Draw a noisy image with noise-free ones beside it, the latter on one grey scale, as PNG.

    Parameters
    ----------
    counts : numpy.ndarray
        Noisy image (y, x); black at 0, white four standard deviations above the dose.
    dose : float
        Counts per pixel in vacuum.
    clean : sequence of numpy.ndarray
        The denoised image, and the truth if it is known; (y, x) of the same shape.
    text : dict
        Text stored in the file, by keyword.
    """
    from PIL import Image, PngImagePlugin

    step = -(-max(counts.shape) // _MOST_PX)
    low, high = np.quantile(_averaged(clean[-1], step), (0.001, 0.999))
    tiles = [_grey(_averaged(counts, step), 0.0, dose + 4 * (dose / step**2) ** 0.5)]
    tiles += [_grey(_averaged(image, step), low, high) for image in clean]
    gap = np.full((tiles[0].shape[0], _GAP_PX), 255, dtype=np.uint8)
    row = [part for tile in tiles for part in (gap, tile)][1:]
    info = PngImagePlugin.PngInfo()
    for keyword, content in text.items():
        info.add_text(keyword, content)
    buffer = io.BytesIO()
    Image.fromarray(np.concatenate(row, axis=1)).save(buffer, format="PNG", pnginfo=info)
    return buffer.getvalue()


def _averaged(image: np.ndarray, step: int) -> np.ndarray:
    height, width = (max(1, side // step) for side in image.shape)
    blocks = image[: height * step, : width * step]
    if step == 1 or min(image.shape) < step:
        return image.astype(np.float32)
    return blocks.reshape(height, step, width, step).mean(axis=(1, 3), dtype=np.float32)


def _grey(image: np.ndarray, low: float, high: float) -> np.ndarray:
    share = (image - low) / max(high - low, 1e-12)
    return np.rint(np.clip(share, 0.0, 1.0) * 255).astype(np.uint8)
