"""Commands on image files and movies of a microscope.

- `apply_command`: apply
- `adapt_command`: adapt
- `trust_command`: trust
- `report_on`: a report on one image, as trust and apply write it
- `image_options`: options on what a file says, and the frames of a movie
"""
