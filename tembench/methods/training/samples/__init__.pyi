from .batches import (
    SYMMETRIES as SYMMETRIES,
    CropSource as CropSource,
    ImageCrops as ImageCrops,
    Sampler as Sampler,
    SupervisedSampler as SupervisedSampler,
    augment as augment,
    validation_set as validation_set,
)
from .count_cache import (
    CountCache as CountCache,
    cache_image as cache_image,
    image_seed as image_seed,
    read_counts as read_counts,
)
from .image_cache import (
    ImageCache as ImageCache,
)
from .moved import (
    MovedSampler as MovedSampler,
    moved_validation_set as moved_validation_set,
)
from .recorded import (
    RecordedSampler as RecordedSampler,
    recorded_validation_set as recorded_validation_set,
)
from .wave_crops import (
    CropOptics as CropOptics,
    WaveCrops as WaveCrops,
)
