"""Storage: arrays and files of a store, how they are laid out, packed, checked and read.

- `check_store`: checks that a store is valid when it is opened
- `expected_arrays`: arrays that follow from a recipe, to compare a store with
- `fast_read`: chunk files, and the fast reader of single images
- `layout`: arrays, coordinates and metadata of a store
- `packing`: images as whole numbers
- `store_files`: `StoreFiles`, with its arrays, shards, digests and positions
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
