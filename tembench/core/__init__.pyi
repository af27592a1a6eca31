from .dose import (
    REFERENCE_DOSE_E_PER_PX as REFERENCE_DOSE_E_PER_PX,
    thin as thin,
    thin_into as thin_into,
)
from .environment import (
    installed as installed,
    lacking as lacking,
    made_by as made_by,
    missing_package as missing_package,
)
from .errors import (
    OS_EXIT_CODE as OS_EXIT_CODE,
    BatchError as BatchError,
    ImageError as ImageError,
    MethodError as MethodError,
    MissingPackage as MissingPackage,
    OutputError as OutputError,
    RecipeError as RecipeError,
    StoreError as StoreError,
    TableError as TableError,
    TembenchError as TembenchError,
    is_plain as is_plain,
    printable as printable,
    quoted as quoted,
    together as together,
)
from .files import (
    absolute as absolute,
    locked as locked,
    naming as naming,
    put_in_place as put_in_place,
    read_toml as read_toml,
    remove_leftovers as remove_leftovers,
    staging as staging,
    write_bytes as write_bytes,
    write_text as write_text,
    write_toml as write_toml,
)
from .jit import compiled as compiled
from .overwrite import (
    refuse_inputs as refuse_inputs,
    refuse_method_folders as refuse_method_folders,
    same_place as same_place,
)
from .parallel.tasks import (
    FunctionJob as FunctionJob,
    run_tasks as run_tasks,
)
from .parallel.workers import worker_pool as worker_pool
from .paths import (
    baselines_folder as baselines_folder,
    known_name as known_name,
    list_methods as list_methods,
    list_recipes as list_recipes,
    quick_method_names as quick_method_names,
    recipes_folder as recipes_folder,
    store_remedy as store_remedy,
)
from .plotting import (
    INK as INK,
    MUTED as MUTED,
    figure_of as figure_of,
    picture_record as picture_record,
    save_figure as save_figure,
    scale_bar as scale_bar,
    shortened as shortened,
)
from .progress_bar import (
    Advance as Advance,
    notice as notice,
    progress as progress,
    show_progress as show_progress,
    without_progress as without_progress,
)
from .resource_use import (
    available_memory_bytes as available_memory_bytes,
    peak_memory_MB as peak_memory_MB,
    stage as stage,
    timed_stages as timed_stages,
    watched_memory as watched_memory,
)
from .seeds import seed_sequence as seed_sequence
from .text_tables import (
    amount_text as amount_text,
    csv_text as csv_text,
    first_few as first_few,
    markdown_escaped as markdown_escaped,
    markdown_table as markdown_table,
)
from .toml_reader import (
    REQUIRED as REQUIRED,
    Bounds as Bounds,
    Reader as Reader,
)
