"""The data set: from a recipe to a Zarr store, and back to arrays and tables."""
