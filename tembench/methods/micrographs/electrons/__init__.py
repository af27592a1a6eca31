"""Stored values as electrons: which are counts, how many in vacuum, and on pixels of another size.

``counts`` turns values into counts in the narrowest of ``types``, judged by their ``noise_level``
and without ``outliers``; ``vacuum`` and ``dose`` find the electrons per pixel. ``placing`` and
``sampling`` bring counts and smooth images to pixels of another size. ``shot_noise`` draws noise
for a clean image, and ``noisy_already`` notices one that is none.
"""
