"""Layout of a store: its arrays, coordinates and metadata, as they are created and checked.

A store is a Zarr v3 group that plain `zarr` and `xarray.open_zarr` read:

===============  ===========================  =======================================
array            dimensions                   content
===============  ===========================  =======================================
clean            image, y, x                  expected electrons per pixel, packed
noisy            test_image, y, x             counts of the images under test; packed, where
                                              a detector records them
noisy_copies     copy, test_image, y, x       independent counts of the same images
test_...         test_image                   factors and splits of the same images
exit_wave        wave, ky, kx                 Fourier coefficients of the exit waves
columns/...      column                       true atomic columns of every model
digests/...      shard or model, byte         SHA-256 of its values; 0: not written
===============  ===========================  =======================================
"""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import zarr
from zarr.codecs import BloscCodec, BloscShuffle

from tembench.dataset.image_table import TEST_PREFIX, factors_under_test, image_table
from tembench.dataset.splits import images_under_test
from tembench.dataset.storage import Packing
from tembench.recipe import Recipe
from tembench.simulation import NOISE_STEP_E, Columns, build_structure, find_columns

if TYPE_CHECKING:
    import pandas as pd

LAYOUT_VERSION = 1
SEALED_IDS = "sealed_ids"
"""Attribute of a sealed store with the key of its images' opaque numbers."""
RECIPE_FILES = "recipe_files"
"""Attribute with the files of atoms of a drawn recipe."""
COLUMN_ARRAYS = (
    ("x", "x_A", "angstrom"),
    ("y", "y_A", "angstrom"),
    ("depth", "depth_A", "angstrom"),
    ("element", "element", None),
    ("atoms", "atoms", "1"),
    ("in_particle", "in_particle", None),
    ("at_surface", "at_surface", None),
)
"""Arrays of the group `columns`: name, attribute of `Columns`, unit."""
SIMULATED = (
    "clean",
    "noisy",
    "noisy_copies",
    "exit_wave",
    "contrast",
    "digests/images",
    "digests/waves",
)
"""Arrays that are written as models are simulated; all others follow from the recipe."""
N_COPIES = 3
_DIGEST_BYTES = 32


def create_arrays(group: zarr.Group, recipe: Recipe, columns: Mapping[str, Columns]) -> None:
    """Create all arrays in an empty group, and fill those that need no simulation.

    Parameters
    ----------
    group : zarr.Group
        Group of the store, empty.
    recipe : Recipe
        The recipe of the data set.
    columns : mapping of str to Columns
        True atomic columns of every model, by its name.
    """
    _create_images(group, recipe, image_table(recipe))
    _create_waves(group, recipe)
    _create_columns(group, columns)
    create_digests(group, recipe.n_images // recipe.images_per_shard, len(recipe.models))


def create_digests(group: zarr.Group, shards: int, tasks: int) -> None:
    """Create the digests of shards of images and of the exit waves of tasks, all zero."""
    digests = group.create_group("digests")
    for name, length, dimension in (("images", shards, "shard"), ("waves", tasks, "model")):
        digests.create_array(
            name,
            shape=(length, _DIGEST_BYTES),
            chunks=(1, _DIGEST_BYTES),
            dtype="uint8",
            fill_value=0,
            dimension_names=(dimension, "byte"),
        )


def columns_of(recipe: Recipe) -> dict[str, Columns]:
    """True atomic columns of every model, by its name."""
    return {model.name: find_columns(build_structure(recipe, model)) for model in recipe.models}


def consolidate(path: Path) -> None:
    """Copy the metadata of all arrays of a group into its own, where xarray looks for it."""
    with warnings.catch_warnings():
        # Consolidated metadata are not part of the Zarr v3 specification; zarr warns each time.
        warnings.filterwarnings("ignore", message="Consolidated metadata")
        zarr.consolidate_metadata(str(path))


def _create_images(group: zarr.Group, recipe: Recipe, table: pd.DataFrame) -> None:
    height, width = recipe.box.shape
    count, per_shard = recipe.n_images, recipe.images_per_shard
    create_clean(
        group,
        (count, height, width),
        per_shard,
        long_name="expected electrons",
        units="electron / pixel",
        scale_factor=Packing.for_doses(recipe.doses_e_per_px).step,
        coordinates=" ".join([*table.columns, "contrast"]),
    )
    tested = images_under_test(table)
    dtype = "int16" if recipe.has_detector else "uint8"
    create_counts(group, (len(tested), height, width), dtype, whole=not recipe.has_detector)
    pixel = recipe.box.pixel_size_A
    add_coordinate(group, "image", np.arange(count), ("image",), long_name="number of the image")
    add_coordinate(
        group, "test_image", tested, ("test_image",), long_name="number of the image under test"
    )
    add_coordinate(group, "copy", np.arange(1, N_COPIES + 1), ("copy",), long_name="number of copy")
    add_coordinate(group, "y", np.arange(height) * pixel, ("y",), units="angstrom", axis="Y")
    add_coordinate(group, "x", np.arange(width) * pixel, ("x",), units="angstrom", axis="X")
    for name in table.columns:
        add_factor(group, name, table[name].to_numpy(), "image", name)
    group.create_array(
        "contrast",
        shape=(count,),
        chunks=(per_shard,),
        dtype=str,
        dimension_names=("image",),
        attributes={"long_name": "contrast class of the Pt columns"},
    )


def create_clean(
    group: zarr.Group, shape: tuple[int, int, int], per_shard: int, **attributes: Any
) -> None:
    """Create the array of packed clean images, one chunk each, so many to a shard."""
    _, height, width = shape
    group.create_array(
        "clean",
        shape=shape,
        chunks=(1, height, width),
        shards=(per_shard, height, width),
        dtype="uint16",
        compressors=compression(height * width, 2, level=2),
        dimension_names=("image", "y", "x"),
        attributes=attributes,
    )


def create_counts(
    group: zarr.Group, shape: tuple[int, int, int], dtype: str, *, whole: bool
) -> None:
    """Create the arrays of noisy images under test and of their copies.

    They are whole counts, or else steps of `NOISE_STEP_E` electrons.
    """
    _, height, width = shape
    attributes: dict[str, Any] = {"long_name": "electron counts", "units": "electron / pixel"}
    if not whole:
        attributes |= {"long_name": "recorded electrons", "scale_factor": NOISE_STEP_E}
    n_bytes = np.dtype(dtype).itemsize
    for name, more, dimensions in (("noisy", (), ()), ("noisy_copies", (N_COPIES,), ("copy",))):
        group.create_array(
            name,
            shape=(*more, *shape),
            chunks=(*(1 for _ in more), 1, height, width),
            dtype=dtype,
            compressors=compression(height * width, n_bytes, shuffle=BloscShuffle.bitshuffle),
            dimension_names=(*dimensions, "test_image", "y", "x"),
            attributes=attributes,
        )


def create_exit_waves(group: zarr.Group, shape: tuple[int, int, int], **attributes: Any) -> None:
    """Create the array of exit waves, one chunk each."""
    _, ny, nx = shape
    group.create_array(
        "exit_wave",
        shape=shape,
        chunks=(1, ny, nx),
        dtype="complex64",
        compressors=compression(2 * nx * ny, 4),
        dimension_names=("wave", "ky", "kx"),
        attributes=attributes,
    )


def create_factors_under_test(group: zarr.Group, recipe: Recipe) -> None:
    """Add the coordinates along `test_image` to the arrays of a group."""
    factors = factors_under_test(recipe)
    for name, values in factors.items():
        add_factor(group, name, values, "test_image", name.removeprefix(TEST_PREFIX))
    # CF asks an array to name its coordinates.
    for array in ("noisy", "noisy_copies"):
        group[array].attrs["coordinates"] = " ".join(factors)


def add_factor(
    group: zarr.Group,
    name: str,
    values: np.ndarray,
    dimension: str,
    factor: str,
    unit: str | None = None,
) -> None:
    """Create a coordinate with the values of a factor, whose name ends with its unit."""
    stem, unit = _unit(factor) if unit is None else (factor.replace("_", " "), unit)
    units = {"units": unit} if unit else {}
    add_coordinate(group, name, values, (dimension,), long_name=stem, **units)


def _create_waves(group: zarr.Group, recipe: Recipe) -> None:
    nx, ny = recipe.simulation.detector_grid
    models = [model for model in recipe.models for _ in model.tilts_deg]
    tilts = np.array([tilt for model in recipe.models for tilt in model.tilts_deg])
    create_exit_waves(
        group,
        (len(models), ny, nx),
        long_name="Fourier coefficients of the exit wave",
        units="1",
        coordinates="wave_model wave_tilt_x_deg wave_tilt_y_deg",
    )
    extent_x, extent_y = recipe.box.width_A, recipe.box.cell_height_A
    ky, kx = np.fft.fftfreq(ny, extent_y / ny), np.fft.fftfreq(nx, extent_x / nx)
    add_coordinate(group, "ky", ky, ("ky",), units="1 / angstrom")
    add_coordinate(group, "kx", kx, ("kx",), units="1 / angstrom")
    add_coordinate(group, "wave_model", np.array([m.name for m in models]), ("wave",))
    for axis, name in enumerate(("wave_tilt_x_deg", "wave_tilt_y_deg")):
        add_coordinate(group, name, tilts[:, axis], ("wave",), units="degree")


def _create_columns(group: zarr.Group, columns: Mapping[str, Columns]) -> None:
    inside = group.create_group("columns", attributes={"long_name": "true atomic columns"})
    counts = [len(of_model.atoms) for of_model in columns.values()]
    add_coordinate(inside, "model", np.repeat(list(columns), counts), ("column",))
    for name, key, units in COLUMN_ARRAYS:
        values = np.concatenate([getattr(of_model, key) for of_model in columns.values()])
        add_coordinate(inside, name, values, ("column",), **({"units": units} if units else {}))


def compression(
    numbers: int, n_bytes: int, *, level: int = 1, shuffle: BloscShuffle = BloscShuffle.shuffle
) -> BloscCodec:
    """Compression of a chunk of so many numbers, in one block: a sixth smaller than in many.

    Filters that predict a pixel from its neighbours are not used: other readers may lack them.
    """
    return BloscCodec(
        cname="zstd",
        clevel=level,
        shuffle=shuffle,
        typesize=n_bytes,
        blocksize=numbers * n_bytes,
    )


def add_coordinate(
    group: zarr.Group, name: str, values: np.ndarray, dimensions: tuple[str, ...], **attributes: Any
) -> None:
    """Create an array of one chunk with its values, texts or numbers."""
    text = values.dtype.kind in "OUT"
    array = group.create_array(
        name,
        shape=values.shape,
        chunks=values.shape,
        dtype=str if text else values.dtype,
        dimension_names=dimensions,
        attributes=attributes,
    )
    array[:] = values.astype(object) if text else values


def _unit(name: str) -> tuple[str, str | None]:
    units = {"_A": "angstrom", "_deg": "degree", "_nm": "nm", "_e_per_px": "electron / pixel"}
    for suffix, unit in units.items():
        if name.endswith(suffix):
            return name.removesuffix(suffix).replace("_", " "), unit
    return name.replace("_", " "), None
