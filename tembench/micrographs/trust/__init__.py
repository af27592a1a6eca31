"""Trust: what the electrons of an image say of its denoised version, and a report of it.

- `subject`: an image, its electrons, the method, and other frames
- `noise_facts`: whether electrons are counted one by one, each in one pixel
- `frame_shift`: how far other frames are displaced from the image
- `judging_frames`: other frames of the same place, read and checked
- `subject_files`: the files of a subject, and the method that a denoised file records
- `column_evidence`: columns that an image shows, and what electrons say of them
- `held_out_error`: the error without a clean image, alone and against simple filters
- `half_doses`: what two halves of the electrons, denoised apart, agree on
- `residual_structure`: signal left in the noise that was removed
- `domain_figures`: the image beside those that the method was trained on
- `all_tests`: all tests of one denoised image
- `report`: the report of the evidence
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
