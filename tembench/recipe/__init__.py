"""Recipes: TOML files that determine every value of a data set.

- `canonical`: the canonical form of a recipe and its identity
- `checks`: checks that concern several tables of a recipe
- `draws`: recipes whose specimens and images are drawn at random
- `load`: the loader of recipes from TOML
- `microscope_presets`: optics of typical microscopes, with their sources
- `model`: frozen dataclasses of a closed recipe
- `parse_closed`: closed recipes as a whole
- `parse_factors`: lists of tilts and defoci
- `parse_microscope`: ``[microscope]`` and ``[conditions]``
- `parse_specimen`: ``[particles]``, ``[defects]`` and ``[supports]``
- `parse_splits`: ``[splits]`` and ``[tracks]``
"""

from __future__ import annotations

from tembench.recipe.canonical import canonical_form, from_canonical_form, recipe_id
from tembench.recipe.draws.components import (
    AtomsFile,
    Component,
    Crystal,
    Defects,
    Film,
    Orientation,
    PtCeO2,
    Slab,
    Strain,
)
from tembench.recipe.draws.distributions import limits_of
from tembench.recipe.draws.draw_seed import DrawSeed
from tembench.recipe.draws.drawn_canonical import recipe_files
from tembench.recipe.draws.drawn_coordinates import ValueName, drawn_values, value_names
from tembench.recipe.draws.drawn_recipe import (
    DRAWN_PARTS,
    Camera,
    DrawnRecipe,
    Exposure,
    Frame,
    Optics,
    Physics,
    Scored,
    SpecimenKind,
)
from tembench.recipe.draws.image_draws import DrawnImage, draw_images
from tembench.recipe.draws.specimen_draws import DrawnSpecimen, draw_specimen, specimen_seed
from tembench.recipe.load import AnyRecipe, list_recipes, load_closed_recipe, load_recipe
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
from tembench.recipe.parse_closed import parse_recipe

__all__ = [
    "BLANK",
    "CONTRASTS",
    "DRAWN_PARTS",
    "PARTS",
    "SCORED_PARTS",
    "SPLITS",
    "STANDARD",
    "SUBSET_PART",
    "TEST_PARTS",
    "TRACKS",
    "AnyRecipe",
    "AtomsFile",
    "Box",
    "Camera",
    "ColumnRow",
    "Component",
    "Condition",
    "Crystal",
    "Defects",
    "Detector",
    "DrawSeed",
    "DrawnImage",
    "DrawnRecipe",
    "DrawnSpecimen",
    "Exposure",
    "Film",
    "Frame",
    "Microscope",
    "Model",
    "Optics",
    "Orientation",
    "Particle",
    "Physics",
    "PtCeO2",
    "Recipe",
    "Scored",
    "Simulation",
    "Slab",
    "SpecimenKind",
    "Splits",
    "Strain",
    "Support",
    "Vacancy",
    "ValueName",
    "canonical_form",
    "draw_images",
    "draw_specimen",
    "drawn_values",
    "from_canonical_form",
    "limits_of",
    "list_recipes",
    "load_closed_recipe",
    "load_recipe",
    "parse_recipe",
    "recipe_files",
    "recipe_id",
    "specimen_seed",
    "value_names",
]
