"""Samples that networks are trained on, with noise drawn at each step.

- `batches`: samplers of noisy and clean crops, augmentation, validation images
- `moved`: crops rotated, magnified and shifted, recorded by their cameras
- `torch_camera`: cameras of a batch, on the device
- `recorded`: noise as cameras record it, validation on a store's noisy images
- `wave_crops`: clean crops formed from exit waves
- `image_cache`: clean images, on the device where they fit
- `count_cache`: noisy images as binned counts on the device
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
