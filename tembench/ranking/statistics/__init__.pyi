from .audit_losses import (
    CaseLoss as CaseLoss,
    case_losses as case_losses,
    worst_case as worst_case,
)
from .bootstrap import (
    CONFIDENCE as CONFIDENCE,
    RESAMPLES as RESAMPLES,
    Interval as Interval,
    Resampling as Resampling,
    bootstrap_interval as bootstrap_interval,
    difference as difference,
    interval as interval,
    resampling as resampling,
    stretch as stretch,
)
from .ranks import shared_ranks as shared_ranks
from .specimen_groups import (
    ImageGroup as ImageGroup,
    image_groups as image_groups,
)
from .worst_cases import (
    GroupValue as GroupValue,
    WorstCases as WorstCases,
    find_worst_cases as find_worst_cases,
)
