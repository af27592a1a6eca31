from .image_folder import folder_images as folder_images
from .image_stack import ImageStack as ImageStack
from .known_formats import open_image_stack as open_image_stack
from .npy_images import npy_array as npy_array
from .npz_images import npz_archive as npz_archive
from .tiff_images import tiff_pages as tiff_pages
from .zarr_images import zarr_array_images as zarr_array_images
