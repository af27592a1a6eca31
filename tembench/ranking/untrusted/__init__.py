"""The trust boundary: submissions and outputs are read here, and believed only once checked.

- `audit_file`: cases and scores of an audit, from ``audit.toml`` and ``audit.csv``
- `consistency`: scores of one image that contradict each other
- `csv_block`: lines of ``scores.csv`` by column, read as a whole or cell by cell
- `expected_images`: the images that a submission must have scores of, known from the recipe
- `lookalikes`: texts that a reader cannot tell apart
- `png_file`: PNG files, decoded within bounds and encoded again
- `run_info`: the tables ``[method]``, ``[data]`` and ``[run]``
- `scores_csv`: rows of ``scores.csv``, read in bounded memory
- `shown_file`: crops of a few images, and the columns in them
- `shown_table`: the table ``[shown]``, which says which crops
- `undefined_cells`: empty cells, of metrics that are not defined for an image
- `untrusted_files`: links, file sizes and TOML files of a folder
- `zarr_array`: metadata and chunks of Zarr arrays, checked before zarr reads them
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
