"""Atoms of any specimen: crystals from files, particles, amorphous films, put together.

- `assemble`: specimens put together from drawn components
- `component_discs`: masks of particles, supports, films and vacuum
- `contact`: the exact move to contact, and nearest approaches
- `crystal`: unit cells, orientations, and boxes filled with a crystal
- `parts`: slabs, particles, films and models of platinum on ceria
- `specimen`: the atoms of a specimen in the frame's coordinates
- `thermal_displacements`: thermal displacements by element, with their sources
- `true_columns`: true atomic columns of a specimen
"""
