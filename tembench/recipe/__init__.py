"""Recipes: TOML files that decide every value of a data set."""

from __future__ import annotations

from tembench.recipe.canonical import canonical_form, from_canonical_form, recipe_id
from tembench.recipe.model import (
    BLANK,
    PARTS,
    SCORED_PARTS,
    SPLITS,
    STANDARD,
    SUBSET_PART,
    TEST_PARTS,
    TRACKS,
    Box,
    Condition,
    Detector,
    Microscope,
    Model,
    Particle,
    Recipe,
    Row,
    Simulation,
    Splits,
    Support,
    Vacancy,
)
from tembench.recipe.reading import list_recipes, load_recipe, parse_recipe, parse_recipe_text

__all__ = [
    "BLANK",
    "PARTS",
    "SCORED_PARTS",
    "SPLITS",
    "STANDARD",
    "SUBSET_PART",
    "TEST_PARTS",
    "TRACKS",
    "Box",
    "Condition",
    "Detector",
    "Microscope",
    "Model",
    "Particle",
    "Recipe",
    "Row",
    "Simulation",
    "Splits",
    "Support",
    "Vacancy",
    "canonical_form",
    "from_canonical_form",
    "list_recipes",
    "load_recipe",
    "parse_recipe",
    "parse_recipe_text",
    "recipe_id",
]
