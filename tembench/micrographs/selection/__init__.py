"""Method for one image: candidates judged by data that they have not seen.

- `candidates`: the methods that are tried on an image, and their denoisers
- `race`: candidates compared on held-out electrons, the worst dropped early
- `other_frames`: candidates compared on other frames of the same scene
- `choice`: the method chosen, its rivals, and the reasons, as text and as a record
- `choose_method`: the method for an image
- `auto_method`: the choice of the method, made for each image
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
