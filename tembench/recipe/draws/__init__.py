"""Drawn recipes: specimens, microscopes and exposures as distributions.

- `atoms_files`: files of atoms that a recipe names, by their content
- `component_fields`: components as the flat tables of a recipe's file
- `components`: components of a specimen, with values of any type
- `distributions`: distributions and grids that a value of a recipe may be
- `draw_seed`: a random generator for each value, specimen, image and attempt
- `drawn_canonical`: a drawn recipe as a table with every value explicit
- `drawn_checks`: checks that concern several tables of a drawn recipe
- `drawn_coordinates`: flat names, units and values of what varies
- `drawn_recipe`: frozen dataclasses of a drawn recipe
- `image_draws`: optics, exposure and camera of each image, drawn
- `parse_components`: ``[specimens]``
- `parse_drawn`: drawn recipes as a whole
- `parse_instrument`: ``[microscopes]``, ``[detectors]`` and ``[exposure]``
- `specimen_draws`: components, frame and microscope of a specimen, drawn
- `value_reader`: reader of numbers that may be distributions
- `value_tables`: values by dotted path
"""
