from .atoms_files import (
    files_beside as files_beside,
    files_of_store as files_of_store,
    reference as reference,
)
from .parse_instrument import (
    IDEAL as IDEAL,
)
