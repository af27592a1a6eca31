"""Views of a store: in a notebook, and as xarray's tree of arrays."""

from __future__ import annotations

import html
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pandas as pd
    import xarray as xr


class StoreViews:
    """What `tembench.dataset.Store` shows of itself."""

    path: Path
    recipe: Any
    table: pd.DataFrame

    def to_xarray(self) -> xr.DataTree:
        """Return all arrays as xarray's tree, read only where they are used (with dask).

        Returns
        -------
        xarray.DataTree
            At the root ``clean``, ``noisy`` and ``noisy_copies``, float32 in electrons per pixel,
            and ``exit_wave``, with factors and splits as coordinates; ``noisy`` is along
            ``test_image``, which holds the numbers of its images. ``columns`` is a node of its own,
            and so is whatever else the store has.

        Notes
        -----
        Reading starts threads, which a forked process does not inherit: in the workers of a torch
        ``DataLoader`` use `tembench.torch.NoisyCleanPairs`.

        Examples
        --------
        >>> tree = store.to_xarray()  # doctest: +SKIP
        >>> tree["clean"].sel(image=99).plot()  # doctest: +SKIP
        >>> tree["columns"].to_dataset(inherit=False).to_dataframe()  # doctest: +SKIP
        """
        import xarray as xr

        tree = xr.open_datatree(self.path, engine="zarr", chunks={})
        root = tree.to_dataset()
        for name in ("clean", "noisy", "noisy_copies"):
            root[name] = root[name].astype("float32")
        if root["clean"].attrs["units"] == "1":
            # Drawn images have doses of their own, and are stored over their vacuum.
            root["clean"] = root["clean"] * root["dose_e_per_px"].astype("float32")
            root["clean"].attrs = {"long_name": "expected electrons", "units": "electron / pixel"}
        tree.dataset = root
        return tree

    def _repr_html_(self) -> str:
        """Recipe, size, and the number of images of each part of each split, as a table."""
        head, *rest = (html.escape(line.strip()) for line in repr(self).splitlines())
        counts = {
            name.removeprefix("split_"): self.table[name].value_counts()
            for name in self.table.columns
            if name.startswith("split_")
        }
        parts = list(dict.fromkeys(part for one in counts.values() for part in one.index))
        cells = "".join(f"<th>{html.escape(str(part))}</th>" for part in parts)
        rows = "".join(
            f"<tr><th>{html.escape(split)}</th>"
            + "".join(f"<td>{one.get(part, 0):,}</td>" for part in parts)
            + "</tr>"
            for split, one in counts.items()
        )
        return (
            f"<p><strong>{head}</strong><br>{'<br>'.join(rest)}</p>"
            f"<table><tr><th>split</th>{cells}</tr>{rows}</table>"
        )
