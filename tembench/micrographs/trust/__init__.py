"""Trust: what the electrons of an image say of its denoised version, and a report of it.

- `subject`: an image, its electrons, the method, and other frames
- `noise_facts`: whether electrons are counted one by one, each in one pixel
- `read_subject`: the files of a subject, and the method that a denoised file records
- `disc_and_ring`: electrons of a column against those of its surroundings
- `shown_columns`: the bright and dark columns that an image shows
- `held_out_error`: the error without a clean image, alone and against simple filters
- `column_tests`: columns that the electrons support, and that they contradict
- `support_index`: what unseen electrons say of the columns as a group
- `ratio_maps`: where electrons favour an image over vacuum and over its surroundings
- `half_doses`: what two halves of the electrons, denoised apart, agree on
- `residual_structure`: signal left in the noise that was removed
- `vacuum_check`: columns that a method draws where there is nothing
- `domain_figures`: the image beside those that the method was trained on
- `evidence`: all tests of one denoised image
- `report`: the report of the evidence
"""
