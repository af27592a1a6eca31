"""Coordinates and columns of a drawn store, written when all of its windows are complete.

They repeat what ``drawn/values``, ``drawn/texts`` and ``drawn/columns`` say, in the form that
xarray reads: one coordinate of `image` for each value, with its unit, the same along `test_image`,
and one list of all columns. The attribute ``finalized`` records the digest of the data that they
were made from.
"""

from __future__ import annotations

import numpy as np
import zarr

from tembench.dataset.drawn.drawn_columns import unpack_columns
from tembench.dataset.drawn.drawn_contents import DrawnContents
from tembench.dataset.drawn.drawn_values import values_table
from tembench.dataset.image_table import TEST_PREFIX
from tembench.dataset.layout import COLUMN_ARRAYS, add_coordinate, add_factor, consolidate
from tembench.dataset.store_files import StoreFiles

ATTRIBUTE = "finalized"


def is_final(files: StoreFiles) -> bool:
    """Whether the coordinates of a store belong to its data; those of models always do."""
    if not isinstance(files.contents, DrawnContents):
        return True
    return files.group.attrs.get(ATTRIBUTE) == files.data_digest()


def finalize(files: StoreFiles) -> None:
    """Write coordinates and columns of a complete store, and consolidate its metadata.

    An interrupted call leaves a store that is not final, and is repeated by the next one.
    """
    contents = files.contents
    assert isinstance(contents, DrawnContents)
    # Without consolidated metadata, which do not know the arrays that are made here.
    group = zarr.open_group(str(files.path), mode="r+", zarr_format=3, use_consolidated=False)
    table = values_table(
        contents.recipe,
        contents.table(),
        files.read("drawn/values", ...),
        files.read("drawn/texts", ...),
    )
    tested = contents.under_test()
    for name in table.columns:
        values = table[name].to_numpy()
        for array, dimension, chosen in (
            (name, "image", values),
            (TEST_PREFIX + name, "test_image", values[tested]),
        ):
            _remove(group, array)
            add_factor(group, array, chosen, dimension, name)
    _write_columns(group, files, contents)
    group["clean"].attrs["coordinates"] = " ".join(table.columns)
    for array in ("noisy", "noisy_copies"):
        group[array].attrs["coordinates"] = " ".join(TEST_PREFIX + name for name in table.columns)
    group.attrs[ATTRIBUTE] = files.data_digest()
    consolidate(files.path)


def _write_columns(group: zarr.Group, files: StoreFiles, contents: DrawnContents) -> None:
    """The columns of all specimens one after the other, as a store of models lists them.

    Where atoms jump, those of each specimen's first image.
    """
    _remove(group, "columns")
    packed = files.read("drawn/columns", ...)[:: contents.states_each]
    columns = unpack_columns(packed)
    names = [contents.place_of(number).name for number in range(contents.n_specimens)]
    counts = np.isfinite(packed[..., 0]).sum(axis=1)
    inside = group.create_group("columns", attributes={"long_name": "true atomic columns"})
    add_coordinate(inside, "model", np.repeat(np.array(names, dtype=object), counts), ("column",))
    for name, key, units in COLUMN_ARRAYS:
        attributes = {"units": units} if units else {}
        add_coordinate(inside, name, getattr(columns, key), ("column",), **attributes)


def _remove(group: zarr.Group, name: str) -> None:
    if name in group:
        del group[name]
