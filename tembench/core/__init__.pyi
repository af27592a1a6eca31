from .dose import (
    REFERENCE_DOSE_E_PER_PX as REFERENCE_DOSE_E_PER_PX,
)
from .dose import (
    thin as thin,
)
from .dose import (
    thin_into as thin_into,
)
from .environment import (
    installed as installed,
)
from .environment import (
    lacking as lacking,
)
from .environment import (
    made_by as made_by,
)
from .environment import (
    missing_package as missing_package,
)
from .errors import (
    OS_EXIT_CODE as OS_EXIT_CODE,
)
from .errors import (
    BatchError as BatchError,
)
from .errors import (
    ImageError as ImageError,
)
from .errors import (
    MethodError as MethodError,
)
from .errors import (
    MissingPackage as MissingPackage,
)
from .errors import (
    OutputError as OutputError,
)
from .errors import (
    RecipeError as RecipeError,
)
from .errors import (
    StoreError as StoreError,
)
from .errors import (
    TableError as TableError,
)
from .errors import (
    TembenchError as TembenchError,
)
from .errors import (
    is_plain as is_plain,
)
from .errors import (
    printable as printable,
)
from .errors import (
    together as together,
)
from .files import (
    absolute as absolute,
)
from .files import (
    locked as locked,
)
from .files import (
    naming as naming,
)
from .files import (
    put_in_place as put_in_place,
)
from .files import (
    read_toml as read_toml,
)
from .files import (
    remove_leftovers as remove_leftovers,
)
from .files import (
    staging as staging,
)
from .files import (
    write_bytes as write_bytes,
)
from .files import (
    write_text as write_text,
)
from .files import (
    write_toml as write_toml,
)
from .jit import (
    compiled as compiled,
)
from .overwrite import (
    refuse_inputs as refuse_inputs,
)
from .overwrite import (
    refuse_method_folder as refuse_method_folder,
)
from .overwrite import (
    same_place as same_place,
)
from .paths import (
    baselines_folder as baselines_folder,
)
from .paths import (
    known_name as known_name,
)
from .paths import (
    method_names as method_names,
)
from .paths import (
    quick_method_names as quick_method_names,
)
from .paths import (
    recipe_names as recipe_names,
)
from .paths import (
    recipes_folder as recipes_folder,
)
from .paths import (
    store_remedy as store_remedy,
)
from .plotting import (
    INK as INK,
)
from .plotting import (
    MUTED as MUTED,
)
from .plotting import (
    figure_of as figure_of,
)
from .plotting import (
    picture_record as picture_record,
)
from .plotting import (
    save_figure as save_figure,
)
from .plotting import (
    scale_bar as scale_bar,
)
from .plotting import (
    shortened as shortened,
)
from .progress_bar import (
    Advance as Advance,
)
from .progress_bar import (
    enable as enable,
)
from .progress_bar import (
    notice as notice,
)
from .progress_bar import (
    progress as progress,
)
from .resource_use import (
    available_memory_bytes as available_memory_bytes,
)
from .resource_use import (
    peak_memory_MB as peak_memory_MB,
)
from .resource_use import (
    stage as stage,
)
from .resource_use import (
    timed_stages as timed_stages,
)
from .resource_use import (
    watched_memory as watched_memory,
)
from .seeds import (
    seed_sequence as seed_sequence,
)
from .text_tables import (
    amount_text as amount_text,
)
from .text_tables import (
    csv_text as csv_text,
)
from .text_tables import (
    first_few as first_few,
)
from .text_tables import (
    markdown_escaped as markdown_escaped,
)
from .text_tables import (
    markdown_table as markdown_table,
)
from .toml_reader import (
    Reader as Reader,
)
from .toml_reader import (
    quoted as quoted,
)
from .workers import (
    run_tasks as run_tasks,
)
from .workers import (
    worker_pool as worker_pool,
)
