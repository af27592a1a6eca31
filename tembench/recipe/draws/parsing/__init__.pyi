from .atoms_files import (
    FileSource as FileSource,
    files_beside as files_beside,
    files_of_store as files_of_store,
    reference as reference,
)
from .drawn_checks import (
    LARGEST_FRAME_PX as LARGEST_FRAME_PX,
    check_drawn as check_drawn,
)
from .parse_components import (
    ELEMENT_SYMBOLS as ELEMENT_SYMBOLS,
    named_tables as named_tables,
    specimen_kind as specimen_kind,
)
from .parse_instrument import (
    IDEAL as IDEAL,
    IDEAL_CAMERA as IDEAL_CAMERA,
    PIXEL_SIZE_BOUNDS as PIXEL_SIZE_BOUNDS,
    camera as camera,
    exposure as exposure,
    optics as optics,
)
from .value_reader import (
    ValueReader as ValueReader,
)
