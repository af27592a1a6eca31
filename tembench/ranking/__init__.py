"""Leaderboard: scores of outputs, submissions, and the table that ranks them.

- `bounding_controls`: refusal of a table with a row better than the clean image
- `changed_scores`: differences between the scores of an entry and its earlier ones
- `comparable`: conditions under which submissions may be in one table
- `costs`: columns of run time, memory, hardware and size
- `flags`: marks of suspicious rows
- `make_submission`: a submission made of scored outputs
- `number_format`: numbers as every format shows them
- `submission`: a submission, checked without the images
- `submission_folders`: folders of submissions, sorted into tables
- `table`: submissions ordered and ranked
- `table_ranks`: order and ranks of the rows by any metric
- `table_rows`: dataclasses of a table, its rows and columns
- `training_seeds`: trainings with other seeds, merged into one row
- `render`: the table as text, page and figure
- `plausibility`: outputs in other units, orders or positions, or too good
- `review`: review of a pull request
- `scoring`: outputs to scores
- `site`: static pages of tables
- `submission_parts`: files and record of a submission, and what it states
- `submitting`: images in any format, scored and submitted
- `stability`: stability of ranks in halves and in fresh draws
- `statistics`: means over specimens, intervals, ranks and worst cases
- `untrusted`: the trust boundary
- `untrusted_images`: images of a caller's own, read within bounds
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
