from .make_submission import (
    MadeSubmission as MadeSubmission,
    submit_outputs as submit_outputs,
)
from .number_format import (
    UNKNOWN as UNKNOWN,
    interval_text as interval_text,
    json_number as json_number,
    number_text as number_text,
    value_text as value_text,
)
from .render.by_factor_text import (
    factor_text as factor_text,
    metrics_text as metrics_text,
    overall_text as overall_text,
)
from .render.captions import (
    caption as caption,
    marks as marks,
    metric_heading as metric_heading,
    notes as notes,
    rank_text as rank_text,
)
from .render.closed_against_open import closed_against_open as closed_against_open
from .render.csv_and_json import table_summary as table_summary
from .render.marked_tables import update_page as update_page
from .render.table_figure import table_image as table_image
from .render.table_formats import (
    render_table as render_table,
    render_tables as render_tables,
)
from .review.pull_request import review_pull_request as review_pull_request
from .review.review_text import (
    review_markdown as review_markdown,
    review_verdict as review_verdict,
)
from .scoring.by_factor import (
    FACTOR_COLUMNS as FACTOR_COLUMNS,
    groups_summary as groups_summary,
)
from .scoring.inspect_image import inspect_image as inspect_image
from .scoring.long_format import (
    check_rows_target as check_rows_target,
    tidy_rows as tidy_rows,
    write_rows as write_rows,
)
from .scoring.metric_inputs import metric_inputs as metric_inputs
from .scoring.output_reader import read_outputs as read_outputs
from .scoring.rankable import (
    LookUpMargin as LookUpMargin,
    look_up_margin as look_up_margin,
)
from .scoring.score import (
    SCORES_TOML as SCORES_TOML,
    ScoredOutputs as ScoredOutputs,
    score_outputs as score_outputs,
    written_files as written_files,
)
from .scoring.scores_file import SCORES_CSV as SCORES_CSV
from .site.site_folder import write_site as write_site
from .stability.bump_chart import bump_chart as bump_chart
from .stability.draw_ranks import (
    draw_ranks as draw_ranks,
    ranks_csv as ranks_csv,
    ranks_markdown as ranks_markdown,
)
from .stability.fresh_draws import (
    Entrant as Entrant,
    FreshDraws as FreshDraws,
)
from .stability.split_halves import (
    RankStability as RankStability,
    rank_stability as rank_stability,
    ranked_scores as ranked_scores,
    stability_text as stability_text,
)
from .statistics.audit_losses import (
    CaseLoss as CaseLoss,
    case_losses as case_losses,
    worst_case as worst_case,
)
from .statistics.bootstrap import (
    CONFIDENCE as CONFIDENCE,
    resampling as resampling,
)
from .statistics.mean_intervals import (
    Interval as Interval,
    difference as difference,
)
from .submission import (
    Submission as Submission,
    check_submission as check_submission,
    examine_submission as examine_submission,
    mistake_text as mistake_text,
)
from .submission_folders import (
    build_table as build_table,
    build_tables as build_tables,
    check_submissions as check_submissions,
)
from .submission_parts import (
    SUBMISSION_TOML as SUBMISSION_TOML,
    Question as Question,
    metadata_tables as metadata_tables,
)
from .submitting.submission_trial import (
    examined_images as examined_images,
    submission_trial as submission_trial,
)
from .submitting.submit_images import (
    check_target as check_target,
    submit_images as submit_images,
    unanswered as unanswered,
)
from .submitting.unscored import unscored_images as unscored_images
from .table import table_of_submissions as table_of_submissions
from .table_ranks import ranks_by as ranks_by
from .table_rows import (
    Table as Table,
    TableRow as TableRow,
)
from .untrusted.audit_file import (
    AUDIT_BASE as AUDIT_BASE,
    AUDIT_CASES as AUDIT_CASES,
    AUDIT_COLUMNS as AUDIT_COLUMNS,
    AUDIT_CSV as AUDIT_CSV,
    AUDIT_FORMAT as AUDIT_FORMAT,
    AUDIT_LIMIT as AUDIT_LIMIT,
    AUDIT_TOML as AUDIT_TOML,
    AuditScores as AuditScores,
    read_audit as read_audit,
    read_submitted_audit as read_submitted_audit,
)
from .untrusted.run_info import read_run_description as read_run_description
from .untrusted.scores_csv import read_rows as read_rows
from .untrusted.untrusted_files import (
    read_tables as read_tables,
    refuse_links as refuse_links,
)
