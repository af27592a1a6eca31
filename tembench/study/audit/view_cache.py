"""Views of an audit in a folder: each is simulated once, and used for every method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tembench.core import (
    OutputError,
    locked,
    progress,
    read_toml,
    run_tasks,
    seed_sequence,
    write_bytes,
    write_toml,
)
from tembench.dataset import DrawnStore
from tembench.recipe import Recipe
from tembench.study.audit import (
    CHANGES,
    VIEWS,
    Scene,
    View,
    closed_scene,
    drawn_scene,
    refuse_unknown_models,
    simulate_views,
)

if TYPE_CHECKING:
    from tembench.dataset import Store

VIEWS_TOML = "views.toml"
# Raised whenever a view of the same store would be another.
_VERSION = 1


@dataclass(frozen=True, kw_only=True)
class AuditViews:
    """Simulated views of some images of a store.

    Attributes
    ----------
    folder : Path
        Where they are.
    store : Store
        The store.
    part : str
        Part of its split by model.
    images : mapping of int to str
        Numbers of the images, with the specimen (or model) of each.
    """

    folder: Path
    store: Store
    part: str
    images: Mapping[int, str]

    def of(self, image: int, case: str) -> View:
        """The view of an image in a case; OutputError where its file is damaged."""
        path = self._path(image, VIEWS[case])
        try:
            return View.from_bytes(path.read_bytes())
        except (OSError, ValueError, KeyError, EOFError) as problem:
            raise OutputError(
                "not a view of an audit",
                where=str(path),
                got=f"{type(problem).__name__}",
                remedy="Remove the file and rerun the command, which makes it again",
            ) from None

    def missing(self, image: int) -> list[str]:
        """Cases whose view of an image is not there yet."""
        return [
            case for case in dict.fromkeys(VIEWS.values()) if not self._path(image, case).exists()
        ]

    def make(self, image: int) -> int:
        """Simulate the views of an image that are missing; return their number."""
        cases = self.missing(image)
        views = simulate_views(image_scene(self.store, image), [CHANGES[case] for case in cases])
        for case, view in zip(cases, views, strict=True):
            write_bytes(self._path(image, case), view.to_bytes())
        return len(cases)

    def _path(self, image: int, case: str) -> Path:
        return self.folder / f"{image:06}-{case}.npz"


def image_scene(store: Store, image: int) -> Scene:
    """Scene of an image of any store."""
    if isinstance(store, DrawnStore):
        return drawn_scene(store, image)
    row = store.table.iloc[int(image)]
    return closed_scene(
        store.recipe,
        next(model for model in store.recipe.models if model.name == row["model"]),
        tilt_deg=(float(row["tilt_x_deg"]), float(row["tilt_y_deg"])),
        defocus_nm=float(row["defocus_nm"]),
        condition=store.recipe.conditions[str(row["condition"])],
    )


def audit_images(store: Store, part: str, specimens: int, images: int) -> dict[int, str]:
    """Choose the images of an audit.

    Parameters
    ----------
    store : Store
        The store.
    part : str
        Part of its split by model.
    specimens : int
        Greatest number of specimens (or models) with atoms, drawn from the recipe's seed.
    images : int
        Greatest number of images of each, drawn likewise; first frames of their exposures.

    Returns
    -------
    dict of int to str
        Image numbers, ascending, with the specimen of each. Those of fewer specimens or images are
        among those of more.
    """
    table = store.table.iloc[store.images("model", part)]
    if isinstance(store.recipe, Recipe):
        refuse_unknown_models(store.recipe)
        blank = {model.name for model in store.recipe.models if model.is_blank}
        table = table[~table["model"].isin(blank)]
    else:
        table = table[(table["atoms"] > 0) & (table["frame"] == 0)]
    names = list(dict.fromkeys(table["model"]))
    chosen: dict[int, str] = {}
    for position in _draw(store, 0, len(names), specimens):
        own = table.index[table["model"] == names[position]]
        drawn = _draw(store, 1 + position, len(own), images)
        chosen |= {int(own[i]): str(names[position]) for i in drawn}
    if not chosen:
        raise OutputError(
            f"no image with atoms in the part {part}",
            where=str(store.path),
            remedy="Audit another part, with --part",
        )
    return dict(sorted(chosen.items()))


def _draw(store: Store, number: int, total: int, most: int) -> list[int]:
    generator = np.random.default_rng(seed_sequence(store.recipe.seed, "audit images", number))
    return [int(i) for i in generator.permutation(total)[:most]]


def audit_views(
    store: Store,
    folder: Path,
    *,
    part: str = "test",
    specimens: int = 20,
    images: int = 1,
    workers: int = 2,
) -> AuditViews:
    """Simulate the views of an audit, as far as a folder lacks them.

    Parameters
    ----------
    store : Store
        Its specimens are changed.
    folder : Path
        Holds the views of this store only; any number of specimens, images and parts share it.
    part, specimens, images
        As in `audit_images`.
    workers : int
        Number of processes; 0 works in this one. Changes no value.

    Raises
    ------
    OutputError
        If the folder holds something else.
    """
    views = AuditViews(
        folder=folder,
        store=store,
        part=part,
        images=audit_images(store, part, specimens, images),
    )
    _claim(folder, store)
    with locked(folder, OutputError):
        lacking = [image for image in views.images if views.missing(image)]
        total = len(views.images) * len(set(VIEWS.values()))
        done = total - sum(len(views.missing(image)) for image in lacking)
        with progress("Simulating changed specimens", total, done) as advance:
            for made in run_tasks(
                _MakeJob(views=views), lacking, workers, OutputError, where=folder
            ):
                advance(made)
    return views


@dataclass(frozen=True, kw_only=True)
class _MakeJob:
    views: AuditViews

    def prepare(self) -> Callable[[int], int]:
        return self.views.make


def _claim(folder: Path, store: Store) -> None:
    """Write down whose views a folder holds, or refuse it."""
    origin: dict[str, Any] = {
        "version": _VERSION,
        "recipe": store.recipe.name,
        "recipe_id": store.recipe_id,
        "changes": {name: repr(change) for name, change in CHANGES.items()},
    }
    path = folder / VIEWS_TOML
    if path.is_file():
        found = read_toml(path, OutputError)
        if found != origin:
            raise OutputError(
                "holds the views of another audit",
                where=str(folder),
                expected=f"{store.recipe.name} {store.recipe_id[:8]}, version {_VERSION}",
                got=f"{found.get('recipe')} {str(found.get('recipe_id'))[:8]}, "
                f"version {found.get('version')}",
                remedy="Name another folder with --cases",
            )
        return
    if folder.is_dir() and any(folder.iterdir()):
        raise OutputError(
            "is not empty, and holds no views of an audit",
            where=str(folder),
            remedy="Name another folder with --cases",
        )
    write_toml(path, origin)
