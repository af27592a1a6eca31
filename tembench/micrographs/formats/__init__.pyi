from .image_axes import (
    Axis as Axis,
)
from .open_file import (
    SUFFIXES as SUFFIXES,
    open_images as open_images,
)
from .stored_image import (
    StoredImage as StoredImage,
)
