"""Networks that map noisy counts per bin to clean values, both in units of the vacuum.

Each takes (n, 1, y, x) of any y and x, is local, and has two attributes for those who apply it in
tiles: ``margin``, how far its receptive field reaches from a bin, in bins; and ``multiple``, the
step that the corners of a tile must keep.
"""
