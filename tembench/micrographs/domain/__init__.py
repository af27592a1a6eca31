"""Training domain of a method, and the check of an image against it.

- `training_domain`: the pixel size, dose and recipe that a method was trained at
- `ready_method`: a method with its weights, ready for counts on pixels of any size
- `held_out`: parts of an image, and its electrons split into those kept and those apart
- `specimen_check`: the warning for images unlike those that a network was trained on
- `power_spectrum`: noise and lattice planes in the spectrum of counts
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
