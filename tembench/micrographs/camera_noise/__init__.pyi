from .counting import (
    Counting as Counting,
    counting_of as counting_of,
)
from .gain_estimate import (
    GainEstimate as GainEstimate,
    estimate_gain as estimate_gain,
)
from .noise_correlation import (
    NoiseCorrelation as NoiseCorrelation,
    measure_correlation as measure_correlation,
)
