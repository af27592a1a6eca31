"""Entrance of ``import tembench``: arrays scored, written and submitted, images simulated.

- `denoised_arrays`: denoised images of a caller: a function, or arrays
- `score_arrays`: metrics of arrays and functions against a store
- `array_outputs`: a folder of outputs from arrays or a function
- `tables`: submissions and tables of them
- `simulated_images`: images of a recipe, in memory
- `array_frames`: frames of a caller's array, as images of a file
- `frame_method`: the method for a caller's frames, found by its name or chosen on some
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
