"""Electrons: values checked, their noise, their dose in vacuum, and pixels of another size.

- `electron_counts`: values checked, their step, and integers of the narrowest type
- `outliers`: hot, dead, saturated and empty pixels, found and replaced
- `noise_level`: the variance of an image's noise over its mean
- `vacuum`: electrons per pixel in vacuum, read from the image or inferred with a network
- `clean_image`: vacuum level of a clean image, noise already in it, shot noise drawn for it
- `resampling`: counts and smooth images on pixels of another size
- `saturation`: pixels at the largest value that a detector or a file can store
- `redistribute`: the random draws that move electrons to other pixels
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
