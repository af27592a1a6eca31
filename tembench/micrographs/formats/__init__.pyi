from .open_file import (
    SUFFIXES as SUFFIXES,
    open_images as open_images,
)
from .stored_image import (
    Axis as Axis,
    StoredImage as StoredImage,
)
