"""Networks fitted to the very image that they denoise.

- `gain_tuning`: a trained network with one gain per channel fitted to the image
- `zero_shot`: a small network trained on the image alone
"""
