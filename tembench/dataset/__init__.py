"""Data sets: Zarr stores generated from a recipe, and their reader.

- `check_store`: checks that a store is valid when it is opened
- `contents`: what follows from a recipe: tasks, shards, tables and arrays
- `contrast_class`: class of an image by the contrast of its Pt columns
- `expected_arrays`: arrays that follow from a recipe, to compare a store with
- `fast_read`: chunk files, and the fast reader of single images
- `ground_truth`: sites of columns, and masks of particle and vacuum
- `image_table`: the table of images, with their factors and splits
- `layout`: arrays, coordinates and metadata of a store
- `model_contents`: contents of the data set of a recipe of models
- `model_store`: `ModelStore`, the reader of the data set of a recipe of models
- `packing`: images as whole numbers
- `pairs`: noisy and clean images as a data set for training
- `splits`: the parts of each split and track
- `store`: `Store`, the reader of a data set
- `store_files`: `StoreFiles`, with its arrays, shards, digests and positions

- `drawn`: data sets of drawn recipes
- `generation`: creates, verifies and repairs stores
- `reports`: descriptions and contact sheets of data sets
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
