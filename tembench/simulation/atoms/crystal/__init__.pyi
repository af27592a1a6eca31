from .crystal_checks import (
    check_crystal as check_crystal,
    describe_crystal as describe_crystal,
)
from .faulted_lattice import (
    face_centred_cubic as face_centred_cubic,
    fill_lattice as fill_lattice,
    nearest_distance as nearest_distance,
)
from .lattice_box import fill_box as fill_box
from .orientation import (
    about as about,
    beam_turn as beam_turn,
    crystal_turn as crystal_turn,
    random_turn as random_turn,
    zone_axis_of as zone_axis_of,
)
from .planes import planes_of_families as planes_of_families
from .unit_cells import (
    UnitCell as UnitCell,
    has_cell as has_cell,
    read_crystal as read_crystal,
    unit_cell as unit_cell,
)
