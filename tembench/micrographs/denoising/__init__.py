"""Image files denoised and written back on their own pixels.

- `counted_image`: a file's image as electron counts on square pixels, with their dose
- `trial_image`: a clean image of a file, with shot noise drawn at the method's pixel size
- `denoise_file`: one image file denoised
- `frame_denoiser`: frames of a movie, by one counting rule and one dose
- `batch`: many image files denoised, with failures and reruns
- `output_files`: the paths of the results
- `file_record`: the record inside a result of what made it
- `write_image`: the TIFF and the PNG preview of a result
- `messages`: the lines printed about results, warnings and failures
"""
