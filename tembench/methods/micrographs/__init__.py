"""Micrographs: image files of a microscope, denoised and written back on their own pixels.

- `file_options`: the user's options for image files
- `read_image`: one image of a file, with its values and pixel size
- `formats`: the readers of file formats
- `units`: pixel sizes in angstrom from the axes of a file
- `prepare`: an image as counts at the pixel size and dose of a method
- `electrons`: stored values as counts, their dose, and resampling
- `training_domain`: the pixel size, dose and recipe that a method was trained at
- `lattice`: the pixel size of a clean image, from its lattice
- `specimen_check`: the warning for images unlike those that a network was trained on
- `power_spectrum`: noise and lattice planes in the spectrum of counts
- `denoise_file`: one image file denoised
- `batch`: many image files denoised, with failures and reruns
- `output_files`: the paths of the results
- `file_record`: the record inside a result of what made it
- `write_image`: the TIFF and the PNG preview of a result
- `messages`: the lines printed about results, warnings and failures
"""
