from .all_tests import (
    TESTS as TESTS,
    Evidence as Evidence,
    collect_evidence as collect_evidence,
)
from .half_doses import (
    AGAINST_ELECTRONS as AGAINST_ELECTRONS,
    BETWEEN_HALVES as BETWEEN_HALVES,
    HalfDoses as HalfDoses,
)
from .held_out_error import HeldOutError as HeldOutError
from .residual_structure import ResidualStructure as ResidualStructure
from .subject import Subject as Subject
from .subject_files import (
    Recorded as Recorded,
    Sources as Sources,
    chosen_options as chosen_options,
    read_subject as read_subject,
    recorded as recorded,
    recorded_method as recorded_method,
)
