"""Trained networks applied to images.

- `network_denoiser`: binned counts in, pixels out, averaged over shifts and mirror images
- `tiling`: images of any size, in tiles where memory is short
"""
