"""Audit of methods: the same specimens changed in one way each, and what a method loses by it.

- `changes`: changes of a specimen, its optics or its exposure, and their application
- `scenes`: a specimen in front of an instrument, and views of it under a change
- `drawn_scenes`: scenes of a drawn store's images
- `closed_scenes`: scenes of a closed store's images, their models embedded in the frame
- `view_cache`: simulated views in a folder, each made once
- `disc_scores`: PSNR and column F1 on the part of the specimen that all views show
- `score_cases`: one method on all cases, image by image
- `audit_results`: the files of an audit, and its tables
- `audit_figure`: the losses of several methods as a figure
- `audit_run`: a whole audit, from a store to its files
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
