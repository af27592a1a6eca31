"""Ground floor: helpers that every room uses; it imports no room.

- `bounded_toml`: TOML parsing at a bounded cost, for untrusted files
- `dose`: the reference dose, and the thinning of counts
- `environment`: installed packages, version and processor
- `errors`: errors that a user can fix, and text that is safe to print
- `files`: files and folders written whole or not at all, locks, TOML files
- `jit`: loops over pixels compiled by numba
- `overwrite`: refusal to write outputs over inputs
- `parallel`: tasks in processes of this machine or on a cluster
- `paths`: folders and names of recipes and baselines, hints for names not found
- `plotting`: Matplotlib figures, labels, scale bar and PNG files
- `progress_bar`: progress of long work, and notices
- `resource_use`: seconds of each stage of the work, and memory
- `seeds`: one seed sequence for each random draw
- `text_tables`: tables as CSV and Markdown, and amounts with their unit
- `toml_reader`: typed reading of TOML tables, with all mistakes reported together
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
