"""Recipes: TOML files that determine every value of a data set.

- `canonical`: the canonical form of a recipe and its identity
- `checks`: checks that concern several tables of a recipe
- `load`: the loader of recipes from TOML
- `model`: frozen dataclasses of a recipe
- `parse_factors`: lists of tilts and defoci
- `parse_microscope`: ``[microscope]`` and ``[conditions]``
- `parse_specimen`: ``[particles]``, ``[defects]`` and ``[supports]``
- `parse_splits`: ``[splits]`` and ``[tracks]``
"""

from __future__ import annotations

from tembench.recipe.canonical import canonical_form, from_canonical_form, recipe_id
from tembench.recipe.load import list_recipes, load_recipe, parse_recipe
from tembench.recipe.model import (
    BLANK,
    CONTRASTS,
    PARTS,
    SCORED_PARTS,
    SPLITS,
    STANDARD,
    SUBSET_PART,
    TEST_PARTS,
    TRACKS,
    Box,
    ColumnRow,
    Condition,
    Detector,
    Microscope,
    Model,
    Particle,
    Recipe,
    Simulation,
    Splits,
    Support,
    Vacancy,
)

__all__ = [
    "BLANK",
    "CONTRASTS",
    "PARTS",
    "SCORED_PARTS",
    "SPLITS",
    "STANDARD",
    "SUBSET_PART",
    "TEST_PARTS",
    "TRACKS",
    "Box",
    "ColumnRow",
    "Condition",
    "Detector",
    "Microscope",
    "Model",
    "Particle",
    "Recipe",
    "Simulation",
    "Splits",
    "Support",
    "Vacancy",
    "canonical_form",
    "from_canonical_form",
    "list_recipes",
    "load_recipe",
    "parse_recipe",
    "recipe_id",
]
