"""Parts of a specimen, one component each, in the frame's coordinates.

- `amorphous`: amorphous films out of a box of atoms that keep their distances
- `ceria_models`: models of platinum on ceria, embedded in any frame
- `particle_shapes`: Wulff polyhedra, spheres, boxes and decahedra
- `particle_surface`: truncation, roughening and adatoms
- `particles`: particles put together from shape and surface
- `pieces`: the atoms of one component, and the frame's box
- `slabs`: crystals that fill the frame, strained, cut to thickness
- `surfaces`: surfaces in profile, with steps
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
