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
- `recipe_writer`: a commented recipe for a file of atoms
- `redraw`: a drawn recipe's test from a secret seed, and fresh draws
- `seal_file`: files of secret seeds
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
