"""Commands on image files and movies of a microscope.

- `apply_command`: apply
- `adapt_command`: adapt
- `trust_command`: trust
- `image_options`: options on what a file says, and the frames of a movie
"""
