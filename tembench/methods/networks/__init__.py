"""Networks that map noisy counts per bin to clean values, both in units of the vacuum.

Each takes (n, 1, y, x) of any y and x, is local, and has two attributes for tiled inference:
``margin``, the reach of its receptive field from a bin, in bins; and ``multiple``, the step of a
tile's corners.

- `unet`: UNet of several scales, with or without biases
- `small_unet`: UNet of two scales with dilated convolutions
- `gated_unet`: UNet of gated convolutional blocks
- `dncnn`: DnCNN
- `blind_spot`: a network that does not see the bin it predicts, and the posterior mean
- `centres`: a network of bin means turned into one of values at bin centres
- `padding`: images padded to the size that a network needs
- `setup`: initial weights, device, precision, memory order
- `spectral`: the image filtered in Fourier space, as further inputs
- `size`: receptive field and number of parameters
"""
