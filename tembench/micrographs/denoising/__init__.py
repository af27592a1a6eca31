"""One image denoised and written back on its own pixels.

- `counted_image`: a file's image as electron counts on square pixels, with their dose
- `trial_image`: a clean image of a file, with shot noise drawn at the method's pixel size
- `denoised_file`: one image file denoised
- `file_record`: the record inside a result of what made it
- `write_image`: the TIFF and the PNG preview of a result
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
