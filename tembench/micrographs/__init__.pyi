from .adapting.adapt import (
    Adaptation as Adaptation,
)
from .denoising import (
    CountedImage as CountedImage,
    count_image as count_image,
    maker_of as maker_of,
    square_ratios as square_ratios,
    unusual_for as unusual_for,
    with_likelier_dose as with_likelier_dose,
)
from .domain import (
    Chosen as Chosen,
    MethodSource as MethodSource,
    ReadyMethod as ReadyMethod,
    no_frames as no_frames,
    specimen_warnings as specimen_warnings,
)
from .file_batches.batch import (
    SHIPPED as SHIPPED,
    Batch as Batch,
)
from .file_batches.output_files import (
    is_single_file as is_single_file,
    is_single_image as is_single_image,
)
from .formats import (
    SUFFIXES as SUFFIXES,
    Axis as Axis,
    StoredImage as StoredImage,
)
from .movies import (
    MovieRule as MovieRule,
    reach_of as reach_of,
    rule_of as rule_of,
)
from .reading import (
    FileOptions as FileOptions,
    Stack as Stack,
    is_energy as is_energy,
    micrograph_of as micrograph_of,
    open_stack as open_stack,
    pixel_sizes_of as pixel_sizes_of,
)
from .selection import (
    AUTO as AUTO,
    AutoMethod as AutoMethod,
)
from .trust import (
    TESTS as TESTS,
    Subject as Subject,
    chosen_options as chosen_options,
    collect_evidence as collect_evidence,
    read_subject as read_subject,
    recorded as recorded,
    recorded_method as recorded_method,
)
from .trust.column_evidence import (
    AGAINST as AGAINST,
    SUPPORTED as SUPPORTED,
    VERDICT_COLOURS as VERDICT_COLOURS,
    VERDICTS as VERDICTS,
    ColumnVerdicts as ColumnVerdicts,
    check_vacuum as check_vacuum,
    find_shown as find_shown,
    judge_columns as judge_columns,
)
from .trust.noise_facts import (
    noise_facts as noise_facts,
)
from .trust.report.write_report import (
    refuse_other_folder as refuse_other_folder,
    write_report as write_report,
)
