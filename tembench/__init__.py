"""tembench: the benchmark for denoising atomic-resolution electron-microscope images.

- `core`: what every room uses: errors, files, progress, seeds, workers
- `recipe`: TOML files that define a data set
- `simulation`: physics, from atoms to expected electrons and counts
- `dataset`: from a recipe to a Zarr store, and back to arrays and tables
- `metrics`: pure functions of one denoised image and its truth
- `methods`: denoisers, their training, and runs over a store or image files
- `ranking`: scores, submissions and tables
- `study`: comparisons of several networks
- `cli`: the command line
- `pipeline`: a whole benchmark in one call
"""

from __future__ import annotations

__version__ = "0.1.0"
