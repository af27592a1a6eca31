"""Stability of ranks: between halves of a test, and over fresh draws of specimens and of noise.

- `bump_chart`: figure of the ranks in each draw
- `draw_ranks`: ranks in each draw, and their agreement with the table
- `fresh_draws`: scores of methods on fresh draws, resumable
- `split_halves`: correlation of the ranks in random halves of the specimens
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
