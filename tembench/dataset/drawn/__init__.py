"""Data sets of drawn recipes: windows of specimens that share nothing with each other.

- `check_drawn`: checks of a drawn recipe that need its atoms or its optics
- `drawn_arrays`: arrays of a drawn store, as they are created
- `drawn_columns`: true columns of specimens as numbers of fixed shape, and as lists
- `drawn_contents`: numbers, names and arrays of a drawn data set
- `drawn_store`: `DrawnStore`, the reader of a drawn data set
- `drawn_truth`: sites and masks of an image, displaced as its specimen is
- `drawn_values`: values of images as rows of numbers, and as a table
- `final_coordinates`: coordinates and columns, written when a store is complete
- `group_columns`: columns that results are grouped by
- `recipe_cell`: padding and motion of all specimens, and the grid of stored waves
- `simulate_specimen`: waves, images, columns and masks of one specimen
- `simulate_window`: the arrays of a window of specimens
- `stored_waves`: exit waves of a drawn store, for a recipe with other images
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
