"""Camera noise: gain, offset, read noise and correlation from the noise; values as counts.

- `noise_correlation`: correlation of noise between neighbouring pixels
- `spread_models`: noise power over frequency, for each width of a point spread
- `noise_figures`: figures of the noise that gains are estimated from, with bootstrap draws
- `gain_estimate`: gain, offset and read noise from variance against mean, with intervals
- `counting_messages`: messages about values: conversion, doubts and refusals
- `counting`: gain and offset by which stored values become electrons, and their sources
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
