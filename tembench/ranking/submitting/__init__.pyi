from .image_import import import_images as import_images
from .unscored import (
    UnscoredImages as UnscoredImages,
    is_outputs as is_outputs,
    is_scored as is_scored,
    unscored_images as unscored_images,
)
