"""Images of a caller's own, in any of the formats that are read."""

from __future__ import annotations

from pathlib import Path

from tembench.core import OutputError
from tembench.ranking.untrusted_images.image_folder import folder_images
from tembench.ranking.untrusted_images.image_stack import ImageStack
from tembench.ranking.untrusted_images.npy_images import npy_images
from tembench.ranking.untrusted_images.npz_images import npz_images
from tembench.ranking.untrusted_images.tiff_images import tiff_images
from tembench.ranking.untrusted_images.zarr_images import zarr_images

_OF_A_FILE = {".npy": npy_images, ".tif": tiff_images, ".tiff": tiff_images}
_FORMATS = (
    "a Zarr v3 array, a folder of .npy or .tif files, or one .npy, .npz or .tif file; or what "
    "tembench denoise or tembench.write_outputs wrote"
)


def open_images(path: Path, shape: tuple[int, int], most: int) -> ImageStack:
    """Check images that somebody else may have written, and be ready to read them one by one.

    Parameters
    ----------
    path : Path
        A Zarr v3 array or group, a folder of NumPy or TIFF files with one image each, or such a
        file with a stack, (images, y, x), or an archive of NumPy's.
    shape : tuple of int
        Expected (y, x) of each image.
    most : int
        Largest number of images.

    Raises
    ------
    OutputError
        If they cannot be read, or are no plain numbers of that shape. Nothing is unpickled.
    """
    path = Path(path)
    if path.is_dir():
        if (path / "zarr.json").exists():
            return zarr_images(path, shape, most)
        return folder_images(path, shape, most, _OF_A_FILE)
    if not path.is_file():
        found = "neither a file nor a folder" if path.exists() else "no such file or folder"
        raise OutputError(found, where=str(path), expected=_FORMATS)
    readers = {**_OF_A_FILE, ".npz": npz_images}
    if path.suffix.lower() not in readers:
        raise OutputError(
            "not a format that is read",
            where=str(path),
            expected=_FORMATS,
            got=path.suffix or "no suffix",
        )
    return readers[path.suffix.lower()](path, shape, most)
