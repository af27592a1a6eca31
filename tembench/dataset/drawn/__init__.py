"""Data sets of drawn recipes: windows of specimens that share nothing with each other.

- `drawn_contents`: numbers, names and arrays of a drawn data set
- `drawn_columns`: true columns of specimens as numbers of fixed shape, and as lists
- `drawn_store`: `DrawnStore`, the reader of a drawn data set
- `finalize`: coordinates and columns of a complete store, written at the end
- `simulate_specimen`: waves, images, columns and masks of one specimen
- `simulate_window`: the arrays of a window of specimens
"""
