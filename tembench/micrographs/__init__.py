"""Micrographs: image files and movies of a microscope, denoised, adapted to, and judged.

- `formats`: the readers of file formats
- `electrons`: values checked, their noise, their dose, and resampling
- `camera_noise`: gain, offset and correlation from the noise; values as counts
- `reading`: one image of a file, with its values and pixel size
- `domain`: what a method was trained on, and whether an image is like it
- `selection`: the method for one image, judged by data that it has not seen
- `denoising`: one image denoised and written back on its own pixels
- `movies`: movies denoised frame by frame, streamed and resumable
- `adapting`: networks adapted to the user's own noisy frames
- `file_batches`: runs over image files, with failures and reruns
- `trust`: what the electrons of an image say of its denoised version
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
