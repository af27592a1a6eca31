"""Entrance of ``import tembench``: arrays scored, written and submitted, images simulated.

- `denoised_arrays`: denoised images of a caller: a function, or arrays
- `score_arrays`: metrics of arrays and functions against a store
- `array_outputs`: a folder of outputs from arrays or a function
- `tables`: submissions and tables of them
- `simulated_images`: images of a recipe, in memory
- `array_frames`: frames of a caller's array, as those of a file
- `named_method`: a caller's method, found by its name or chosen on the image
- `frame_method`: a method with one counting rule for the frames of an array
- `argument_names`: messages about files in the words of a caller of functions
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
