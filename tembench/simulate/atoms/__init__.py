"""Atoms of any specimen: crystals from files, particles, amorphous films, put together.

- `specimen`: the atoms of a specimen in the frame's coordinates
"""
