from .amorphous import build_film as build_film
from .ceria_models import embed_model as embed_model
from .particles import (
    SUPPORT_DIRECTION as SUPPORT_DIRECTION,
    build_particle as build_particle,
)
from .pieces import (
    FrameBox as FrameBox,
    Generators as Generators,
    Piece as Piece,
)
from .slabs import build_slab as build_slab
