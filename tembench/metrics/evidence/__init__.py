"""Evidence for single columns: what an image shows where memory is wrong, and what counts allow.

- `column_limits`: errors that no reader of a column's counts can go below
- `column_marks`: columns matched, missed, invented and removed, with likelihood ratios
- `corner_sites`: corners of particles, with a column or empty
- `site_brightness`: brightness that a denoised image shows at the corners of particles
"""
