"""Review of a pull request: what it changes under ``submissions/``, checked from data alone.

- `checkouts`: files that two checkouts differ in
- `incoming_outputs`: outputs in a pull request, scored on the organiser's data set
- `proposed_rows`: rows that a pull request adds to the tables, and ranks that it moves
- `proposed_submissions`: submissions that a pull request adds, changes or removes
- `pull_request`: all of it, with what refuses the pull request and what needs a person
- `review_text`: the review as Markdown
- `touched_folders`: changed files sorted by the submission or outputs that they belong to
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
