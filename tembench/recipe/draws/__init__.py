"""Drawn recipes: specimens, microscopes and exposures as distributions.

- `component_fields`: components as the flat tables of a recipe's file
- `components`: components of a specimen, with values of any type
- `distributions`: distributions and grids that a value of a recipe may be
- `draw_seed`: a random generator for each value, specimen, image and attempt
- `drawn_canonical`: a drawn recipe as a table with every value explicit
- `drawn_coordinates`: flat names, units and values of what varies
- `drawn_recipe`: frozen dataclasses of a drawn recipe
- `image_draws`: optics, exposure and camera of each image, drawn
- `parsing`: drawn recipes from TOML
- `specimen_draws`: components, frame and microscope of a specimen, drawn
- `value_tables`: values by dotted path
"""
