"""Commands on submissions.

- `check_command`: check
- `metadata_options`: options on what a submission states, and questions at a terminal
- `submit_command`: submit
"""
