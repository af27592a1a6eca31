"""Micrographs: image files and movies of a microscope, denoised, adapted to, and judged.

- `formats`: the readers of file formats
- `electrons`: stored values as counts, their dose, and resampling
- `reading`: one image of a file, with its values and pixel size
- `domain`: what a method was trained on, and whether an image is like it
- `denoising`: image files denoised and written back on their own pixels
"""
