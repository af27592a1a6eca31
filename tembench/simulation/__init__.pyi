from .array_backend import (
    Device as Device,
    open_device as open_device,
)
from .atomic_columns import (
    Columns as Columns,
    find_columns as find_columns,
    projected as projected,
)
from .atoms.assemble import build_specimen as build_specimen
from .atoms.component_discs import component_masks as component_masks
from .atoms.crystal import (
    check_crystal as check_crystal,
    describe_crystal as describe_crystal,
    read_crystal as read_crystal,
)
from .atoms.specimen import (
    ImpossibleDrawError as ImpossibleDrawError,
    Specimen as Specimen,
)
from .atoms.thermal_displacements import displacement_of as displacement_of
from .atoms.true_columns import (
    SpecimenColumns as SpecimenColumns,
    specimen_columns as specimen_columns,
)
from .detector import (
    NOISE_STEP_E as NOISE_STEP_E,
    detect as detect,
    expose as expose,
    noise_generator as noise_generator,
    record as record,
)
from .imaging.aberrations import (
    aberration_gradient as aberration_gradient,
    aberration_phase as aberration_phase,
)
from .imaging.camera import (
    DIGITAL_RANGE as DIGITAL_RANGE,
    detective_quantum_efficiency as detective_quantum_efficiency,
    modulation_transfer as modulation_transfer,
    noise_power as noise_power,
    noise_variance as noise_variance,
    record_with_camera as record_with_camera,
)
from .imaging.image_formation import (
    form_image as form_image,
)
from .imaging.motion import (
    frame_motion as frame_motion,
    frame_states as frame_states,
    jump_columns as jump_columns,
)
from .imaging.optics_limits import (
    check_coherence as check_coherence,
    check_padding as check_padding,
    check_pixel as check_pixel,
    largest_displacement_A as largest_displacement_A,
    padding_rule_A as padding_rule_A,
)
from .imaging.transfer_distance import (
    contrast_transfer as contrast_transfer,
    transfer_distance as transfer_distance,
)
from .multislice import (
    ExitWaves as ExitWaves,
    exit_waves as exit_waves,
    frequencies as frequencies,
    frequency_orders as frequency_orders,
)
from .optics import (
    Lens as Lens,
    form_images as form_images,
    lens_phases as lens_phases,
)
from .recording import (
    draw_recording as draw_recording,
)
from .structures import (
    CERIA_A as CERIA_A,
    CERIUM_SPACING_A as CERIUM_SPACING_A,
    PARTICLE_X_A as PARTICLE_X_A,
    TOP_CERIUM_Y_A as TOP_CERIUM_Y_A,
    Structure as Structure,
    build_structure as build_structure,
    particle_sites as particle_sites,
    platinum_spacing_A as platinum_spacing_A,
)
from .waves.padded_cell import (
    PaddedCell as PaddedCell,
    padded_pixels as padded_pixels,
    plan_cell as plan_cell,
)
from .waves.specimen_waves import (
    SpecimenWave as SpecimenWave,
    specimen_wave as specimen_wave,
)
