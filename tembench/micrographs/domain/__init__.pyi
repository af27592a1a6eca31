from .held_out import (
    disjoint_parts as disjoint_parts,
    folds as folds,
    log_likelihood as log_likelihood,
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
    Verdict as Verdict,
    judge as judge,
    specimen_warnings as specimen_warnings,
)
from .training_domain import (
    Domain as Domain,
)
