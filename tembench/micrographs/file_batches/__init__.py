"""Batches of image files: results found, made, written and told.

- `batch`: many image files denoised, with failures and reruns
- `batch_run`: file after file, with failures and warnings gathered
- `made_result`: an image or a movie denoised and written
- `found_result`: an existing result, kept if it is complete and made the same way
- `output_files`: the paths of the results
- `messages`: the lines printed about results, warnings and failures
"""
