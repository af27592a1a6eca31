"""Methods: what a denoiser is, and how one is run over a store's test images.

`protocol` says what a method's folder holds and loads it, `stabilise` and `training` are tools
that methods share, `run` and `tuning` apply a method to a store. A method sees noisy counts
only; the truth never reaches it (the control ``clean``, an oracle by name, excepted).
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
