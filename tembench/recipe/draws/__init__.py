"""Drawn recipes: specimens, microscopes and exposures as distributions.

- `components`: components of a specimen, with values of any type
- `distributions`: distributions and grids that a value of a recipe may be
- `drawn_recipe`: frozen dataclasses of a drawn recipe
"""
