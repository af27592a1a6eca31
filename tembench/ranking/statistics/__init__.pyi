from .audit_losses import (
    CaseLoss as CaseLoss,
    case_losses as case_losses,
    worst_case as worst_case,
)
from .bootstrap import (
    CONFIDENCE as CONFIDENCE,
    RESAMPLES as RESAMPLES,
    Resampling as Resampling,
    alike as alike,
    resampling as resampling,
    stretch as stretch,
)
from .mean_intervals import (
    Interval as Interval,
    bootstrap_interval as bootstrap_interval,
    difference as difference,
    interval as interval,
    intervals as intervals,
    paired_gaps as paired_gaps,
)
from .ranks import (
    demonstrably_better as demonstrably_better,
    rank_ranges as rank_ranges,
    shared_ranks as shared_ranks,
)
from .specimen_groups import (
    ImageGroup as ImageGroup,
    image_groups as image_groups,
)
from .worst_cases import (
    GroupValue as GroupValue,
    WorstCases as WorstCases,
    find_worst_cases as find_worst_cases,
)
