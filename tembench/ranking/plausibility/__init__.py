"""Plausibility of outputs: other units, positions or orders, and images that only the truth gives.

- `looked_at`: a few denoised images with their truth
- `near_truth`: outputs that are the clean images, or as good
- `output_alignment`: outputs that are rotated, mirrored, shifted or inverted
- `output_order`: outputs that show other images than theirs
- `output_units`: outputs in other units
- `output_warnings`: all of these checks
- `patterns`: patterns of images, binned and standardised, and their correlation

Scores are never corrected.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
