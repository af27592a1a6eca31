from .make_submission import submit as submit
from .number_format import (
    UNKNOWN as UNKNOWN,
)
from .number_format import (
    interval_text as interval_text,
)
from .number_format import (
    json_number as json_number,
)
from .number_format import (
    number_text as number_text,
)
from .number_format import (
    value_text as value_text,
)
from .render.by_factor_text import (
    factor_text as factor_text,
)
from .render.by_factor_text import (
    metrics_text as metrics_text,
)
from .render.by_factor_text import (
    overall_text as overall_text,
)
from .render.captions import metric_heading as metric_heading
from .render.table_figure import table_image as table_image
from .render.table_formats import (
    render_table as render_table,
)
from .render.table_formats import (
    table_summary as table_summary,
)
from .scoring.by_factor import groups_summary as groups_summary
from .scoring.inspect_image import inspect_image as inspect_image
from .scoring.long_format import (
    check_rows_target as check_rows_target,
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
    SCORES_CSV as SCORES_CSV,
)
from .scoring.score import (
    SCORES_TOML as SCORES_TOML,
)
from .scoring.score import (
    ScoredOutputs as ScoredOutputs,
)
from .scoring.score import (
    score as score,
)
from .scoring.score import (
    written_files as written_files,
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
    SUBMISSION_TOML as SUBMISSION_TOML,
)
from .submission import (
    Submission as Submission,
)
from .submission import (
    check_submission as check_submission,
)
from .table import (
    Table as Table,
)
from .table import (
    build_table as build_table,
)
from .table import (
    table_of_submissions as table_of_submissions,
)
from .untrusted.run_info import read_run_description as read_run_description
from .untrusted.scores_csv import read_rows as read_rows
from .untrusted.untrusted_files import (
    read_tables as read_tables,
)
from .untrusted.untrusted_files import (
    refuse_links as refuse_links,
)
