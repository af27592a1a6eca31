"""Untrusted images: arrays of a caller's own, read one at a time within bounds.

- `image_folder`: a folder of files with one image each
- `image_stack`: images of one shape, and the numbers that they come with
- `known_formats`: images in any of these formats
- `npy_images`: NumPy's files; nothing is unpickled
- `npz_images`: archives of these, unpacked to no more than they declare
- `tiff_images`: TIFF files without compression, or deflated
- `zarr_images`: Zarr arrays

No file is read beyond the size that follows from its shape, and no image before it is asked for.
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
