"""Leaderboard: scores of outputs, submissions, and the table that ranks them.

- `comparable`: conditions under which submissions may be in one table
- `costs`: columns of run time, memory, hardware and size
- `flags`: marks of suspicious rows
- `make_submission`: a submission made of scored outputs
- `number_format`: numbers as every format shows them
- `ranking`: ranks of hundreds of rows
- `statistics`: bootstrap intervals over atomic models
- `submission`: a submission, checked without the images
- `table`: submissions ordered and ranked
- `render`: the table as text, page and figure
- `scoring`: outputs to scores
- `untrusted`: the trust boundary
"""

import lazy_loader

__getattr__, __dir__, __all__ = lazy_loader.attach_stub(__name__, __file__)
