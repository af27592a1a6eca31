"""Methods: denoisers, their training, and their runs over a store's images.

A method sees noisy counts only; the truth never reaches it, except the control ``clean``.
What other rooms and third-party methods use is imported from here.

- `protocol`: what a method receives and returns; `protocol.Denoiser` is the contract
- `method`: a method's folder as an object; loads, builds and trains it
- `method_toml`: the keys of ``method.toml``, read and checked
- `method_code`: ``method.py`` inspected, imported and hashed
- `new_method`: the folder of a new method, from ``templates``
- `parameters`: overrides of parameters, checked against their declaration
- `third_party`: calls into a method's own code, with its errors turned into ours
- `network_method`: ``build`` and ``train`` of a method that is a network
- `classical`: BM3D, non-local means, wavelet shrinkage
- `counts`: binning, variance stabilisation, focal series
- `networks`: architectures, and what makes them ready to use
- `training`: objectives, batches, caches, the training loop, its files and records
- `adaptation`: networks fitted to the very image that they denoise
- `inference`: a trained network on whole images, in tiles where they are large
- `runs`: training on a store, denoising and tuning over its images
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
