"""Movies denoised frame by frame, streamed and resumable.

- `denoised_movie`: one movie denoised frame by frame, in several processes
- `movie_rule`: the rule by which all frames of a movie become counts
- `frame_job`: frames of a movie denoised in any process
- `frame_layout`: shape, pixel sizes, time and record of a denoised movie
- `unfinished_movie`: frames written beside the result until all are there
- `tiff_frames`: frames of a TIFF, for ImageJ or as OME-TIFF
- `zarr_frames`: frames of a Zarr group, for xarray or HyperSpy
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
