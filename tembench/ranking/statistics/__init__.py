"""Statistics of a table: means over specimens, intervals, ranks, groups and worst cases.

- `audit_losses`: losses of an audit with intervals, and its worst case
- `bootstrap`: means over specimens, and their bootstrap intervals
- `ranks`: ranks of hundreds of rows
- `specimen_groups`: groups of images by material, dose, defocus and orientation
- `worst_cases`: worst images, worst group, and differences to a reference
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
