"""Data sets: Zarr stores generated from a recipe, and their reader.

- `contents`: what follows from a recipe: tasks, shards, tables and arrays
- `contrast_class`: class of an image by the contrast of its Pt columns
- `ground_truth`: sites of columns, and masks of particle and vacuum
- `image_table`: the table of images, with their factors and splits
- `model_contents`: contents of the data set of a recipe of models
- `model_store`: `ModelStore`, the reader of the data set of a recipe of models
- `noisy_image`: an image as a method sees it, without the truth
- `opening`: opens a data set, after checks that it is whole
- `other_noise`: a data set with other noise
- `splits`: the parts of each split and track
- `store`: `Store`, the reader of a data set
- `store_views`: a store in a notebook, and as xarray's tree
- `stored_images`: single images and waves, read without Zarr's threads
- `wave_images`: images at any defocus, formed from exit waves

- `drawn`: data sets of drawn recipes
- `generation`: creates, verifies and repairs stores
- `reports`: descriptions and contact sheets of data sets
- `storage`: arrays and files of a store
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
