"""Whole benchmark in one call: data set, methods, scores and table; reuses complete steps."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tembench.core import (
    MethodError,
    MissingPackage,
    OutputError,
    TembenchError,
    absolute,
    baselines_folder,
    installed,
    list_methods,
    locked,
    refuse_method_folders,
    write_text,
)
from tembench.dataset import Store, contact_sheet, generate, open_store
from tembench.methods import (
    OUTPUTS_TOML,
    TRAINING,
    Method,
    denoise,
    load_method,
    method_origin,
    refuse_other_outputs,
    refuse_other_training,
    replaces_baseline,
    suited,
    train,
)
from tembench.ranking import (
    SCORES_TOML,
    build_table,
    render_table,
    score_outputs,
    submit_outputs,
    table_image,
)
from tembench.recipe import AnyRecipe

if TYPE_CHECKING:
    from tembench.ranking import Table

_ORDER_OF_KINDS = ("control", "classical", "learned")
# Imports are checked only where one of these is missing: with them, importing takes seconds.
_LEARNING_PACKAGES = ("torch", "safetensors")


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """Results of a run.

    Attributes
    ----------
    table : Table
        The leaderboard of the run.
    written : dict of str to Path
        Paths of the store, outputs, submissions, figures and page, by these names.
    """

    table: Table
    written: dict[str, Path]


def run_benchmark(
    recipe: AnyRecipe,
    folder: Path,
    *,
    methods: tuple[str, ...] = (),
    workers: int = 2,
    say: Callable[[str], object] = print,
) -> RunResult:
    """Generate a data set, train and run methods on it, score and rank them.

    Parameters
    ----------
    recipe : Recipe or DrawnRecipe
        Recipe of the data set.
    folder : Path
        Output folder; gets ``store.zarr``, ``weights``, ``outputs``, ``submissions``,
        ``figures`` and ``leaderboard.html``.
    methods : tuple of str
        Names or folders of methods; the controls are always added. If empty, the baselines with
        a ``[quick]`` table.
    workers : int
        Number of worker processes; 0 runs in the main process.
    say : callable
        Called with each line of the report: which steps were done and which were reused.

    Returns
    -------
    RunResult
        The table, and the paths of all that was written.
    """
    folder = absolute(folder)
    chosen = [suited(method, recipe) for method in _choose(methods, say)]
    for method in chosen:
        refuse_method_folders(folder, method.folders, OutputError)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, TembenchError):
        _check_before_work(chosen, folder)
        return _run(recipe, folder, chosen, workers, say)


def _run(
    recipe: AnyRecipe,
    folder: Path,
    chosen: list[Method],
    workers: int,
    say: Callable[[str], object],
) -> RunResult:
    store = _generate(recipe, folder / "store.zarr", workers, say)
    for method in chosen:
        _run_method(method, store, folder, workers, say)
    table = build_table(folder / "submissions")
    page = folder / "leaderboard.html"
    write_text(page, render_table(table, "html"))
    figures = folder / "figures"
    contact_sheet(store, figures / "images.png")
    table_image(table, figures / "table.png")
    written = {
        "store": store.path,
        "outputs": folder / "outputs",
        "submissions": folder / "submissions",
        "figures": figures,
        "page": page,
    }
    return RunResult(table=table, written=written)


def _choose(names: tuple[str, ...], say: Callable[[str], object]) -> list[Method]:
    """Load every method before the work starts, so that mistakes show at once."""
    baselines = [load_method(name) for name in list_methods()]
    if names:
        controls = [method for method in baselines if _bounds_a_table(method)]
        named = [(name, load_method(name)) for name in names]
        for name, method in named:
            if replaces_baseline(name, method):
                say(f"{name}: the folder {method.folder}, instead of the baseline {name}")
        chosen = _distinct(controls + [method for _, method in named])
    else:
        chosen = [
            method for method in baselines if _bounds_a_table(method) or method.quick is not None
        ]
    chosen = [method.with_parameters(**(method.quick or {})) for method in chosen]
    if not all(map(installed, _LEARNING_PACKAGES)):
        chosen = [method for method in chosen if _can_be_imported(method, bool(names), say)]
    return sorted(chosen, key=lambda method: _ORDER_OF_KINDS.index(method.kind))


def _bounds_a_table(method: Method) -> bool:
    """Whether a method is a control that needs no training."""
    return method.kind == "control" and not method.trainable


def _can_be_imported(method: Method, named_by_user: bool, say: Callable[[str], object]) -> bool:
    """Leave out a method whose packages are missing; raise if the user named it."""
    try:
        method.check_imports()
    except MissingPackage as missing:
        if named_by_user:
            raise
        say(f"{method.name}: left out, {missing.what}. {missing.remedy}")
        return False
    return True


def _check_before_work(chosen: list[Method], folder: Path) -> None:
    """Raise errors that would otherwise appear only after hours of work."""
    baselines = baselines_folder().resolve()
    for method in chosen:
        if method.trainable:
            refuse_other_training(method, folder / "weights" / method.name)
        refuse_other_outputs(folder / "outputs" / method.name, method_origin(method))
        # Baselines are covered by tests, and importing torch takes seconds.
        if method.folder.parent != baselines:
            method.check()


def _distinct(methods: list[Method]) -> list[Method]:
    """Remove repeated methods; refuse two with one name, which would share outputs and a row."""
    by_name: dict[str, Method] = {}
    for method in methods:
        other = by_name.setdefault(method.name, method)
        if other.folder.resolve() != method.folder.resolve():
            raise MethodError(
                "two methods with the same name",
                where=str(method.folder / "method.toml"),
                expected=f"a name that differs from that of {other.folder}",
                got=method.name,
                remedy="Rename one of the two",
            )
    return list(by_name.values())


def _generate(recipe: AnyRecipe, path: Path, workers: int, say: Callable[[str], object]) -> Store:
    made = generate(recipe, path, workers=workers)
    status = f"generated in {made.seconds:.0f} s" if made.tasks else "complete, reused"
    say(f"data set: {recipe.n_images} images {status}")
    return open_store(path)


def _run_method(
    method: Method, store: Store, folder: Path, workers: int, say: Callable[[str], object]
) -> None:
    outputs = folder / "outputs" / method.name
    weights = folder / "weights" / method.name if method.trainable else None
    # A step rewrites its last file only if it did any work.
    steps: list[tuple[str, Path, Callable[[], object]]] = [
        (
            "denoised",
            outputs / OUTPUTS_TOML,
            lambda: denoise(method, store, outputs, weights=weights, workers=workers),
        ),
        ("scored", outputs / SCORES_TOML, lambda: score_outputs(outputs, store, workers=workers)),
    ]
    if weights is not None:
        steps.insert(0, ("trained", weights / TRAINING, lambda: train(method, store, weights)))
    done, reused = [], []
    for name, last_file, step in steps:
        before, started = _modified_ns(last_file), time.perf_counter()
        step()
        if _modified_ns(last_file) == before:
            reused.append(name)
        else:
            done.append(f"{name} in {time.perf_counter() - started:.0f} s")
    # A training that was repeated has other scores.
    submit_outputs(outputs, method.name, folder / "submissions", replace=True)
    parts = [", ".join(done)] if done else []
    if reused:
        parts.append(f"{', '.join(reused)} (reused)")
    say(f"{method.name}: {'; '.join(parts)}")


def _modified_ns(path: Path) -> int | None:
    return path.stat().st_mtime_ns if path.exists() else None
