"""One image of a file, with its values and pixel size.

- `file_options`: the user's options for image files
- `read_image`: one image of a file, with its values and pixel size
- `stack`: a stack in an open file, its frames read one at a time
- `units`: pixel sizes in angstrom from the axes of a file
- `lattice`: the pixel size of a clean image, from its lattice
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
