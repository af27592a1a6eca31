"""Image files denoised and written back on their own pixels.

- `prepare`: an image as counts at the pixel size and dose of a method
- `denoise_file`: one image file denoised
- `batch`: many image files denoised, with failures and reruns
- `output_files`: the paths of the results
- `file_record`: the record inside a result of what made it
- `write_image`: the TIFF and the PNG preview of a result
- `messages`: the lines printed about results, warnings and failures
"""
