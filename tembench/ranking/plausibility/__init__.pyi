from .looked_at import (
    DenoisedImages as DenoisedImages,
    LookedAt as LookedAt,
    look_at as look_at,
)
from .near_truth import as_good_as_clean as as_good_as_clean
from .output_alignment import other_positions as other_positions
from .output_order import other_order as other_order
from .output_units import other_units as other_units
from .output_warnings import implausibilities as implausibilities
