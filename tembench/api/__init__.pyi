from .array_outputs import write_outputs as write_outputs
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
