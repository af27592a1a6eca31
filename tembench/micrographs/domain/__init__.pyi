from .ready_method import (
    ReadyMethod as ReadyMethod,
    at_ratio as at_ratio,
)
from .specimen_check import (
    specimen_warnings as specimen_warnings,
)
from .training_domain import (
    Domain as Domain,
)
