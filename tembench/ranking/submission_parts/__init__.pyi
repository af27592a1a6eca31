from .submission_files import (
    SUBMISSION_TOML as SUBMISSION_TOML,
    read_submitted as read_submitted,
    read_submitted_files as read_submitted_files,
)
from .submission_metadata import (
    Question as Question,
    metadata_tables as metadata_tables,
    stated_tables as stated_tables,
    unstated as unstated,
)
