"""Statistics of a table: means over specimens, intervals, ranks, groups and worst cases.

- `audit_losses`: losses of an audit with intervals, and its worst case
- `bootstrap`: means over specimens, and draws of specimens with replacement
- `mean_intervals`: intervals of means and of paired differences, for many rows
- `ranks`: rows that are demonstrably different, their ranks and ranges of ranks
- `specimen_groups`: groups of images by material, dose, defocus and orientation
- `worst_cases`: worst images, worst group, and differences to a reference
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
