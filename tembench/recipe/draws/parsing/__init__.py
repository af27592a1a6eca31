"""Parsing of drawn recipes, with every mistake of the file noted.

- `atoms_files`: files of atoms that a recipe names, by their content
- `drawn_checks`: checks that concern several tables of a drawn recipe
- `parse_components`: ``[specimens]``
- `parse_drawn`: drawn recipes as a whole
- `parse_instrument`: ``[microscopes]``, ``[detectors]`` and ``[exposure]``
- `value_reader`: reader of numbers that may be distributions
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
