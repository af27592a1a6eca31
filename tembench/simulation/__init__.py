"""Physics of the simulation: from a recipe's model to expected electrons and counts, without files.

- `array_backend`: NumPy or CuPy arrays and their Fourier transforms
- `atoms`: atoms of any specimen, put together from drawn components
- `atomic_columns`: true atomic columns of a structure, and their positions in a tilted image
- `detector`: exposure of an image under a condition, and the noise of its detection
- `imaging`: images under any microscope
- `multislice`: exit waves of a structure at all tilts
- `optics`: images formed from exit waves by the lens, at a series of defoci
- `recording`: recording of an expected image by any detector
- `recording`: the noisy image of any detector
- `scattering`: transmission functions of slices of atoms
- `structures`: platinum particles on ceria supports
- `waves`: exit waves of specimens
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
