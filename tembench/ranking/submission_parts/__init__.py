"""Parts of a submission: its files and its record, and what it states about a method.

- `submission_files`: all files, each checked as far as the others allow
- `submission_metadata`: what is stated about a method and its run, and asked for
- `submission_toml`: the record, ``submission.toml``
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
