from .check_models import load_checked_recipe as load_checked_recipe
from .create_store import (
    is_vacant as is_vacant,
)
from .generate import (
    Generation as Generation,
)
from .simulate_model import (
    simulate_waves as simulate_waves,
)
from .verify import (
    Verification as Verification,
    forget_damaged as forget_damaged,
    lost as lost,
    refuse_lost as refuse_lost,
)
from .workload import (
    Workload as Workload,
)
