"""Arrays of a drawn store, as they are created; `drawn_contents` lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tembench.dataset.drawn import (
    CLEAN_STEP,
    FIELDS,
    MASKS,
    number_names,
    stored_spectrum_shape,
    text_names,
)
from tembench.dataset.storage import (
    N_COPIES,
    add_coordinate,
    compression,
    create_clean,
    create_counts,
    create_digests,
    create_exit_waves,
)

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
    create_clean(
        group,
        (contents.n_images, height, width),
        contents.images_per_shard,
        long_name="expected electrons over those in vacuum",
        units="1",
        scale_factor=CLEAN_STEP,
    )
    group.create_array(
        "mask",
        shape=(contents.n_specimens, height, width),
        chunks=(1, height, width),
        shards=(contents.specimens_per_window, height, width) if contents.is_even else None,
        dtype="uint8",
        compressors=compression(height * width, 1),
        dimension_names=("specimen", "y", "x"),
        attributes={
            "long_name": "masks of the specimen at rest",
            "flag_masks": list(MASKS.values()),
            "flag_meanings": " ".join(MASKS),
        },
    )
    tested = contents.under_test()
    dtype = np.dtype(contents.counts_dtype).name
    create_counts(group, (len(tested), height, width), dtype, whole=contents.whole_counts)
    create_exit_waves(
        group,
        (contents.n_waves, *stored_spectrum_shape(contents.recipe)),
        long_name="Fourier coefficients of the exit wave, frequency 0 first",
        units="1",
        frequency_step="1 / (cell_width_A, cell_height_A) of the specimen",
    )
    _create_positions(group, contents, tested)
    _create_drawn(group, contents)
    create_digests(group, contents.n_shards, contents.n_tasks)


def _create_positions(group: zarr.Group, contents: DrawnContents, tested: np.ndarray) -> None:
    height, width = contents.shape
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
        shape=(contents.n_states, contents.most_columns, len(FIELDS)),
        chunks=(contents.states_per_chunk, contents.most_columns, len(FIELDS)),
        dtype="float32",
        fill_value=np.nan,
        dimension_names=("state", "column", "field"),
        attributes={
            "long_name": "true atomic columns at rest",
            "fields": list(FIELDS),
            "components": contents.component_names,
        },
    )
