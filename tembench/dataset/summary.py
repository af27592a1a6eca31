"""Recipes, stores and verifications in words and plain values."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tembench.dataset.build import Generation
from tembench.dataset.index import image_table, images_under_test
from tembench.dataset.store import Store
from tembench.dataset.verify import Verification
from tembench.recipe import SPLITS, Recipe, recipe_id

_FACTORS = (
    "particle", "defect", "support", "thickness_A", "tilt_x_deg", "tilt_y_deg", "defocus_nm",
)  # fmt: skip


def describe_recipe(recipe: Recipe) -> dict[str, Any]:
    """What a recipe makes, as plain values for JSON."""
    table = image_table(recipe)
    factors = {
        factor: {
            _label(value): int(n) for value, n in table[factor].value_counts(sort=False).items()
        }
        for factor in _FACTORS
    }
    splits = {
        split: {part: int(n) for part, n in table[f"split_{split}"].value_counts().items()}
        for split in SPLITS
    }
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
        "factors": factors,
        "splits": splits,
        "images_under_test": len(images_under_test(table)),
    }


def recipe_text(content: dict[str, Any]) -> str:
    """`describe_recipe` for a person."""
    height, width = content["image_px"]
    lines = [
        f"{content['name']} {content['version']}: {content['description']}",
        f"recipe_id   {content['recipe_id']}",
        f"images      {content['images']} of {content['models']} atomic models, "
        f"{height} x {width} px of {content['pixel_size_A']:g} A",
        f"dose        {content['dose_e_per_px']:g} e/px in vacuum, {content['energy_keV']:g} keV",
        f"licence     {content['licence']}, seed {content['seed']}",
        "",
        "factors",
        *_factor_lines(content["factors"]),
        "",
        "splits",
        *_split_lines(content["splits"]),
    ]
    return "\n".join(lines)


def describe_store(store: Store) -> dict[str, Any]:
    """What a store holds, as plain values for JSON."""
    missing = store.missing_models()
    content = {
        **describe_recipe(store.recipe),
        "path": str(store.path),
        "complete": not missing,
        "missing_models": [store.recipe.models[number].name for number in missing],
        "size_bytes": folder_size(store.path),
        "data_digest": store.data_digest(),
        "made_by": str(store.group.attrs.get("source")),
    }
    if not missing:
        counts = store.table["contrast"].value_counts()
        content["factors"]["contrast"] = {str(name): int(n) for name, n in counts.items()}
    return content


def store_text(content: dict[str, Any]) -> str:
    """`describe_store` for a person."""
    missing = len(content["missing_models"])
    state = (
        "complete" if content["complete"] else f"{missing} of {content['models']} models missing"
    )
    lines = [
        f"{content['path']}: {state}, {size_text(content['size_bytes'])}, {content['made_by']}",
        recipe_text(content),
        "",
        f"data digest {content['data_digest']}",
    ]
    return "\n".join(lines)


def describe_generation(made: Generation, store: Store) -> dict[str, Any]:
    """What `generate` or `reimage` did, as plain values for JSON."""
    return {
        "store": str(store.path),
        "recipe_id": store.recipe_id,
        "models": len(store.recipe.models),
        "models_simulated": made.models,
        "images": store.recipe.n_images,
        "images_simulated": made.images,
        "seconds": round(made.seconds, 3),
        "images_per_second": round(made.images / made.seconds, 2),
        "stages": {name: round(seconds, 3) for name, seconds in _longest_first(made.stages)},
        "peak_memory_bytes": made.peak_memory_bytes,
        "memory_of_all_processes": made.memory_of_all,
        "size_bytes": folder_size(store.path),
        "data_digest": store.data_digest(),
    }


def generation_text(content: dict[str, Any]) -> str:
    """`describe_generation` for a person."""
    place, digest = content["store"], f"data {content['data_digest']}"
    if not content["models_simulated"]:
        return f"{place}: complete already, reused; {content['images']} images\n{digest}"
    size = size_text(content["size_bytes"])
    lines = [
        f"{place}: {content['models_simulated']} of {content['models']} models simulated in "
        f"{content['seconds']:.0f} s; {content['images']} images, {size}",
        f"speed {content['images_per_second']:.3g} images/s",
    ]
    if content["peak_memory_bytes"] is not None:
        whose = "all processes" if content["memory_of_all_processes"] else "the largest process"
        lines[-1] += f", at most {size_text(content['peak_memory_bytes'])} of memory in {whose}"
    whole = sum(content["stages"].values())
    parts = [f"{name} {seconds / whole:.0%}" for name, seconds in content["stages"].items()]
    return "\n".join([*lines, f"time  {', '.join(parts)}", digest])


def verification_text(found: Verification) -> str:
    """A `Verification` for a person."""
    lines = [f"{found.shards} shards and the waves of {found.models} models read back"]
    for kind, numbers in (("shard", found.damaged_shards), ("waves of model", found.damaged_waves)):
        lines += [f"damaged: {kind} {number}" for number in numbers]
    lines += [f"damaged: array {name}" for name in found.damaged_coordinates]
    lines += [
        f"{comparison.model}: {comparison.verdict} "
        f"(largest difference {comparison.largest_e_per_px:.1e} e/px)"
        for comparison in found.sample
    ]
    remedy = "damaged or different: run 'tembench generate --repair' with the same recipe"
    return "\n".join([*lines, "verified" if found.good else remedy])


def folder_size(path: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(file.stat().st_size for file in Path(path).rglob("*") if file.is_file())


def size_text(n_bytes: int) -> str:
    """A size such as ``109 MB``."""
    size = float(n_bytes)
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"


def _longest_first(stages: Mapping[str, float]) -> list[tuple[str, float]]:
    return sorted(stages.items(), key=lambda item: -item[1])


def _label(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _factor_lines(factors: dict[str, dict[str, int]]) -> Iterable[str]:
    for factor, counts in factors.items():
        yield f"  {factor:12}" + "  ".join(f"{value}: {n}" for value, n in counts.items())


def _split_lines(splits: dict[str, dict[str, int]]) -> Iterable[str]:
    for split, counts in splits.items():
        yield f"  {split:12}" + "  ".join(f"{part}: {n}" for part, n in counts.items())
