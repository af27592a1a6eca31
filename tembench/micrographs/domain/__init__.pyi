from .held_out import (
    folds as folds,
    parts_of as parts_of,
)
from .power_spectrum import (
    spectrum_of as spectrum_of,
)
from .ready_method import (
    Chosen as Chosen,
    MethodSource as MethodSource,
    ReadyMethod as ReadyMethod,
    at_ratio as at_ratio,
    no_frames as no_frames,
)
from .specimen_check import (
    specimen_warnings as specimen_warnings,
)
from .training_domain import (
    Domain as Domain,
)
