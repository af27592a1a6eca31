from .draw_ranks import (
    TABLE as TABLE,
    agreement as agreement,
)
from .fresh_draws import (
    FRESH_SPECIMENS as FRESH_SPECIMENS,
    OTHER_NOISE as OTHER_NOISE,
)
from .split_halves import (
    rank_stability as rank_stability,
    spearman as spearman,
    specimen_means as specimen_means,
    stability_text as stability_text,
)
