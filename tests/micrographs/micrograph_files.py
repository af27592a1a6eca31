"""Image files for the tests of this folder, read, or denoised by the command line."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
import tifffile
from click.testing import CliRunner, Result

from tembench.cli import cli
from tembench.core.errors import ImageError
from tembench.methods import Denoiser, Method, load_method
from tembench.micrographs.domain.ready_method import ReadyMethod
from tembench.micrographs.domain.training_domain import Domain
from tembench.micrographs.formats import StoredImage, open_images
from tembench.micrographs.reading.read_image import Micrograph, read_micrograph

SIDE = 64
COUNTS = np.random.default_rng(1).poisson(2.0, (40, 56)).astype(np.uint8)
STACK = np.random.default_rng(2).poisson(2.0, (3, 40, 56)).astype(np.uint8)


def write_tiff(path: Path, image: np.ndarray, pixel_size_A: float) -> Path:
    """Write an image (y, x) as ImageJ does, with its pixel size in nm."""
    path.parent.mkdir(parents=True, exist_ok=True)
    per_nm = 10 / pixel_size_A
    tifffile.imwrite(path, image, imagej=True, resolution=(per_nm, per_nm), metadata={"unit": "nm"})
    return path


def counts_file(path: Path, seed: int = 0, pixel_size_A: float = 0.0625, side: int = SIDE) -> Path:
    counts = np.random.default_rng(seed).poisson(0.45, (side, side)).astype(np.float32)
    return write_tiff(path, counts, pixel_size_A)


def flat_file(path: Path, side: int = SIDE, pixel_size_A: float = 0.0625) -> Path:
    """Write a clean image that is vacuum everywhere."""
    return write_tiff(path, np.full((side, side), 0.45, np.float32), pixel_size_A)


def ready_with(
    denoiser: Denoiser, domain: Domain | None = None, method: Method | str = "gaussian"
) -> ReadyMethod:
    """A method whose denoiser, and domain if given, are replaced."""
    ready = ReadyMethod(method=load_method(method) if isinstance(method, str) else method)
    ready.__dict__["denoiser"] = denoiser
    if domain is not None:
        ready.__dict__["domain"] = domain
    return ready


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli, ["--quiet", "apply", *map(str, arguments)])


def done(*arguments: object) -> Result:
    result = run(*arguments)
    assert result.exit_code == 0, (result.output, result.exception)
    return result


def refused(kind: type[Exception], *arguments: object) -> str:
    result = run(*arguments)
    assert isinstance(result.exception, kind), (result.output, result.exception)
    return str(result.exception)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write_berkeley(
    path: Path, data: np.ndarray, names: str, unit: str = "[n_m]", first: int = 1
) -> Path:
    """A file as ncempy writes it; the names of axes in the order of the array."""
    with h5py.File(path, "w") as file:
        file.attrs["version_major"], file.attrs["version_minor"] = 0, 2
        group = file.create_group("data/image")
        group.attrs["emd_group_type"] = 1
        group["data"] = data
        for i, size in enumerate(data.shape):
            group[f"dim{i + first}"] = np.arange(size) * 0.006
            group[f"dim{i + first}"].attrs["name"] = names[i].strip()
            group[f"dim{i + first}"].attrs["units"] = unit
    return path


def refusal(path: Path, **options: object) -> str:
    with pytest.raises(ImageError) as caught:
        read_micrograph(path, **options)  # type: ignore[arg-type]
    return str(caught.value)


def is_counts(path: Path, expected: np.ndarray = COUNTS, **options: object) -> bool:
    return np.array_equal(read_micrograph(path, **options).values, expected)  # type: ignore[arg-type]


def assert_calibrated(found: Micrograph, *words: str) -> None:
    np.testing.assert_allclose(found.values, COUNTS)
    assert len(found.notes) == 1
    for word in words:
        assert word in found.notes[0]


@contextmanager
def stored(path: Path) -> Iterator[StoredImage]:
    """The only image of a file, with the frames axis and the calibration as its reader gives it."""
    with open_images(path, []) as images:
        (image,) = images
        yield image


def signal(
    data: np.ndarray, axes: Sequence[tuple[str, float, str, bool]], title: str = "movie"
) -> Mapping[str, Any]:
    """A signal as HyperSpy hands it to RosettaSciIO; axes are name, scale, unit and navigates."""
    described = [
        {"_type": "UniformDataAxis", "name": name, "scale": scale, "offset": 3.0, "units": unit,
         "size": size, "navigate": navigates, "index_in_array": i, "is_binned": False}
        for i, ((name, scale, unit, navigates), size) in enumerate(zip(axes, data.shape,
                                                                       strict=True))
    ]  # fmt: skip
    return {
        "data": data, "axes": described, "original_metadata": {}, "tmp_parameters": {},
        "metadata": {"General": {"title": title}, "Signal": {"signal_type": ""}},
        "attributes": {"_lazy": False}, "learning_results": {}, "models": None,
        "package_info": {"package": "hyperspy", "package_version": "2.3"},
    }  # fmt: skip


def write_ser(
    path: Path,
    frames: np.ndarray,
    *,
    wide: bool = False,
    total: int | None = None,
    step_m: float = 6e-12,
    seconds: float = 30.0,
) -> Path:
    """A file as TIA writes it: frames (frame, y, x), rows from the bottom; times in the tags."""
    count, height, width = frames.shape
    total = total or count
    kind = ("u1", "u2", "u4", "i1", "i2", "i4", "f4", "f8").index(frames.dtype.str[1:]) + 1
    head = struct.pack("<3H4I", 0x4949, 0x0197, 0x0220 if wide else 0x0210, 0x4122, 0x4152,
                       total, count)  # fmt: skip
    name = b"Number"
    dimension = struct.pack("<IddiI", total, 0.0, 1.0, 0, len(name)) + name + struct.pack("<I", 0)
    place = "<Q" if wide else "<I"
    table_at = len(head) + struct.calcsize(place) + 4 + len(dimension)
    at = table_at + 2 * total * struct.calcsize(place)
    body, places, tags = b"", [], []
    for i, frame in enumerate(frames):
        places.append(at + len(body))
        body += struct.pack("<ddiddihii", 0.0, step_m, 0, 0.0, step_m, 0, kind, width, height)
        body += frame[::-1].tobytes()
        tags.append(at + len(body))
        body += struct.pack("<HHI", 0x4152, 0, int(1_700_000_000 + i * seconds))
    empty = [0] * (total - count)
    table = b"".join(struct.pack(place, one) for one in (*places, *empty, *tags, *empty))
    path.write_bytes(
        head + struct.pack(place, table_at) + struct.pack("<I", 1) + dimension + table + body
    )
    return path
