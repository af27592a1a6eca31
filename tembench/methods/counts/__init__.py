"""Counts prepared for denoisers, and undone afterwards.

- `binning`: sums over blocks of pixels, and the splines that invert them
- `anscombe`: variance stabilisation and its exact unbiased inverse
- `focal_series`: series of noisy images; a lone image is a series of one
"""
