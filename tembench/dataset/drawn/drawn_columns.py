"""True columns of specimens as numbers of a fixed shape, for windows, and as `Columns` again."""

from __future__ import annotations

import numpy as np

from tembench.simulation import Columns, SpecimenColumns

FIELDS = (
    "x_A", "y_A", "depth_A", "atomic_number", "atoms", "component", "in_particle", "at_surface",
)  # fmt: skip
"""Fields of a column, in the order in which they are stored."""


def pack_columns(columns: SpecimenColumns, components: np.ndarray, most: int) -> np.ndarray:
    """Columns of a specimen as numbers.

    Parameters
    ----------
    columns : SpecimenColumns
        The columns; none are packed where there are more than `most`.
    components : ndarray of int, shape (components,)
        Number in the data set of each of the specimen's components.
    most : int
        Number of columns that there is room for.

    Returns
    -------
    ndarray of float32, shape (most, fields)
        NaN after the last column.
    """
    from ase.data import atomic_numbers

    packed = np.full((most, len(FIELDS)), np.nan, dtype=np.float32)
    count = len(columns.x_A)
    if count > most:
        return packed
    values = {
        **{name: getattr(columns, name) for name in FIELDS if hasattr(columns, name)},
        "atomic_number": [atomic_numbers[str(symbol)] for symbol in columns.element],
        "component": components[columns.component],
    }
    for place, name in enumerate(FIELDS):
        packed[:count, place] = values[name]
    return packed


def unpack_columns(packed: np.ndarray) -> Columns:
    """The columns of `pack_columns`, of one specimen or of several one after the other."""
    from ase.data import chemical_symbols

    found = packed[np.isfinite(packed[..., 0])]
    values = {name: found[:, place] for place, name in enumerate(FIELDS)}
    symbols = np.array(chemical_symbols)
    return Columns(
        x_A=values["x_A"].astype(np.float64),
        y_A=values["y_A"].astype(np.float64),
        depth_A=values["depth_A"].astype(np.float64),
        element=symbols[values["atomic_number"].astype(int)],
        atoms=values["atoms"].astype(int),
        in_particle=values["in_particle"] > 0,
        at_surface=values["at_surface"] > 0,
    )
