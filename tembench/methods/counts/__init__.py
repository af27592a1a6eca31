"""Counts prepared for denoisers, and undone afterwards.

- `binning`: sums over blocks of pixels, and the splines that invert them
- `bin_side`: side of the bins in angstrom, larger where electrons are few
- `noise_spectrum`: noise power of a recorded image over frequency, from the image itself
- `anscombe`: variance stabilisation and its exact unbiased inverse
- `registration`: shifts of the frames of a movie, and registered sums
- `focal_series`: series of noisy images; a lone image is a series of one
"""
