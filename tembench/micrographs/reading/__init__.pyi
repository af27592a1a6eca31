from .file_options import (
    FileOptions as FileOptions,
)
from .lattice import (
    pixel_size_from_lattice as pixel_size_from_lattice,
)
from .read_image import (
    Micrograph as Micrograph,
    check_memory as check_memory,
    micrograph_of as micrograph_of,
    read_micrograph as read_micrograph,
)
from .stack import (
    Stack as Stack,
    open_as_told as open_as_told,
    open_stack as open_stack,
)
from .units import (
    is_energy as is_energy,
    pixel_sizes_of as pixel_sizes_of,
)
