from .audit_file import (
    AUDIT_CASES as AUDIT_CASES,
    AUDIT_CSV as AUDIT_CSV,
    AUDIT_LIMIT as AUDIT_LIMIT,
    AUDIT_TOML as AUDIT_TOML,
    AuditScores as AuditScores,
    read_audit as read_audit,
    read_submitted_audit as read_submitted_audit,
)
from .expected_images import (
    check_expected_images as check_expected_images,
    false_recipe_claim as false_recipe_claim,
    released_recipes as released_recipes,
)
from .lookalikes import lookalike_key as lookalike_key
from .png_file import (
    check_png as check_png,
    plain_png as plain_png,
    redrawn as redrawn,
)
from .run_info import (
    CONTROLS as CONTROLS,
    DataInfo as DataInfo,
    RunDescription as RunDescription,
    RunInfo as RunInfo,
    read_run_description as read_run_description,
)
from .scores_csv import (
    IMAGE_FACTORS as IMAGE_FACTORS,
    MOST_PROBLEMS_SHOWN as MOST_PROBLEMS_SHOWN,
    read_rows as read_rows,
)
from .shown_file import (
    MOST_SHOWN_COLUMNS as MOST_SHOWN_COLUMNS,
    SHOWN_COLUMNS as SHOWN_COLUMNS,
    SHOWN_CSV as SHOWN_CSV,
    SHOWN_LIMIT as SHOWN_LIMIT,
    SHOWN_PNG as SHOWN_PNG,
    ShownImages as ShownImages,
    read_shown_files as read_shown_files,
)
from .shown_table import (
    ShownTable as ShownTable,
    read_shown_table as read_shown_table,
)
from .undefined_cells import (
    NEEDS as NEEDS,
    check_undefined_cells as check_undefined_cells,
    images_without as images_without,
    is_drawn as is_drawn,
)
from .untrusted_files import (
    read_bounded as read_bounded,
    read_tables as read_tables,
    refuse_links as refuse_links,
    short as short,
    walk as walk,
)
from .zarr_array import (
    PlainArray as PlainArray,
    plain_array as plain_array,
    read_array as read_array,
)
