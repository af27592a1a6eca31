"""Data sets of drawn recipes: windows of specimens that share nothing with each other.

- `drawn_contents`: numbers, names and arrays of a drawn data set
- `drawn_columns`: true columns of specimens as numbers of fixed shape, and as lists
- `drawn_store`: `DrawnStore`, the reader of a drawn data set
- `finalize`: coordinates and columns of a complete store, written at the end
- `check_drawn`: checks of a drawn recipe that need its atoms or its optics
- `drawn_truth`: sites and masks of an image, displaced as its specimen is
- `drawn_values`: values of images as rows of numbers, and as a table
- `simulate_specimen`: waves, images, columns and masks of one specimen
- `simulate_window`: the arrays of a window of specimens
- `stored_waves`: exit waves of a drawn store, for a recipe with other images
"""
