"""Columns of a table as text, the same for every format, and the choice of them.

- `column_choice`: usual columns, those of a page, and those that a user names
- `table_columns`: columns of metrics, ranks, costs, kind and training data
- `worst_case_columns`: columns of worst cases, differences, audits and trainings
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
