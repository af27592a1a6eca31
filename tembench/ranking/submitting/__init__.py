"""Submitting: images in any format, described, scored and made a submission.

- `image_import`: images of a caller's own as a folder of outputs, resumable
- `image_numbers`: numbers of the store that images belong to
- `submission_trial`: what a submission would be like, without writing it
- `submit_images`: images, scored or not, to a submission
- `unscored`: outputs or images of any format, ready to be looked at
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
