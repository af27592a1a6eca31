"""Columns that a denoised image shows, and what electrons say of them.

- `surroundings`: electrons of a column against those of the ring around it
- `shown_columns`: the bright and dark columns that an image shows
- `column_tests`: columns that the electrons support, and that they contradict
- `support_index`: what unseen electrons say of the columns as a group
- `ratio_maps`: where electrons favour an image over vacuum and over its surroundings
- `vacuum_check`: columns that a method draws where there is nothing
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
