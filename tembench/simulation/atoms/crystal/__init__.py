"""Crystals: unit cells, their symmetry and orientation, and boxes filled with them.

- `crystal_checks`: checks of crystals, and their description in one line
- `faulted_lattice`: boxes filled with a crystal, twins and stacking faults
- `lattice_box`: the sites of a lattice inside a box
- `orientation`: turns of a crystal to zone axis, rotation and mistilt
- `planes`: families of planes and the point group that makes them
- `unit_cells`: unit cells from files or by the name of their structure
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
