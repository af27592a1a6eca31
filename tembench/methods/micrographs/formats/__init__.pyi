from .open_file import (
    SUFFIXES as SUFFIXES,
)
from .open_file import (
    open_images as open_images,
)
from .stored_image import (
    Axis as Axis,
)
from .stored_image import (
    StoredImage as StoredImage,
)
