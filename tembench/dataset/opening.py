"""Opening of a data set: its reader, after checks that it is whole."""

from __future__ import annotations

from pathlib import Path

from tembench.core import StoreError
from tembench.dataset.drawn import DrawnStore, is_final
from tembench.dataset.model_store import ModelStore
from tembench.dataset.storage import open_files
from tembench.dataset.store import Store
from tembench.recipe import Recipe, read_seal_file, unsealed


def open_store(path: str | Path, *, complete: bool = True, seal: str | Path | None = None) -> Store:
    """Open a data set.

    Parameters
    ----------
    path : str or Path
        Folder of the store.
    complete : bool
        Whether to refuse a store whose generation is not finished.
    seal : str or Path, optional
        Seed file of a sealed test, to draw its specimens again; its images are read without.

    Raises
    ------
    StoreError
        If there is no store, it has another layout version, is damaged or not complete.
    RecipeError
        If the seed file cannot be used, or is not that of the store's commitment.

    Examples
    --------
    >>> import tembench as tb
    >>> store = tb.open_store("quickstart.zarr")  # doctest: +SKIP
    >>> store.table  # factors and splits, one row per image  # doctest: +SKIP
    >>> store.clean(99), store.noisy(99)  # doctest: +SKIP
    """
    files = open_files(path)
    store: Store = (ModelStore if isinstance(files.recipe, Recipe) else DrawnStore)(files)
    if seal is not None:
        store.recipe = unsealed(store.recipe, read_seal_file(Path(seal)), str(path))
    if complete:
        missing = store.files.missing_tasks()
        if missing:
            raise StoreError(
                f"not complete: {len(missing)} of {store.contents.n_tasks} "
                f"{store.contents.task_kind} missing",
                where=str(path),
                remedy="Run 'tembench generate' again to resume it",
            )
        if not is_final(store.files):
            raise StoreError(
                "not complete: its coordinates do not belong to its images",
                where=str(path),
                remedy="Run 'tembench generate' again to write them",
            )
    return store
