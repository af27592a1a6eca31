"""Images in every format that is read, and what is refused of each without being unpacked."""

from __future__ import annotations

import io
import os
import pickle
import re
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
import zarr
from hypothesis import HealthCheck, given, settings, strategies as st

from tembench.core.errors import OutputError, TembenchError
from tembench.ranking.untrusted_images import open_image_stack
from tembench.ranking.untrusted_images.image_stack import natural_key, numbers_of
from tembench.ranking.untrusted_images.npy_images import read_header

SHAPE = (24, 32)
COUNT = 6
MOST = 10
IMAGES = np.random.default_rng(5).normal(0.45, 0.1, (COUNT, *SHAPE)).astype(np.float32)
NAMES = [f"image_{21000 + 7 * i}" for i in range(COUNT)]
NUMBERS = tuple(21000 + 7 * i for i in range(COUNT))


@pytest.fixture(autouse=True)
def nothing_is_unpickled(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*arguments: Any, **options: Any) -> None:
        raise AssertionError("unpickled")

    monkeypatch.setattr(pickle, "loads", never)
    monkeypatch.setattr(pickle, "load", never)


def a_zarr_array(path: Path) -> Path:
    zarr.save_array(path / "a.zarr", IMAGES, zarr_format=3)
    return path / "a.zarr"


def a_zarr_array_of_blocks(path: Path) -> Path:
    array = zarr.create_array(path / "a.zarr", data=IMAGES.astype("f8"), chunks=(4, 24, 32))
    assert array.chunks[0] == 4
    return path / "a.zarr"


def a_zarr_group(path: Path) -> Path:
    group = zarr.create_group(path / "g.zarr", zarr_format=3)
    group.create_array("denoised", data=IMAGES, chunks=(1, *SHAPE))
    group.create_array("image", data=np.array(NUMBERS))
    return path / "g.zarr"


def npy_folder(path: Path) -> Path:
    for name, image in zip(NAMES, IMAGES, strict=True):
        np.save(path / f"{name}.npy", image)
    (path / ".DS_Store").write_bytes(b"x")
    return path


def tiff_folder(path: Path) -> Path:
    for name, image in zip(NAMES, IMAGES, strict=True):
        tifffile.imwrite(path / f"{name}.TIF", image)
    return path


def a_stack(path: Path) -> Path:
    np.save(path / "a.npy", IMAGES)
    return path / "a.npy"


def a_fortran_stack(path: Path) -> Path:
    np.save(path / "a.npy", np.asfortranarray(IMAGES.astype(">f8")))
    return path / "a.npy"


def a_tiff_stack(path: Path) -> Path:
    tifffile.imwrite(path / "a.tif", IMAGES, photometric="minisblack")
    return path / "a.tif"


def a_deflated_tiff(path: Path) -> Path:
    tifffile.imwrite(
        path / "a.tif", IMAGES, compression="zlib", predictor=True, photometric="minisblack"
    )
    return path / "a.tif"


def an_npz_stack(path: Path) -> Path:
    np.savez(path / "a.npz", IMAGES)
    return path / "a.npz"


def a_packed_npz_stack(path: Path) -> Path:
    np.savez_compressed(path / "a.npz", denoised=IMAGES)
    return path / "a.npz"


def an_npz_of_images(path: Path) -> Path:
    np.savez_compressed(path / "a.npz", **dict(zip(NAMES, IMAGES, strict=True)))
    return path / "a.npz"


def an_npz_of_unnamed_images(path: Path) -> Path:
    np.savez(path / "a.npz", *IMAGES)
    return path / "a.npz"


NUMBERED = (a_zarr_group, npy_folder, tiff_folder, an_npz_of_images)


@pytest.mark.parametrize(
    "write",
    [
        *NUMBERED,
        a_zarr_array,
        a_zarr_array_of_blocks,
        a_stack,
        a_fortran_stack,
        a_tiff_stack,
        a_deflated_tiff,
        an_npz_stack,
        a_packed_npz_stack,
        an_npz_of_unnamed_images,
    ],
)
def test_images_are_read_from_every_format(write: Callable[[Path], Path], tmp_path: Path) -> None:
    stack = open_image_stack(write(tmp_path), SHAPE, MOST)
    assert stack.shape == (COUNT, *SHAPE)
    assert stack.numbers == (NUMBERS if write in NUMBERED else None)
    for position in (3, 0, 5):
        image = stack.read(position)
        assert image.dtype == np.float32
        np.testing.assert_array_equal(image, IMAGES[position])
    np.testing.assert_array_equal(np.stack(list(stack.images(2))), IMAGES[2:])


@pytest.mark.parametrize("dtype", ["u1", "i2", ">u2", "i8", "f2", ">f4", "f8"])
def test_plain_numbers_become_float32(dtype: str, tmp_path: Path) -> None:
    values = (100 * IMAGES).astype(dtype)
    np.save(tmp_path / "a.npy", values)
    np.savez_compressed(tmp_path / "a.npz", values)
    for name in ("a.npy", "a.npz"):
        found = open_image_stack(tmp_path / name, SHAPE, MOST).read(1)
        np.testing.assert_array_equal(found, values[1].astype(np.float32))


def test_a_single_image_is_a_stack_of_one(tmp_path: Path) -> None:
    np.save(tmp_path / "a.npy", IMAGES[0])
    tifffile.imwrite(tmp_path / "a.tif", IMAGES[0])
    for name in ("a.npy", "a.tif"):
        assert open_image_stack(tmp_path / name, SHAPE, MOST).shape == (1, *SHAPE)


def test_an_image_that_zarr_was_never_given_is_nan(tmp_path: Path) -> None:
    array = zarr.create_array(
        tmp_path / "a.zarr", shape=IMAGES.shape, chunks=(1, *SHAPE), dtype="f4", fill_value=0.45
    )
    array[1] = IMAGES[1]
    stack = open_image_stack(tmp_path / "a.zarr", SHAPE, MOST)
    assert np.isnan(stack.read(0)).all()
    np.testing.assert_array_equal(stack.read(1), IMAGES[1])


def test_names_are_sorted_as_people_do() -> None:
    names = ["b10", "b9", "b010x", "a", "b", "b9a"]
    assert sorted(names, key=natural_key) == ["a", "b", "b9", "b9a", "b10", "b010x"]
    assert numbers_of(["image_7", "v2-image-0012", "3"]) == (7, 12, 3)
    assert numbers_of(["image_7", "last"]) is None
    assert numbers_of(["9" * 25]) is None


def header(text: str, data: bytes = b"") -> bytes:
    packed = text.encode("latin-1")
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(packed)) + packed + data


def described(descr: Any, shape: Any, fortran: Any = False) -> str:
    return repr({"descr": descr, "fortran_order": fortran, "shape": shape})


def of_objects(path: Path) -> Path:
    np.save(path / "a.npy", np.array([[1, None]], dtype=object), allow_pickle=True)
    return path / "a.npy"


def of_objects_in_an_archive(path: Path) -> Path:
    np.savez(path / "a.npz", np.array([[1, None]], dtype=object))
    return path / "a.npz"


def a_file(name: str, data: bytes) -> Callable[[Path], Path]:
    def write(path: Path) -> Path:
        (path / name).write_bytes(data)
        return path / name

    return write


def an_archive(*entries: tuple[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", packing) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return buffer.getvalue()


def a_zip_bomb(path: Path) -> Path:
    """An array that says that it is small, and unpacks to 16 MB."""
    with (
        zipfile.ZipFile(path / "a.npz", "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("a.npy", "w") as file,
    ):
        file.write(header(described("<f4", (COUNT, *SHAPE))))
        for _ in range(16):
            file.write(bytes(1 << 20))
    return path / "a.npz"


def a_lying_entry(path: Path) -> Path:
    """An entry that declares the size of its array, and unpacks to more."""
    array = header(described("<f4", SHAPE), bytes(4 * 24 * 32))
    data = an_archive(("7.npy", array + bytes(1 << 22)))
    size = struct.pack("<I", len(array) + (1 << 22))
    assert data.count(size) >= 2
    (path / "a.npz").write_bytes(data.replace(size, struct.pack("<I", len(array))))
    return path / "a.npz"


def a_huge_table_of_contents(path: Path) -> Path:
    data = bytearray(an_archive(("7.npy", b"x")))
    end = data.rfind(b"PK\x05\x06")
    size = 1 << 25
    struct.pack_into("<II", data, end + 12, size, 0)
    (path / "a.npz").write_bytes(b"PK\x01\x02" + bytes(size - 4) + data[end:])
    return path / "a.npz"


def a_deflate_bomb(path: Path) -> Path:
    """A page whose few bytes unpack to a thousand times its size."""
    tifffile.imwrite(path / "a.tif", IMAGES[:1], compression="zlib", photometric="minisblack")
    with tifffile.TiffFile(path / "a.tif") as file:
        page = file.pages[0]
        start, size = page.dataoffsets[0], page.databytecounts[0]
    packed = zlib.compress(bytes(1000 * size))
    assert len(packed) <= size
    data = bytearray((path / "a.tif").read_bytes())
    data[start : start + len(packed)] = packed
    (path / "a.tif").write_bytes(data)
    return path / "a.tif"


def a_colour_tiff(path: Path) -> Path:
    tifffile.imwrite(path / "a.tif", np.zeros((*SHAPE, 3), np.uint8), photometric="rgb")
    return path / "a.tif"


def a_packed_tiff(path: Path) -> Path:
    tifffile.imwrite(path / "a.tif", IMAGES[0].astype("u1"), compression="packbits")
    return path / "a.tif"


def a_negative_tiff(path: Path) -> Path:
    tifffile.imwrite(path / "a.tif", IMAGES[0], photometric="miniswhite")
    return path / "a.tif"


def a_turned_tiff(path: Path) -> Path:
    tifffile.imwrite(path / "a.tif", IMAGES[0], extratags=[(274, 3, 1, 6, True)])
    return path / "a.tif"


def too_many_pages(path: Path) -> Path:
    tifffile.imwrite(path / "a.tif", np.zeros((MOST + 2, *SHAPE), "f4"), photometric="minisblack")
    return path / "a.tif"


def mixed(path: Path) -> Path:
    npy_folder(path)
    tifffile.imwrite(path / "a.tif", IMAGES[0])
    return path


def with_a_script(path: Path) -> Path:
    npy_folder(path)
    (path / "run.py").write_text("1")
    return path


def with_a_link(path: Path) -> Path:
    folder = path / "folder"
    folder.mkdir()
    np.save(path / "a.npy", IMAGES[0])
    (folder / "a.npy").symlink_to(path / "a.npy")
    return folder


def with_a_pipe(path: Path) -> Path:
    folder = path / "folder"
    folder.mkdir()
    os.mkfifo(folder / "a.npy")
    return folder


def truncated(path: Path) -> Path:
    os.truncate(a_stack(path), 1000)
    return path / "a.npy"


def a_truncated_archive(path: Path) -> Path:
    os.truncate(an_npz_stack(path), 5000)
    return path / "a.npz"


def a_truncated_tiff(path: Path) -> Path:
    os.truncate(a_tiff_stack(path), 5000)
    return path / "a.tif"


REFUSED: list[tuple[Callable[[Path], Path], str]] = [
    (of_objects, "contains Python objects, which may run code and are never loaded"),
    (of_objects_in_an_archive, "contains Python objects"),
    (a_file("a.npy", b"<html>"), "not an array in NumPy's format; .* got another beginning"),
    (a_file("a.npy", b""), "got another beginning"),
    (a_file("a.npy", b"\x93NUMPY\x02\x00" + b"\xff" * 4), "got a header of 4294967295 bytes"),
    (a_file("a.npy", header("__import__('os')")), "got a header that is not one"),
    (a_file("a.npy", header("[" * 3000)), "got a header that is not one"),
    (a_file("a.npy", header("{}")), "got a header that is not one"),
    (a_file("a.npy", header(described("<f4", (10**12, 10**12)))), "wrong shape"),
    (a_file("a.npy", header(described("<f4", (-1, 24, 32)))), "a header that is not one"),
    (a_file("a.npy", header(described("<f4", (2.0, 24, 32)))), "a header that is not one"),
    (a_file("a.npy", header(described("<f4", "ab"))), "a header that is not one"),
    (a_file("a.npy", header(described("<c8", (1, 24, 32)))), "wrong data type.*got <c8"),
    (a_file("a.npy", header(described("<U9", (1, 24, 32)))), "wrong data type.*got <U9"),
    (a_file("a.npy", header(described([("a", "<f4")], (24, 32)))), "wrong data type"),
    (a_file("a.npy", header(described("<f4", (6, 24, 32)))), "is truncated; expected 18"),
    (a_file("a.npy", header(described("<f4", (6, 24, 31)))), "wrong shape; .* 24 x 32 px, got 24"),
    (a_file("a.npy", header(described("<f4", ()))), "wrong shape.*got a single number"),
    (a_file("a.npy", header(described("<f4", (2, 2, 24, 32)))), "wrong shape"),
    (a_file("a.npy", header(described("<f4", (11, 24, 32)))), "too many images; .*at most 10"),
    (truncated, "is truncated"),
    (a_file("a.npz", b"PK"), "cannot be read: BadZipFile"),
    (a_file("a.npz", an_archive()), "an empty archive"),
    (a_file("a.npz", an_archive(("a.txt", b"x"))), "not an array of an archive that NumPy wrote"),
    (a_file("a.npz", an_archive(("a.npy", b"x"))), "not an array in NumPy's format"),
    (a_file("a.npz", an_archive(("a.npy", b"x"), packing=zipfile.ZIP_LZMA)), "that NumPy wrote"),
    (
        a_file("a.npz", an_archive(*((f"{i}.npy", b"x") for i in range(11)))),
        "too many images; expected at most 10, got 11",
    ),
    (a_zip_bomb, "not of the size that its shape needs"),
    (a_lying_entry, "cannot be read: BadZipFile"),
    (a_huge_table_of_contents, "a table of contents of more than 16777216 bytes"),
    (a_truncated_archive, "cannot be read: BadZipFile"),
    (a_file("a.tif", b"II*\x00"), "cannot be read"),
    (a_truncated_tiff, "cannot be read|not of the size|truncated"),
    (a_deflate_bomb, "it unpacks to more than a page"),
    (a_colour_tiff, "wrong shape|not a grey image"),
    (a_packed_tiff, "compressed in a way that is not read"),
    (a_negative_tiff, "not a grey image"),
    (a_turned_tiff, "has the tag Orientation"),
    (too_many_pages, "too many images"),
    (mixed, "files of 2 kinds"),
    (with_a_script, r"\.py is not read"),
    (with_a_link, "a.npy is not a plain file"),
    (with_a_pipe, "a.npy is not a plain file"),
    (lambda path: path / "none.npy", "no such file or folder; expected a Zarr v3 array"),
    (lambda path: path, "files of 0 kinds"),
    (a_file("a.pt", b"x"), r"not a format that is read; .* got \.pt"),
]


@pytest.mark.parametrize(
    ("write", "message"), REFUSED, ids=[f"{i}-{m[:25]}" for i, (_, m) in enumerate(REFUSED)]
)
def test_what_is_no_plain_image_is_refused(
    write: Callable[[Path], Path], message: str, tmp_path: Path
) -> None:
    path = write(tmp_path)
    tracemalloc.start()
    try:
        with pytest.raises(TembenchError) as caught:
            list(open_image_stack(path, SHAPE, MOST).images())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert re.search(message, str(caught.value)), str(caught.value)
    assert "\n" not in str(caught.value)
    assert peak < 40e6


@pytest.mark.slow
def test_memory_does_not_grow_with_the_stack(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 9, (64, 128, 128)).astype(np.float32)
    np.savez_compressed(tmp_path / "a.npz", images)
    tifffile.imwrite(tmp_path / "a.tif", images, photometric="minisblack")
    np.save(tmp_path / "a.npy", images)
    for name in ("a.npz", "a.tif", "a.npy"):
        total = 0.0
        tracemalloc.start()
        for image in open_image_stack(tmp_path / name, (128, 128), 64).images():
            total += float(image.sum())
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert total == images.sum()
        assert peak < images.nbytes / 2, name


UNMOVED = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@UNMOVED
@given(st.binary(max_size=200))
def test_any_header_is_read_or_refused(data: bytes) -> None:
    for beginning in (b"", b"\x93NUMPY\x01\x00", header(described("<f4", (2, 24, 32)))[:20]):
        with suppress(OutputError):
            assert read_header(io.BytesIO(beginning + data), "a.npy").dtype.kind in "fiu"


@pytest.mark.slow
@UNMOVED
@given(data=st.data())
def test_a_file_with_wrong_bytes_is_read_or_refused(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("spoiled")
    write = data.draw(st.sampled_from([a_stack, a_packed_npz_stack, a_deflated_tiff]))
    path = write(folder)
    content = bytearray(path.read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        # Most of a file is values; its structure is at both ends.
        near = data.draw(st.integers(0, 300))
        at = near if data.draw(st.booleans()) else len(content) - 1 - near
        content[at] = data.draw(st.integers(0, 255))
    path.write_bytes(content)
    with suppress(OutputError):
        for image in open_image_stack(path, SHAPE, MOST).images():
            assert image.shape == SHAPE
