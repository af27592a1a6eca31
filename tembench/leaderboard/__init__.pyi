from .render.by_factor_text import (
    factor_text as factor_text,
)
from .render.by_factor_text import (
    metrics_text as metrics_text,
)
from .render.by_factor_text import (
    overall_text as overall_text,
)
from .render.table_figure import table_image as table_image
from .render.table_formats import (
    summary as summary,
)
from .scoring.by_factor import as_plain as as_plain
from .scoring.inspect_image import inspect_image as inspect_image
from .scoring.long_format import (
    check_target as check_target,
)
from .scoring.long_format import (
    tidy_rows as tidy_rows,
)
from .scoring.long_format import (
    write_rows as write_rows,
)
from .scoring.metric_inputs import metric_inputs as metric_inputs
from .scoring.output_reader import read_outputs as read_outputs
from .scoring.plausibility import implausibilities as implausibilities
from .scoring.score import (
    SCORES as SCORES,
)
from .scoring.score import (
    SUMMARY as SUMMARY,
)
from .scoring.score import (
    ScoredOutputs as ScoredOutputs,
)
from .scoring.score import (
    own_files as own_files,
)
from .scoring.score import (
    score as score,
)
from .statistics import (
    CONFIDENCE as CONFIDENCE,
)
from .statistics import (
    Interval as Interval,
)
from .statistics import (
    difference as difference,
)
from .statistics import (
    resampling as resampling,
)
from .submission import (
    DESCRIPTION as DESCRIPTION,
)
from .submission import (
    Submission as Submission,
)
from .submission import (
    check as check,
)
from .submission import (
    submit as submit,
)
from .table import (
    Table as Table,
)
from .table import (
    build as build,
)
from .table import (
    build_from as build_from,
)
