"""Classical denoisers of ``baselines/``, on stabilised counts.

Each works on counts summed over blocks or, with ``binning = 1``, on single pixels, as papers on
this benchmark quote these methods.

- `bm3d`: BM3D on stabilised counts
- `block_matching`: the two steps of BM3D, compiled
- `nlm`: non-local means of scikit-image
- `look_up`: look-up among known clean images, a control
- `wavelet`: BayesShrink in the stationary wavelet transform
"""
