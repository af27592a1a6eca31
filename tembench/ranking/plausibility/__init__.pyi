from .looked_at import DenoisedImages as DenoisedImages
from .output_warnings import implausibilities as implausibilities
