from .argument_names import (
    naming_arguments as naming_arguments,
    with_arguments as with_arguments,
)
from .array_frames import (
    ArrayFrames as ArrayFrames,
    pixel_sizes_from_units as pixel_sizes_from_units,
)
from .array_outputs import write_outputs as write_outputs
from .frame_method import FrameDenoiser as FrameDenoiser
from .named_method import (
    AUTO as AUTO,
    method_source as method_source,
    single_image_methods as single_image_methods,
)
from .score_arrays import (
    score as score,
    score_all as score_all,
)
from .simulated_images import (
    SimulatedImages as SimulatedImages,
    simulate as simulate,
)
from .tables import (
    leaderboard as leaderboard,
    submit as submit,
)
