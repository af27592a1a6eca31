"""Descriptions of recipes, stores, generations and verifications, as text and plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pandas as pd

from tembench.core import amount_text
from tembench.dataset.generation import Generation, Verification, lost
from tembench.dataset.image_table import image_table
from tembench.dataset.reports.describe_drawn import describe_drawn, describe_draws, drawn_text
from tembench.dataset.splits import UNUSED, images_under_test
from tembench.dataset.storage import REPAIR
from tembench.dataset.store import Store
from tembench.recipe import PARTS, AnyRecipe, Recipe, recipe_id

_COUNTED_FACTORS = (
    "particle",
    "defect",
    "support",
    "thickness_A",
    "tilt_deg",
    "defocus_nm",
    "condition",
)


def describe_recipe(recipe: AnyRecipe) -> dict[str, Any]:
    """Describe a recipe's data set, as plain values for JSON."""
    if not isinstance(recipe, Recipe):
        return describe_drawn(recipe)
    table = image_table(recipe)
    microscope = recipe.microscope
    return {
        "name": recipe.name,
        "version": recipe.version,
        "description": recipe.description,
        "licence": recipe.licence,
        "recipe_id": recipe_id(recipe),
        "seed": recipe.seed,
        "images": recipe.n_images,
        "models": len(recipe.models),
        "image_px": list(recipe.box.shape),
        "pixel_size_A": recipe.box.pixel_size_A,
        "dose_e_per_px": microscope.dose_e_per_px,
        "energy_keV": microscope.energy_keV,
        "conditions": {name: asdict(condition) for name, condition in recipe.conditions.items()},
        "factors": {
            factor: _counts(table, factor)
            for factor in _COUNTED_FACTORS
            if factor != "condition" or len(recipe.conditions) > 1
        },
        "splits": _splits(table, recipe),
        "images_under_test": len(images_under_test(table)),
    }


def recipe_text(content: dict[str, Any]) -> str:
    """Text of a `describe_recipe`."""
    if "kinds" in content:
        return drawn_text(content)
    height, width = content["image_px"]
    lines = [
        f"{content['name']} {content['version']}: {content['description']}",
        f"recipe_id   {content['recipe_id']}",
        f"images      {content['images']} of {content['models']} atomic models, "
        f"{height} x {width} px of {content['pixel_size_A']:g} A",
        f"dose        {_doses(content)} e/px in vacuum, {content['energy_keV']:g} keV",
        f"licence     {content['licence']}, seed {content['seed']}",
        "",
        *_factor_lines(content["factors"]),
        "",
        *_split_lines(content["splits"]),
    ]
    return "\n".join(lines)


def describe_store(store: Store) -> dict[str, Any]:
    """Describe a store's state and content, as plain values for JSON."""
    missing = store.files.missing_tasks()
    absent = [str(file.relative_to(store.path)) for file in lost(store.files)]
    content = {
        **describe_recipe(store.recipe),
        "path": _shown(store.path),
        "complete": not (missing or absent),
        "lost_chunks": absent,
        "tasks": store.contents.n_tasks,
        "task_kind": store.contents.task_kind,
        "missing_models": [store.contents.task_name(number) for number in missing],
        "size_bytes": _folder_size(store.path),
        "data_digest": store.data_digest(),
        "made_by": str(store.files.group.attrs.get("source")),
    }
    if not isinstance(store.recipe, Recipe):
        return content if missing or absent else {**content, "drawn": describe_draws(store.table)}
    if not missing and not any(file.startswith("contrast/") for file in absent):
        content["factors"]["contrast"] = _counts(store.table, "contrast")
        content["splits"] = _splits(store.table, store.recipe)
    return content


def store_text(content: dict[str, Any]) -> str:
    """Text of a `describe_store`."""
    missing = len(content["missing_models"])
    state = (
        f"{missing} of {content['tasks']} {content['task_kind']} missing" if missing else "complete"
    )
    if content["lost_chunks"]:
        state = "damaged" if not missing else f"damaged, {state}"
    size = amount_text(content["size_bytes"], "B")
    lines = [
        f"{content['path']}: {state}, {size}, {content['made_by']}",
        recipe_text(content),
        "",
        f"data digest {content['data_digest']}",
    ]
    absent = content["lost_chunks"]
    if absent:
        lines.insert(1, f"damaged: {len(absent)} chunks are lost, such as {absent[0]}. {REPAIR}")
    return "\n".join(lines)


def describe_generation(made: Generation, store: Store) -> dict[str, Any]:
    """Describe a run of `generate` or `reimage`, as plain values for JSON."""
    return {
        "store": _shown(store.path),
        "recipe_id": store.recipe_id,
        "tasks": store.contents.n_tasks,
        "task_kind": store.contents.task_kind,
        "tasks_simulated": made.tasks,
        "images": store.contents.n_images,
        "images_simulated": made.images,
        "seconds": round(made.seconds, 3),
        "images_per_second": round(made.images / made.seconds, 2),
        "stages": {name: round(seconds, 3) for name, seconds in _longest_first(made.stages)},
        "peak_memory_bytes": made.peak_memory_bytes,
        "memory_of_all_processes": made.memory_of_all,
        "size_bytes": _folder_size(store.path),
        "data_digest": store.data_digest(),
    }


def generation_text(content: dict[str, Any]) -> str:
    """Text of a `describe_generation`."""
    path, digest = content["store"], f"data {content['data_digest']}"
    if not content["tasks_simulated"]:
        return f"{path}: complete already, reused; {content['images']} images\n{digest}"
    size = amount_text(content["size_bytes"], "B")
    lines = [
        f"{path}: {content['tasks_simulated']} of {content['tasks']} {content['task_kind']} "
        f"simulated in "
        f"{content['seconds']:.0f} s; {content['images']} images, {size}",
        f"speed {content['images_per_second']:.3g} images/s",
    ]
    if content["peak_memory_bytes"] is not None:
        whose = "all processes" if content["memory_of_all_processes"] else "the largest process"
        peak = amount_text(content["peak_memory_bytes"], "B")
        lines[-1] += f", at most {peak} of memory in {whose}"
    whole = sum(content["stages"].values())
    parts = [f"{name} {seconds / whole:.0%}" for name, seconds in content["stages"].items()]
    return "\n".join([*lines, f"time  {', '.join(parts)}", digest])


def verification_text(verified: Verification) -> str:
    """Text of a `Verification`."""
    lines = [f"{verified.shards} shards and the waves of {verified.tasks} tasks read back"]
    for kind, numbers in (
        ("shard", verified.damaged_shards),
        ("waves of task", verified.damaged_waves),
    ):
        lines += [f"damaged: {kind} {number}" for number in numbers]
    lines += [f"damaged: array {name}" for name in verified.damaged_coordinates]
    lines += [
        f"{comparison.task}: {comparison.verdict} "
        f"(largest difference {comparison.largest_e_per_px:.1e} e/px)"
        for comparison in verified.sample
    ]
    if verified.commitment:
        opened = "opened by this seed" if verified.unsealed else "give --seal to open it"
        lines.append(f"sealed: commitment {verified.commitment}, {opened}")
    remedy = "damaged or different: run 'tembench generate --repair' with the same recipe"
    return "\n".join([*lines, "verified" if verified.good else remedy])


def _shown(path: Path) -> str:
    """Path of a store relative to the working folder, where it is below it."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _folder_size(path: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(file.stat().st_size for file in Path(path).rglob("*") if file.is_file())


def _doses(content: dict[str, Any]) -> str:
    doses = {condition["dose_e_per_px"] for condition in content["conditions"].values()}
    return f"{min(doses):g}" + (f" to {max(doses):g}" if len(doses) > 1 else "")


def _counts(table: pd.DataFrame, factor: str) -> dict[str, dict[str, int]]:
    """Number of models and images with each value of a factor, and of images in each part."""
    if factor in ("thickness_A", "defocus_nm"):
        table = table.sort_values(factor, kind="stable")
    labels = _labels(table, factor)
    return {
        label: {
            "models": int(images["model"].nunique()),
            "images": len(images),
            **{part: int((images["split_model"] == part).sum()) for part in PARTS},
        }
        for label, images in table.groupby(labels, sort=False)
    }


def _labels(table: pd.DataFrame, factor: str) -> pd.Series:
    if factor == "tilt_deg":
        tilts = zip(table["tilt_x_deg"], table["tilt_y_deg"], strict=True)
        return pd.Series([_label(tilt) for tilt in tilts], index=table.index)
    return table[factor].map(_label)


def _longest_first(stages: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(stages.items(), key=lambda item: -item[1])


def _label(value: Any) -> str:
    if isinstance(value, tuple):
        return " ".join(_label(part) for part in value)
    return value if isinstance(value, str) else f"{value:g}"


def _splits(table: pd.DataFrame, recipe: Recipe) -> dict[str, dict[str, Any]]:
    """Held-out values and part sizes of each split; without sizes where contrast is not known."""
    described: dict[str, dict[str, Any]] = {}
    for split in recipe.split_names:
        held_out = [_label(value) for value in recipe.tracks.get(split, ())]
        described[split] = {"held_out": held_out} if held_out else {}
        if f"split_{split}" in table:
            counts = table[f"split_{split}"].value_counts()
            described[split] |= {part: int(counts.get(part, 0)) for part in (*PARTS, UNUSED)}
    return described


def _factor_lines(factors: dict[str, dict[str, dict[str, int]]]) -> Iterable[str]:
    """One block of lines per factor, one line per value; numbers under the names of the parts."""
    columns = ("models", "images", *PARTS)
    yield _row("factors, and their parts in the split by model", columns)
    for factor, values in factors.items():
        yield f"  {factor}"
        for value, counts in values.items():
            yield _row(f"    {value}", [counts[column] for column in columns])


def _split_lines(splits: dict[str, dict[str, Any]]) -> Iterable[str]:
    columns = (*PARTS, UNUSED)
    yield _row("splits, and what the tracks hold out", columns)
    for split, content in splits.items():
        held_out = ", ".join(content.get("held_out", ()))
        label = f"  {split}" + (f": {held_out}" if held_out else "")
        if PARTS[0] in content:
            yield _row(label, [content[column] for column in columns])
        else:
            yield f"{label}  (known when the images are simulated)"


def _row(label: str, cells: Sequence[object]) -> str:
    return f"{label:<48}" + "".join(f"{cell!s:>11}" for cell in cells)
