from .array_backend import (
    Device as Device,
)
from .array_backend import (
    open_device as open_device,
)
from .atomic_columns import (
    Columns as Columns,
)
from .atomic_columns import (
    find_columns as find_columns,
)
from .atomic_columns import (
    projected as projected,
)
from .detector import (
    NOISE_STEP_E as NOISE_STEP_E,
)
from .detector import (
    detect as detect,
)
from .detector import (
    expose as expose,
)
from .detector import (
    noise_generator as noise_generator,
)
from .detector import (
    record as record,
)
from .multislice import (
    ExitWaves as ExitWaves,
)
from .multislice import (
    exit_waves as exit_waves,
)
from .multislice import (
    frequencies as frequencies,
)
from .optics import (
    Lens as Lens,
)
from .optics import (
    form_images as form_images,
)
from .optics import (
    lens_phases as lens_phases,
)
from .structures import (
    CERIA_A as CERIA_A,
)
from .structures import (
    CERIUM_SPACING_A as CERIUM_SPACING_A,
)
from .structures import (
    Structure as Structure,
)
from .structures import (
    build_structure as build_structure,
)
from .structures import (
    particle_sites as particle_sites,
)
from .structures import (
    platinum_spacing_A as platinum_spacing_A,
)
