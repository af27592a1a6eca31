"""tembench: the benchmark for denoising atomic-resolution electron-microscope images.

- `core`: what every room uses: errors, files, progress, seeds, workers
- `recipe`: TOML files that define a data set
- `simulation`: physics, from atoms to expected electrons and counts
- `dataset`: from a recipe to a Zarr store, and back to arrays and tables
- `metrics`: pure functions of one denoised image and its truth
- `methods`: denoisers, their training, and runs over a store
- `micrographs`: image files and movies of a microscope, denoised, adapted to, and judged
- `ranking`: scores, submissions and tables
- `study`: comparisons of several networks
- `api`: arrays scored, written and submitted; images simulated in memory
- `cli`: the command line
- `pipeline`: a whole benchmark in one call
- `torch`: data sets for torch
- `hyperspy`: signals of HyperSpy denoised
- `napari`: the plug-in for napari

``import tembench as tb`` offers the names of ``dir(tb)``; each is imported when it is first used.
"""

from __future__ import annotations

import lazy_loader

__version__ = "0.1.0"

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
