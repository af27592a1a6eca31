"""Coordinates and columns of a drawn store, written when all of its windows are complete.

They repeat what ``drawn/values``, ``drawn/texts`` and ``drawn/columns`` say, in the form that
xarray reads: one coordinate of `image` for each value, with its unit, the same along `test_image`,
and one list of all columns. The attribute ``finalized`` records the digest of the data that they
were made from.
"""

from __future__ import annotations

import numpy as np
import zarr

from tembench.core import StoreError
from tembench.dataset.drawn import DrawnContents, unpack_columns, values_table
from tembench.dataset.image_table import TEST_PREFIX
from tembench.dataset.storage import (
    COLUMN_ARRAYS,
    StoreFiles,
    add_coordinate,
    add_factor,
    consolidate,
)
from tembench.recipe import value_names

ATTRIBUTE = "finalized"
_COLUMN_UNITS = {name: unit for name, _, unit in COLUMN_ARRAYS}


def is_final(files: StoreFiles) -> bool:
    """Whether the coordinates of a store belong to its data; those of models always do."""
    if not isinstance(files.contents, DrawnContents):
        return True
    return files.group.attrs.get(ATTRIBUTE) == files.data_digest()


def not_final(files: StoreFiles) -> None:
    """Have the coordinates of a store written again by the next `generate`."""
    files.group.attrs.pop(ATTRIBUTE, None)
    consolidate(files.path)


def finalize(files: StoreFiles) -> None:
    """Write coordinates and columns of a complete store, and consolidate its metadata.

    An interrupted call leaves a store that is not final, and is repeated by the next one.
    """
    # Without consolidated metadata, which do not know the arrays that are made here.
    group = zarr.open_group(str(files.path), mode="r+", zarr_format=3, use_consolidated=False)
    if "columns" in group:
        del group["columns"]
    group.create_group("columns", attributes={"long_name": "true atomic columns"})
    of: dict[str, list[str]] = {"image": [], "test_image": []}
    units = {one.name: one.unit for one in value_names(files.recipe)}
    # A missing file would else be taken for a lost one.
    with zarr.config.set({"array.write_empty_chunks": True}):
        for name, (dimension, factor, values) in _final_arrays(files).items():
            if name in group:
                del group[name]
            if dimension == "column":
                attributes = {"units": unit} if (unit := _COLUMN_UNITS.get(factor)) else {}
                add_coordinate(group, name, values, (dimension,), **attributes)
            else:
                add_factor(group, name, values, dimension, factor, units.get(factor))
                of[dimension].append(name)
    for array, dimension in (
        ("clean", "image"),
        ("noisy", "test_image"),
        ("noisy_copies", "test_image"),
    ):
        group[array].attrs["coordinates"] = " ".join(of[dimension])
    group.attrs[ATTRIBUTE] = files.data_digest()
    consolidate(files.path)


def damaged_final(files: StoreFiles) -> list[str]:
    """Names of the arrays of a final store that do not repeat its drawn values and columns."""
    if not isinstance(files.contents, DrawnContents) or ATTRIBUTE not in files.group.attrs:
        return []
    try:
        expected = _final_arrays(files)
    except StoreError:  # what they follow from is itself damaged
        return []
    return [name for name, (_, _, values) in expected.items() if not files.holds(name, values)]


def _first_columns(files: StoreFiles, contents: DrawnContents) -> list[np.ndarray]:
    """True columns of every specimen; where atoms jump, those of its first image."""
    found = []
    # Window by window: room for the most columns that a frame can hold is a hundred times what
    # most specimens have.
    written = files.written_tasks()
    for task in range(contents.n_tasks):
        specimens = contents.written_with(task)
        count = specimens.stop - specimens.start
        if task not in written:
            found += [np.empty((0, files.array("drawn/columns").shape[-1]))] * count
        elif count:
            states = contents.states_of(specimens)
            packed = files.read("drawn/columns", states)
            for state in contents.first_state[specimens] - states.start:
                found.append(packed[state][np.isfinite(packed[state][:, 0])])
    return found


def _final_arrays(files: StoreFiles) -> dict[str, tuple[str, str, np.ndarray]]:
    """Dimension, factor and values of each array that is written when a store is complete."""
    contents = files.contents
    assert isinstance(contents, DrawnContents)
    table = values_table(
        contents.recipe,
        contents.table(),
        files.read_images("drawn/values", np.nan),
        files.read_images("drawn/texts", ""),
    )
    tested, arrays = contents.under_test(), {}
    for name in table.columns:
        values = table[name].to_numpy()
        arrays[name] = ("image", name, values)
        arrays[TEST_PREFIX + name] = ("test_image", name, values[tested])
    packed = _first_columns(files, contents)
    columns = unpack_columns(np.concatenate(packed))
    names = [contents.place_of(number).name for number in range(contents.n_specimens)]
    models = np.repeat(np.array(names, dtype=object), [len(one) for one in packed])
    arrays["columns/model"] = ("column", "model", models)
    for name, key, _ in COLUMN_ARRAYS:
        arrays[f"columns/{name}"] = ("column", name, getattr(columns, key))
    return arrays
