"""Exit waves of specimens that share nothing with each other.

- `atom_factors`: scattering by one atom on a grid of frequencies
- `padded_cell`: the cell that a frame lies in, and its grids
- `plane_slices`: slices on atomic planes
- `slice_transmission`: effect of a slice's atoms on the wave
- `specimen_waves`: multislice of a specimen
- `wave_transforms`: Fourier transforms within a band, and products with a wave
- `window_spreading`: structure factors by spreading atoms as smooth windows
"""
