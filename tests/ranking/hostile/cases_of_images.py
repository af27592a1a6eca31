"""Hostile images in formats of a submitter's own: NumPy's files and archives, TIFF, folders."""

from __future__ import annotations

import io
import os
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import tifffile
from hostile_case import SECRET, images_case

IMAGES = 10
SIDE = 72
_SHAPE = (IMAGES, SIDE, SIDE)


def good_images() -> np.ndarray:
    """Images of the right shape."""
    return np.random.default_rng(3).normal(0.45, 0.1, _SHAPE).astype(np.float32)


class _Runs:
    """An object that runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[object, ...]:
        return os.system, ("touch /tmp/hostile",)


def _npy(header: str, values: bytes = b"") -> bytes:
    text = header.encode().ljust(118) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text + values


def _described(shape: object, kind: str = "<f4") -> str:
    return f"{{'descr': {kind!r}, 'fortran_order': False, 'shape': {shape!r}, }}"


def _array() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, good_images())
    return buffer.getvalue()


@images_case(refused="contains Python objects, which may run code and are never loaded")
def array_of_objects_that_run_code(folder: Path) -> Path:
    """A .npy of objects that run a command when they are unpickled."""
    path = folder / "images.npy"
    path.write_bytes(_npy(_described((1,), "|O"), pickle.dumps([_Runs()])))
    return path


@images_case(refused="contains Python objects")
def object_hidden_in_an_archive(folder: Path) -> Path:
    """An .npz whose second array is one of objects."""
    with zipfile.ZipFile(folder / "images.npz", "w") as archive:
        archive.writestr("a.npy", _array())
        archive.writestr("b.npy", _npy(_described((1,), "|O"), pickle.dumps([_Runs()])))
    return folder / "images.npz"


@images_case(refused="got a header that is not one")
def header_that_computes(folder: Path) -> Path:
    """A header whose shape is a power that has more digits than memory."""
    path = folder / "images.npy"
    path.write_bytes(_npy(_described((1,)).replace("(1,)", "(9**9**9,)")))
    return path


@images_case(refused="got a header that is not one")
def header_that_calls(folder: Path) -> Path:
    """A header that calls a function."""
    path = folder / "images.npy"
    path.write_bytes(_npy(f"__import__('os').system('id') # {SECRET[:40]}"))
    return path


@images_case(refused="got a header that is not one")
def header_in_brackets(folder: Path) -> Path:
    """A header of 4,000 brackets."""
    text = b"(" * 4000
    path = folder / "images.npy"
    path.write_bytes(b"\x93NUMPY\x02\x00" + struct.pack("<I", len(text)) + text)
    return path


@images_case(refused="wrong shape|too many images")
def header_of_a_huge_array(folder: Path) -> Path:
    """A header of 10^15 numbers in a file of 200 bytes."""
    path = folder / "images.npy"
    path.write_bytes(_npy(_described((10**9, 1000, 1000))))
    return path


@images_case(refused="is truncated; expected")
def stack_that_is_not_there(folder: Path) -> Path:
    """A header of the right shape without its numbers."""
    path = folder / "images.npy"
    path.write_bytes(_npy(_described(_SHAPE)))
    return path


@images_case(refused="not of the size that its shape needs|too many|cannot be read")
def archive_that_unpacks_to_gigabytes(folder: Path) -> Path:
    """An .npz whose array unpacks to 256 MB of zeros behind its numbers."""
    with zipfile.ZipFile(folder / "images.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.npy", _array() + bytes(1 << 28))
    return folder / "images.npz"


@images_case()
def names_that_lead_out_of_an_archive(folder: Path) -> Path:
    """An .npz whose only entry is named as a path that leads out; nothing is unpacked to a file."""
    with zipfile.ZipFile(folder / "images.npz", "w") as archive:
        archive.writestr("../../outside.npy", _array())
    return folder / "images.npz"


@images_case(refused="wrong shape|not an array|cannot be read|too many")
def entries_of_one_name(folder: Path) -> Path:
    """An .npz with two entries of one name, of which readers may take either."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("a.npy", _array())
        archive.writestr("b.npy", _npy(_described((1, 1, 1)), bytes(4)))
    (folder / "images.npz").write_bytes(buffer.getvalue().replace(b"b.npy", b"a.npy"))
    return folder / "images.npz"


@images_case(refused="cannot be read|too many images|truncated|not of the size|no image")
def pages_in_a_circle(folder: Path) -> Path:
    """A TIFF whose last page points to its first."""
    path = folder / "images.tif"
    tifffile.imwrite(path, good_images()[:2], photometric="minisblack", metadata=None)
    with tifffile.TiffFile(path) as file:
        first = file.pages[0].offset
        last = file.pages[1].offset
    data = bytearray(path.read_bytes())
    (count,) = struct.unpack_from("<H", data, last)
    struct.pack_into("<I", data, last + 2 + 12 * count, first)
    path.write_bytes(bytes(data))
    return path


@images_case(refused="wrong shape")
def page_of_a_billion_pixels(folder: Path) -> Path:
    """A TIFF whose header says 2^30 pixels a side."""
    path = folder / "images.tif"
    tifffile.imwrite(path, good_images()[0], photometric="minisblack", metadata=None)
    data = bytearray(path.read_bytes())
    with tifffile.TiffFile(path) as file:
        places = [file.pages[0].tags[name].offset for name in ("ImageWidth", "ImageLength")]
    for place in places:
        struct.pack_into(
            "<HHII", data, place, struct.unpack_from("<H", data, place)[0], 4, 1, 1 << 30
        )
    path.write_bytes(bytes(data))
    return path


def _all_but_one(folder: Path) -> Path:
    """Write good images but one, and return the path that it would have."""
    for number, image in enumerate(good_images()):
        np.save(folder / f"{number}.npy", image)
    missing = folder / "3.npy"
    missing.unlink()
    return missing


@images_case(refused="is not a plain file")
def image_linked_to_a_secret(folder: Path) -> Path:
    """A folder of .npy files, one of them a link to a file outside."""
    _all_but_one(folder).symlink_to("../secret.txt")
    return folder


@images_case(refused="is not a plain file")
def image_that_is_a_pipe(folder: Path) -> Path:
    """A folder of .npy files, one of them a pipe."""
    os.mkfifo(_all_but_one(folder))
    return folder


@images_case(refused=r"\.py is not read")
def code_among_images(folder: Path) -> Path:
    """A folder of .npy files and a .py file."""
    np.save(folder / "1.npy", good_images()[0])
    (folder / "conftest.py").write_text("raise SystemExit")
    return folder


@images_case(refused="too many images; expected at most 10")
def thousands_of_images(folder: Path) -> Path:
    """A folder of 3,000 .npy files."""
    for number in range(3000):
        (folder / f"{number}.npy").touch()
    return folder


@images_case(refused="not a format that is read")
def pickle_of_a_network(folder: Path) -> Path:
    """A .pt file, which is a pickle."""
    path = folder / "images.pt"
    path.write_bytes(pickle.dumps(_Runs()))
    return path


@images_case()
def good_stack(folder: Path) -> Path:
    """A good stack, for comparison."""
    (folder / "images.npy").write_bytes(_array())
    return folder / "images.npy"
