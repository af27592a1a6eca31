"""Writer of a method's outputs: ``denoised.zarr`` and, last, ``outputs.toml``.

The attributes of ``denoised.zarr`` record its origin, so that an interrupted run is resumed only by
the same method on the same images. An image counts as present when its run time is recorded, which
is written after the image.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from tembench.core import OutputError, staging
from tembench.dataset import consolidate

if TYPE_CHECKING:
    import zarr

    from tembench.dataset import Store

OUTPUTS_FORMAT = 1
OUTPUTS_ZARR = "denoised.zarr"
OUTPUTS_TOML = "outputs.toml"
_ORIGIN = "tembench_identity"
_RUN = "tembench_run"


class OutputWriter:
    """Outputs of a run, complete or in progress.

    Parameters
    ----------
    folder : pathlib.Path
        Created by `open_outputs`.
    """

    def __init__(self, folder: Path) -> None:
        """Open the arrays."""
        import zarr

        self.folder = folder
        try:
            self._group = zarr.open_group(folder / OUTPUTS_ZARR, mode="r+")
            # Opened singly: the group's consolidated metadata may list arrays that are gone.
            self._denoised, self._seconds = (
                zarr.open_array(folder / OUTPUTS_ZARR / name, mode="r+", zarr_format=3)
                for name in ("denoised", "seconds")
            )
            self.seconds = np.asarray(self._seconds[:])
        except (FileNotFoundError, KeyError, RuntimeError, ValueError) as problem:
            raise OutputError(
                "cannot be resumed",
                where=str(folder / OUTPUTS_ZARR),
                got=f"{type(problem).__name__}: {problem}",
                remedy="remove this folder and denoise again",
            ) from problem

    def missing(self) -> list[int]:
        """Return the positions (not image numbers) that are not written, or whose file is lost."""
        chunks = self.folder / OUTPUTS_ZARR / "denoised" / "c"
        return [
            position
            for position, seconds in enumerate(self.seconds)
            if not (np.isfinite(seconds) and (chunks / str(position) / "0" / "0").is_file())
        ]

    def write_image(self, position: int, image: np.ndarray) -> None:
        """Write one image; each has its own chunk, so that processes do not conflict."""
        self._denoised[position] = image

    def record(
        self,
        position: int,
        seconds: float,
        *,
        peak_memory_MB: float,
        device: str,
        n_parameters: int | None,
    ) -> None:
        """Record that an image is written, with its cost; called in one process only.

        Parameters
        ----------
        position : int
            Index of the image in the outputs.
        seconds : float
            Run time.
        peak_memory_MB : float
            Peak memory of the process so far.
        device : str
            Device of the method.
        n_parameters : int or None
            Number of parameters of a network.
        """
        self.seconds[position] = seconds
        # Every update writes a file; such a figure is not meaningful to better than 10 %.
        if peak_memory_MB > 1.1 * self.peak_memory_MB or device != self.device:
            peak = max(round(peak_memory_MB), self.peak_memory_MB)
            run: dict[str, Any] = {
                "peak_memory_MB": peak,
                "device": device,
                "n_parameters": n_parameters,
            }
            self._group.attrs[_RUN] = run
        self._seconds[:] = self.seconds

    def discard_if_empty(self) -> None:
        """Remove the arrays if no image has been recorded."""
        if not np.isfinite(self.seconds).any():
            shutil.rmtree(self.folder / OUTPUTS_ZARR, ignore_errors=True)

    @property
    def peak_memory_MB(self) -> int:
        """Largest resident memory of a worker so far, to 10 %."""
        return int(self._run.get("peak_memory_MB", 0))

    @property
    def device(self) -> str:
        """Device that the method declares."""
        return str(self._run.get("device", "unknown"))

    @property
    def n_parameters(self) -> int | None:
        """Number of parameters that the method declares."""
        number = self._run.get("n_parameters")
        return None if number is None else int(number)

    @property
    def _run(self) -> dict[str, Any]:
        return cast(dict[str, Any], self._group.attrs.get(_RUN, {}))

    @property
    def complete(self) -> bool:
        """Whether ``outputs.toml`` exists."""
        return (self.folder / OUTPUTS_TOML).is_file()


def open_outputs(
    folder: Path,
    origin: Mapping[str, Any],
    *,
    images: Sequence[int],
    shape: tuple[int, int],
    pixel_size_A: float,
) -> OutputWriter:
    """Create a folder of outputs, or open one of the same origin.

    Parameters
    ----------
    folder : pathlib.Path
        Created if missing.
    origin : mapping
        Everything that the outputs depend on; plain values.
    images : sequence of int
        Numbers of the images in the store.
    shape : tuple of int
        (y, x) of an image.
    pixel_size_A : float
        Sampling of the coordinates.

    Raises
    ------
    OutputError
        If the folder holds something else.
    """
    arrays = folder / OUTPUTS_ZARR
    if not arrays.exists():
        if (folder / OUTPUTS_TOML).exists() or (folder.exists() and not folder.is_dir()):
            raise _not_outputs(folder)
        with staging(arrays, OutputError) as aside:
            create_output_arrays(aside, images, shape, pixel_size_A, {_ORIGIN: dict(origin)})
            aside.rename(arrays)
    refuse_other_outputs(folder, origin)
    return OutputWriter(folder)


def refuse_other_outputs(folder: Path, origin: Mapping[str, Any]) -> None:
    """Raise OutputError if `folder` holds outputs that differ in an entry of `origin`."""
    if not (folder / OUTPUTS_ZARR).exists():
        return
    differing = _differences(folder / OUTPUTS_ZARR, origin)
    if differing:
        raise OutputError(
            f"holds outputs of another run: {', '.join(differing)} differ",
            where=str(folder),
            remedy="remove this folder or name another with --out",
        )


def data_table(store: Store, split: str, part: str, images: int) -> dict[str, Any]:
    """Return the table ``[data]`` of ``outputs.toml``: the images that were denoised.

    Parameters
    ----------
    store : Store
        Data set or inputs that they are from.
    split, part : str
        As in `Store.images`.
    images : int
        Number of images of the part.
    """
    return {
        "recipe": store.recipe.name,
        "version": store.recipe.version,
        "recipe_id": store.recipe_id,
        "split": split,
        "part": part,
        "images": images,
    }


def create_output_arrays(
    folder: Path,
    images: Sequence[int],
    shape: tuple[int, int],
    pixel_size_A: float,
    attributes: Mapping[str, Any],
) -> zarr.Group:
    """Create the arrays of outputs, without values, in an empty folder.

    Parameters
    ----------
    folder : pathlib.Path
        Becomes the Zarr group.
    images : sequence of int
        Numbers of the images in the store.
    shape : tuple of int
        (y, x) of an image.
    pixel_size_A : float
        Sampling of the coordinates.
    attributes : mapping
        Attributes of the group, plain values.
    """
    import zarr
    from zarr.codecs import BloscCodec

    group = zarr.create_group(str(folder), zarr_format=3, attributes=dict(attributes))
    group.create_array(
        "denoised",
        shape=(len(images), *shape),
        chunks=(1, *shape),
        dtype="float32",
        fill_value=np.nan,
        compressors=BloscCodec(cname="zstd", clevel=3, shuffle="bitshuffle"),
        dimension_names=("image", "y", "x"),
        attributes={"long_name": "denoised image", "units": "electron / pixel"},
    )
    _coordinate(group, "seconds", "image", np.full(len(images), np.nan), "s")
    _coordinate(group, "image", "image", np.asarray(images, dtype=np.int64), "1")
    for name, size in zip(("y", "x"), shape, strict=True):
        _coordinate(group, name, name, np.arange(size) * pixel_size_A, "angstrom")
    consolidate(folder)
    return group


def _coordinate(
    group: zarr.Group, name: str, dimension: str, values: np.ndarray, unit: str
) -> None:
    group.create_array(
        name,
        data=values,
        chunks=(len(values),),
        fill_value=np.nan if values.dtype.kind == "f" else 0,
        dimension_names=(dimension,),
        attributes={"units": unit},
    )


def _differences(arrays: Path, origin: Mapping[str, Any]) -> list[str]:
    import zarr

    try:
        stored = zarr.open_group(arrays, mode="r").attrs[_ORIGIN]
    except (FileNotFoundError, KeyError, ValueError):
        raise _not_outputs(arrays.parent) from None
    if not isinstance(stored, dict):
        raise _not_outputs(arrays.parent)
    return [key for key in origin if stored.get(key) != origin[key]]


def _not_outputs(folder: Path) -> OutputError:
    return OutputError(
        "is not a folder of outputs",
        where=str(folder),
        expected=f"an empty or new folder, or one with {OUTPUTS_ZARR}",
        remedy="name another folder with --out",
    )
