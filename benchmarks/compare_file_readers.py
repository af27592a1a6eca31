"""Comparison of image files as read by tembench and by a second reader.

    PYTHONPATH=EXTRA python benchmarks/compare_file_readers.py FOLDER

For every file in FOLDER and its subfolders, prints shape, pixel size and orientation as read by
`read_micrograph`, and the comparison with mrcfile (.mrc), ncempy (.emd, .dm3, .dm4), tifffile and
RosettaSciIO (.tif) or NumPy (.npy). From a stack, frame 0 is used; from a file with several
images, the first that is an image.

- ``same``: equal values at equal pixels;
- ``a line``: equal pixels up to a scale or an offset, which a note states;
- ``turned``: as a note says, in an orientation that the second reader ignores;
- ``WRONG``: anything else. The exit code is then 1.
- ``refused``: by tembench, with its message. A dash marks files that cannot be compared.

mrcfile and ncempy are only needed here: ``pip install --target EXTRA mrcfile ncempy``.
"""

from __future__ import annotations

import argparse
import re
import sys
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tembench.core import ImageError, TembenchError
from tembench.micrographs.reading.read_image import SUFFIXES, Micrograph, read_micrograph
from tembench.micrographs.reading.units import in_angstrom

Second = tuple[np.ndarray, float | None]
SYMMETRIES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "as stored": lambda a: a,
    "mirrored": lambda a: a[:, ::-1],
    "upside down": lambda a: a[::-1],
    "turned by 180 degrees": lambda a: a[::-1, ::-1],
    "transposed": lambda a: a.T,
    "turned left": lambda a: a.T[::-1],
    "turned right": lambda a: a.T[:, ::-1],
    "transposed across": lambda a: a.T[::-1, ::-1],
}


def image_files(folder: Path) -> list[Path]:
    return sorted(
        path for path in folder.rglob("*") if path.is_file() and path.suffix.lower() in SUFFIXES
    )


def needed(module: str) -> Any:
    try:
        return __import__(module, fromlist=["_"])
    except ModuleNotFoundError as problem:
        package = problem.name or module
        sys.exit(f"{package} is missing: pip install --target EXTRA {package}, and see --help")


def second_reading(path: Path, dataset: int, frame: int) -> Second | None:
    """Values (y, x) and pixel size from another reader; None if it cannot read the file."""
    readers = {".mrc": _mrc, ".emd": _emd, ".dm3": _dm, ".dm4": _dm, ".npy": _npy}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = readers.get(path.suffix.lower(), _tiff)(path, dataset)
        except Exception:
            return None
    if found is None:
        return None
    values, size_A = found
    values = np.asarray(values)
    while values.ndim > 2:
        singles = [i for i, n in enumerate(values.shape) if n == 1]
        values = values.squeeze(singles[0]) if singles else values[frame]
    return (values, size_A) if values.ndim == 2 else None


def _mrc(path: Path, dataset: int) -> Second:
    with needed("mrcfile").open(path, permissive=True) as file:
        size = float(file.voxel_size.x)
        return np.array(file.data), size or None


def _emd(path: Path, dataset: int) -> Second | None:
    import h5py

    with h5py.File(path) as file:
        if "Version" in file:
            # (y, x, frame)
            data = file["Data/Image"][list(file["Data/Image"])[dataset]]["Data"][()]
            return np.moveaxis(data, -1, 0), None
    found = needed("ncempy.io.emd").emdReader(str(path), dataset)
    sizes = zip(found["pixelSize"], found["pixelUnit"], strict=True)
    names = [_text(name) for name in found["pixelName"]]
    # ncempy does not reorder the array; the axis names give its order.
    first_is_x = "x" in names and "y" in names and names.index("x") < names.index("y")
    data = np.transpose(found["data"]) if first_is_x else found["data"]
    return data, _length([(float(size), _text(unit)) for size, unit in sizes])


def _dm(path: Path, dataset: int) -> Second | None:
    found = needed("ncempy.io.dm").dmReader(str(path), dataset)
    pairs = zip(found["pixelSize"], found["pixelUnit"], strict=True)
    return found["data"], _length([(float(size), _text(unit)) for size, unit in pairs])


def _npy(path: Path, dataset: int) -> Second:
    return np.load(path), None


def _tiff(path: Path, dataset: int) -> Second:
    import tifffile
    from rsciio import tiff

    with tifffile.TiffFile(path) as file:
        data, axes_of = file.series[dataset].asarray(), file.series[dataset].axes
    # Grey with transparency: keep the grey channel.
    data = data[..., 0] if axes_of.endswith("S") else data
    axes = tiff.file_reader(str(path))[dataset]["axes"]
    return data, _length([(float(axis["scale"]), str(axis["units"] or "")) for axis in axes])


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value or "")


def _length(axes: list[tuple[float, str]]) -> float | None:
    try:
        sizes = [in_angstrom(*axis) for axis in axes[-2:]]
    except ImageError:
        return None
    return None if None in sizes else abs(sum(sizes) / 2)  # type: ignore[arg-type]


def correlation(a: np.ndarray, b: np.ndarray) -> float:
    a, b = (one.astype(np.float64) - one.mean(dtype=np.float64) for one in (a, b))
    norm = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / norm if norm > 0 else 1.0


def best_symmetry(values: np.ndarray, other: np.ndarray) -> tuple[str, float]:
    """The symmetry that brings the other image closest to the first, and their correlation."""
    found = {name: turn(other) for name, turn in SYMMETRIES.items()}
    scores = {
        name: correlation(values, turned)
        for name, turned in found.items()
        if turned.shape == values.shape
    }
    if not scores:
        return "of another shape", 0.0
    best = max(scores, key=lambda name: (round(scores[name], 9), name == "as stored"))
    return best, scores[best]


def verdict(ours: Micrograph, second: Second | None, message: str) -> str:
    if second is None or second[0].dtype.kind not in "uif":
        return "-"
    values, size_A = second
    # A pixel size too coarse to show atoms is refused, but was read.
    refused = re.search(r"got ([\d.e+-]+) Å", message)
    our_A = float(refused[1]) if refused else ours.pixel_size_A
    notes = " ".join(ours.notes)
    how, alike = best_symmetry(ours.values, values)
    size = ""
    if size_A and our_A and abs(our_A / abs(size_A) - 1) > 0.01:
        size = f" WRONG pixel size: {size_A:.5g} Å by the other"
    nan = values.dtype.kind == "f"
    if ours.values.shape == values.shape and np.array_equal(ours.values, values, equal_nan=nan):
        return f"same{size}"
    if alike < 0.999:
        return f"WRONG values ({how}, {alike:.3f}){size}"
    if how != "as stored":
        stated = re.search("transposed|turned|mirrored", notes)
        return f"turned{size}" if stated else f"WRONG: {how}{size}"
    return f"a line{size}" if "stored numbers" in notes else f"WRONG scale{size}"


def read(path: Path) -> tuple[Micrograph | None, int, str]:
    """The image, its index in the file, and the message if it was refused."""
    dataset, options, text = 0, {}, ""
    for _ in range(20):
        try:
            return read_micrograph(path, **options), dataset, text
        except TembenchError as problem:
            text = str(problem).removeprefix(f"{path}: ")
        if "--frame sum" in text and "frame" not in options:
            options["frame"] = 0
        elif "pixel size" in text and "pixel_size_A" not in options:
            options["pixel_size_A"] = 1.0
        elif "Choose one with --dataset" in text:
            options["dataset"] = 0
        elif "dataset" in options and "has no image" not in text:
            dataset += 1
            options = {"dataset": dataset}
        else:
            break
    return None, dataset, text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    tally: dict[str, int] = {}
    for path in image_files(folder):
        image, dataset, text = read(path)
        if image is None:
            found, shown = "refused", text
        else:
            # Thumbnails are skipped, so the image need not be the first one.
            tries = [verdict(image, second_reading(path, i, 0), text) for i in (dataset, 1, 2)]
            found = next((one for one in tries if "WRONG" not in one and one != "-"), tries[0])
            size = f"{image.pixel_size_A:.5g} Å" if image.pixel_size_A else "no size"
            shape = " x ".join(map(str, image.values.shape))
            shown = "; ".join([f"{shape} {image.values.dtype}, {size}", *image.notes])
            if text:
                shown += f" ({text[:100]})"
        word = "WRONG" if "WRONG" in found else found
        tally[word] = tally.get(word, 0) + 1
        print(f"{str(path.relative_to(folder))[-46:]:46} {found:8} {shown}")
    print(", ".join(f"{count} {word}" for word, count in sorted(tally.items())))
    sys.exit(1 if "WRONG" in tally else 0)


if __name__ == "__main__":
    main()
