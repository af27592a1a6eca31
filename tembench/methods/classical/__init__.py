"""Classical denoisers that more than one folder of ``baselines/`` sets in its own way.

Each works on counts summed over blocks, or with ``binning = 1`` on single pixels, as the papers on
this benchmark quote these methods.
"""
