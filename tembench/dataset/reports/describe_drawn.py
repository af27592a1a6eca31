"""Descriptions of drawn recipes and of what their stores drew, as text and plain values."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tembench.dataset.drawn import DRAWN_FACTORS, DrawnContents
from tembench.recipe import DRAWN_PARTS, DrawnRecipe, limits_of, recipe_id


def describe_drawn(recipe: DrawnRecipe) -> dict[str, Any]:
    """Describe a drawn recipe, as plain values for JSON."""
    contents = DrawnContents(recipe)
    return {
        "name": recipe.name,
        "version": recipe.version,
        "description": recipe.description,
        "licence": recipe.licence,
        "recipe_id": recipe_id(recipe),
        "seed": recipe.seed,
        "images": recipe.n_images,
        "specimens": {part: recipe.n_specimens(part) for part in DRAWN_PARTS},
        "images_per_specimen": _images_of_each(recipe),
        "image_px": list(recipe.shape),
        "pixel_size_A": list(limits_of(recipe.frame.pixel_size_A)),
        "dose_e_per_A2": list(recipe.doses_e_per_A2),
        "microscopes": _shares({name: share for name, (share, _) in recipe.microscopes.items()}),
        "detectors": list(recipe.detector_names),
        "kinds": {
            name: {
                "share": share,
                "components": {
                    own: type(component).__name__.lower()
                    for own, component in recipe.kinds[name].components.items()
                },
            }
            for name, share in _shares({n: one.share for n, one in recipe.kinds.items()}).items()
        },
        "windows": contents.n_tasks,
        "specimens_per_window": contents.specimens_per_window,
        "images_under_test": len(contents.under_test()),
    }


def drawn_text(content: dict[str, Any]) -> str:
    """Text of a `describe_drawn`, and of what was drawn where a store says it."""
    height, width = content["image_px"]
    specimens = content["specimens"]
    parts = ", ".join(f"{part} {count}" for part, count in specimens.items() if count)
    lines = [
        f"{content['name']} {content['version']}: {content['description']}",
        f"recipe_id   {content['recipe_id']}",
        f"images      {content['images']}, {_each_text(content['images_per_specimen'])} of each of "
        f"{sum(specimens.values())} specimens, {height} x {width} px of "
        f"{_range(content['pixel_size_A'])} A",
        f"specimens   {parts}",
        f"dose        {_range(content['dose_e_per_A2'])} e/A^2 in vacuum",
        f"licence     {content['licence']}, seed {content['seed']}",
        "",
        _row("kinds of specimens, and their shares", ("share",)),
    ]
    for name, kind in content["kinds"].items():
        inside = ", ".join(f"{own} ({what})" for own, what in kind["components"].items())
        lines.append(_row(f"  {name}: {inside}", (f"{kind['share']:.0%}",)))
    lines.append(_row("microscopes", ("share",)))
    for name, share in content["microscopes"].items():
        lines.append(_row(f"  {name}", (f"{share:.0%}",)))
    lines.append(f"detectors   {', '.join(content['detectors'])}")
    if "drawn" in content:
        lines += ["", *_drawn_lines(content["drawn"])]
    return "\n".join(lines)


def describe_draws(table: pd.DataFrame) -> dict[str, Any]:
    """Describe what a store drew: redrawn specimens, columns, and the range of every value."""
    first = table.drop_duplicates("model")
    ranges: dict[str, Any] = {}
    for name in table.attrs[DRAWN_FACTORS]:
        values = table[name]
        if values.dtype.kind in "OUT":
            ranges[name] = {str(k): int(v) for k, v in values[values != ""].value_counts().items()}
        else:
            quantiles = values.dropna().quantile([0, 0.5, 1]).tolist()
            ranges[name] = dict(zip(("least", "median", "largest"), quantiles, strict=True))
    return {
        "redrawn_specimens": int((first["attempt"] > 0).sum()),
        "redraws": int(first["attempt"].sum()),
        "specimens_with_columns": int(first["columns_defined"].sum()),
        "values": ranges,
    }


def _drawn_lines(drawn: dict[str, Any]) -> list[str]:
    lines = [
        f"drawn       {drawn['redrawn_specimens']} specimens drawn again, {drawn['redraws']} times "
        f"in all; {drawn['specimens_with_columns']} specimens have atomic columns",
        _row("values", ("least", "median", "largest")),
    ]
    for name, values in drawn["values"].items():
        if "median" in values:
            cells = [f"{values[key]:.4g}" for key in ("least", "median", "largest")]
            lines.append(_row(f"  {name}", cells))
        else:
            counts = ", ".join(f"{value} {count}" for value, count in list(values.items())[:6])
            lines.append(f"  {name}: {counts}{', ...' if len(values) > 6 else ''}")
    return lines


def _images_of_each(recipe: DrawnRecipe) -> int | dict[str, int]:
    """Images of a specimen: a number, or one for each part where they differ."""
    parts = {
        part: recipe.images_per_specimen(part) for part in DRAWN_PARTS if recipe.specimens[part]
    }
    return next(iter(parts.values())) if len(set(parts.values())) == 1 else parts


def _each_text(images: int | dict[str, int]) -> str:
    if isinstance(images, int):
        return str(images)
    return ", ".join(f"{count} ({part})" for part, count in images.items())


def _shares(shares: dict[str, float]) -> dict[str, float]:
    total = sum(shares.values())
    return {name: share / total for name, share in shares.items()}


def _range(limits: list[float]) -> str:
    low, high = limits
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _row(label: str, cells: tuple[str, ...] | list[str]) -> str:
    return f"{label:<56}" + "".join(f"{cell:>11}" for cell in cells)
