"""Everything in one go: data set, methods, scores, table; reuses what is complete."""

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
    locked,
    refuse_method_folder,
    write_text,
)
from tembench.dataset import Store, contact_sheet, generate, open_store
from tembench.leaderboard import (
    SCORES_TOML,
    build_table,
    render_table,
    score,
    submit,
    table_image,
)
from tembench.methods import (
    Method,
    available_methods,
    denoise,
    load_method,
    method_identity,
    refuse_other_training,
    replaces_baseline,
    train,
)
from tembench.methods.runs.output_writer import DESCRIPTION, refuse_other_outputs
from tembench.methods.training.records import TRAINING
from tembench.recipe import Recipe

if TYPE_CHECKING:
    from tembench.leaderboard import Table

_ORDER = ("control", "classical", "learned")
# To import a method takes seconds where these are there, and none where they are missing.
_LEARNING = ("torch", "safetensors")


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """What a run made.

    Attributes
    ----------
    table : Table
        The results.
    written : dict of str to Path
        Where the store, the outputs, the figures and the page are.
    """

    table: Table
    written: dict[str, Path]


def run_benchmark(
    recipe: Recipe,
    folder: Path,
    *,
    methods: tuple[str, ...] = (),
    workers: int = 2,
    say: Callable[[str], object] = print,
) -> RunResult:
    """Generate a data set, run methods on it, score them and compare.

    Parameters
    ----------
    recipe : Recipe
        The data set.
    folder : Path
        Gets ``store.zarr``, ``weights``, ``outputs``, ``submissions``, ``figures`` and
        ``leaderboard.html``.
    methods : tuple of str
        Names or folders of methods; the controls are always among them. Empty: the
        baselines that are quick.
    workers : int
        Number of processes.
    say : callable
        Told, line by line, what is done and what is reused.
    """
    folder = absolute(folder)
    chosen = _choose(methods, say)
    for method in chosen:
        refuse_method_folder(folder, method.folder, OutputError)
    folder.mkdir(parents=True, exist_ok=True)
    with locked(folder, TembenchError):
        _check_first(chosen, folder)
        return _run(recipe, folder, chosen, workers, say)


def _run(
    recipe: Recipe,
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
    """Load every method before long work begins, so that a slip shows at once."""
    baselines = [load_method(name) for name in available_methods()]
    if names:
        controls = [method for method in baselines if method.kind == "control"]
        named = [(name, load_method(name)) for name in names]
        for name, method in named:
            if replaces_baseline(name, method):
                say(f"{name}: the folder {method.folder}, instead of the baseline of that name")
        chosen = _distinct(controls + [method for _, method in named])
    else:
        chosen = [
            method for method in baselines if method.kind == "control" or method.quick is not None
        ]
    chosen = [method.with_parameters(**(method.quick or {})) for method in chosen]
    if not all(map(installed, _LEARNING)):
        chosen = [method for method in chosen if _can_be_imported(method, bool(names), say)]
    return sorted(chosen, key=lambda method: _ORDER.index(method.kind))


def _can_be_imported(method: Method, asked_for: bool, say: Callable[[str], object]) -> bool:
    """Leave out a method whose packages are missing; what was asked for by name is an error."""
    try:
        method.check_imports()
    except MissingPackage as missing:
        if asked_for:
            raise
        say(f"{method.name}: left out, {missing.what}. {missing.remedy}")
        return False
    return True


def _check_first(chosen: list[Method], folder: Path) -> None:
    """Raise what a method or an earlier run would else show after long work only."""
    ours = baselines_folder().resolve()
    for method in chosen:
        if method.trainable:
            refuse_other_training(method, folder / "weights" / method.name)
        refuse_other_outputs(folder / "outputs" / method.name, method_identity(method))
        # Ours are tested, and to load torch takes seconds.
        if method.folder.parent != ours:
            method.check()


def _distinct(methods: list[Method]) -> list[Method]:
    """Each method once; two that share a name would share a row and a folder of outputs."""
    found: dict[str, Method] = {}
    for method in methods:
        other = found.setdefault(method.name, method)
        if other.folder.resolve() != method.folder.resolve():
            raise MethodError(
                "two methods of one name",
                where=str(method.folder / "method.toml"),
                expected=f"another name than that of {other.folder}",
                got=method.name,
                remedy="Choose another name",
            )
    return list(found.values())


def _generate(recipe: Recipe, path: Path, workers: int, say: Callable[[str], object]) -> Store:
    made = generate(recipe, path, workers=workers)
    how = f"generated in {made.seconds:.0f} s" if made.models else "complete, reused"
    say(f"data set: {recipe.n_images} images {how}")
    return open_store(path)


def _run_method(
    method: Method, store: Store, folder: Path, workers: int, say: Callable[[str], object]
) -> None:
    outputs = folder / "outputs" / method.name
    weights = folder / "weights" / method.name if method.trainable else None
    # Each step writes its last file only when it has done something.
    steps: list[tuple[str, Path, Callable[[], object]]] = [
        (
            "denoised",
            outputs / DESCRIPTION,
            lambda: denoise(method, store, outputs, weights=weights, workers=workers),
        ),
        ("scored", outputs / SCORES_TOML, lambda: score(outputs, store, workers=workers)),
    ]
    if weights is not None:
        steps.insert(0, ("trained", weights / TRAINING, lambda: train(method, store, weights)))
    done, reused = [], []
    for name, last_file, step in steps:
        before, started = _stamp(last_file), time.perf_counter()
        step()
        if _stamp(last_file) == before:
            reused.append(name)
        else:
            done.append(f"{name} in {time.perf_counter() - started:.0f} s")
    submit(outputs, method.name, folder / "submissions")
    parts = [", ".join(done)] if done else []
    if reused:
        parts.append(f"{', '.join(reused)} already, reused")
    say(f"{method.name}: {'; '.join(parts)}")


def _stamp(path: Path) -> int | None:
    return path.stat().st_mtime_ns if path.exists() else None
