from .image_import import import_images as import_images
from .image_numbers import (
    LEFT_OUT as LEFT_OUT,
    PartImages as PartImages,
    numbers_in_store as numbers_in_store,
)
from .unscored import (
    UnscoredImages as UnscoredImages,
    content_of as content_of,
    is_outputs as is_outputs,
    is_scored as is_scored,
    unscored_images as unscored_images,
)
