from .power_spectrum import (
    spectrum_of as spectrum_of,
)
from .ready_method import (
    ReadyMethod as ReadyMethod,
    at_ratio as at_ratio,
)
from .specimen_check import (
    Verdict as Verdict,
    judge as judge,
    specimen_warnings as specimen_warnings,
)
from .training_domain import (
    Domain as Domain,
)
