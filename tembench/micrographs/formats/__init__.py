"""File formats: each reader describes the images in a file as `StoredImage`s.

No values are read before a frame is asked for.

- `open_file`: the reader chosen by the suffix, with its errors and log messages collected
- `stored_image`: an image or stack in a file: axes, calibration, and one frame at a time
- `image_axes`: axes of an array in a file: names, steps, units, times in seconds
- `tiff`: TIFF, page by page
- `tiff_tags`: pixel sizes in the tags and text of a TIFF
- `frame_steps`: steps between the frames of a TIFF, in time or depth
- `tiff_values`: calibrations of values in the tags and text of a TIFF
- `mrc`: MRC2014 with the extensions of IMOD and FEI
- `digital_micrograph`: .dm3 and .dm4
- `emd`: Berkeley's EMD (ncempy, HyperSpy, Prismatic, py4DSTEM)
- `velox`: Velox's EMD
- `npy`: NumPy arrays, and archives of them
- `tia`: series of FEI's TIA (.ser)
- `hspy`: HyperSpy's signals in HDF5 (.hspy) and Zarr (.zspy)
- `zarr_folder`: Zarr folders, with xarray's coordinates or OME-Zarr's
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
