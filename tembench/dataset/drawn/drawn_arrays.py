"""Arrays of a drawn store, as they are created; `drawn_contents` lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from zarr.codecs import BloscShuffle

from tembench.dataset.drawn import (
    CLEAN_STEP,
    FIELDS,
    MASKS,
    number_names,
    stored_spectrum_shape,
    text_names,
)
from tembench.dataset.storage import N_COPIES, add_coordinate, compression, create_digests
from tembench.simulate import NOISE_STEP_E

if TYPE_CHECKING:
    import zarr

    from tembench.dataset.drawn import DrawnContents


def create_drawn_arrays(group: zarr.Group, contents: DrawnContents) -> None:
    """Create all arrays of a drawn data set in an empty group, and fill in positions.

    Parameters
    ----------
    group : zarr.Group
        Group of the store, empty.
    contents : DrawnContents
        The data set.
    """
    height, width = contents.shape
    window = contents.specimens_per_window
    group.create_array(
        "clean",
        shape=(contents.n_images, height, width),
        chunks=(1, height, width),
        shards=(contents.images_per_shard, height, width),
        dtype="uint16",
        compressors=compression(height * width, 2, level=2),
        dimension_names=("image", "y", "x"),
        attributes={
            "long_name": "expected electrons over those in vacuum",
            "units": "1",
            "scale_factor": CLEAN_STEP,
        },
    )
    group.create_array(
        "mask",
        shape=(contents.n_specimens, height, width),
        chunks=(1, height, width),
        shards=(window, height, width),
        dtype="uint8",
        compressors=compression(height * width, 1),
        dimension_names=("specimen", "y", "x"),
        attributes={
            "long_name": "masks of the specimen at rest",
            "flag_masks": list(MASKS.values()),
            "flag_meanings": " ".join(MASKS),
        },
    )
    _create_counts(group, contents)
    _create_waves(group, contents)
    _create_drawn(group, contents)
    create_digests(group, contents.n_shards, contents.n_tasks)


def _create_counts(group: zarr.Group, contents: DrawnContents) -> None:
    height, width = contents.shape
    tested = contents.under_test()
    attributes: dict[str, Any] = {"long_name": "electron counts", "units": "electron / pixel"}
    if not contents.whole_counts:
        attributes |= {"long_name": "recorded electrons", "scale_factor": NOISE_STEP_E}
    n_bytes = np.dtype(contents.counts_dtype).itemsize
    counts: dict[str, Any] = {
        "dtype": np.dtype(contents.counts_dtype).name,
        "compressors": compression(height * width, n_bytes, shuffle=BloscShuffle.bitshuffle),
        "attributes": attributes,
    }
    group.create_array(
        "noisy",
        shape=(len(tested), height, width),
        chunks=(1, height, width),
        dimension_names=("test_image", "y", "x"),
        **counts,
    )
    group.create_array(
        "noisy_copies",
        shape=(N_COPIES, len(tested), height, width),
        chunks=(1, 1, height, width),
        dimension_names=("copy", "test_image", "y", "x"),
        **counts,
    )
    for name, values in (
        ("image", np.arange(contents.n_images)),
        ("test_image", tested),
        ("specimen", np.arange(contents.n_specimens)),
        ("copy", np.arange(1, N_COPIES + 1)),
        ("y", np.arange(height)),
        ("x", np.arange(width)),
    ):
        units = {"units": "pixel"} if name in "xy" else {}
        add_coordinate(group, name, values, (name,), long_name=f"number of {name}", **units)


def _create_waves(group: zarr.Group, contents: DrawnContents) -> None:
    ny, nx = stored_spectrum_shape(contents.recipe)
    group.create_array(
        "exit_wave",
        shape=(contents.n_waves, ny, nx),
        chunks=(1, ny, nx),
        dtype="complex64",
        compressors=compression(2 * nx * ny, 4),
        dimension_names=("wave", "ky", "kx"),
        attributes={
            "long_name": "Fourier coefficients of the exit wave, frequency 0 first",
            "units": "1",
            "frequency_step": "1 / (cell_width_A, cell_height_A) of the specimen",
        },
    )


def _create_drawn(group: zarr.Group, contents: DrawnContents) -> None:
    inside = group.create_group("drawn", attributes={"long_name": "what was drawn"})
    for array, names, kind in (
        ("values", number_names(contents.recipe), "float64"),
        ("texts", text_names(contents.recipe), str),
    ):
        inside.create_array(
            array,
            shape=(contents.n_images, len(names)),
            chunks=(contents.images_per_shard, len(names)),
            dtype=kind,
            dimension_names=("image", f"{array.removesuffix('s')}_name"),
            attributes={"long_name": f"{array} of every image, by name", "names": names},
        )
    inside.create_array(
        "columns",
        shape=(contents.n_specimens * contents.states_each, contents.most_columns, len(FIELDS)),
        chunks=(
            contents.specimens_per_window * contents.states_each,
            contents.most_columns,
            len(FIELDS),
        ),
        dtype="float32",
        fill_value=np.nan,
        dimension_names=("state", "column", "field"),
        attributes={
            "long_name": "true atomic columns at rest",
            "fields": list(FIELDS),
            "components": contents.component_names,
        },
    )
