from .column_tests import (
    AGAINST as AGAINST,
    OTHER_FRAMES as OTHER_FRAMES,
    OWN_COUNTS as OWN_COUNTS,
    SUPPORTED as SUPPORTED,
    UNDECIDED as UNDECIDED,
    VERDICT_COLOURS as VERDICT_COLOURS,
    VERDICTS as VERDICTS,
    ColumnVerdicts as ColumnVerdicts,
    contrast_power as contrast_power,
    judge_columns as judge_columns,
)
from .ratio_maps import (
    RatioMaps as RatioMaps,
    map_ratios as map_ratios,
)
from .shown_columns import (
    ShownColumns as ShownColumns,
    find_shown as find_shown,
)
from .support_index import (
    EmptyShare as EmptyShare,
    GroupSupport as GroupSupport,
    SupportIndex as SupportIndex,
    group_support as group_support,
)
from .surroundings import disc_and_ring as disc_and_ring
from .vacuum_check import (
    VacuumCheck as VacuumCheck,
    check_vacuum as check_vacuum,
)
