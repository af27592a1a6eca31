from . import (
    hyperspy as hyperspy,
    torch as torch,
)
from .api import (
    leaderboard as leaderboard,
    score as score,
    score_all as score_all,
    simulate as simulate,
    submit as submit,
    write_outputs as write_outputs,
)
from .core import (
    TembenchError as TembenchError,
    list_methods as list_methods,
    list_recipes as list_recipes,
    show_progress as show_progress,
)
from .dataset import (
    NoisyImage as NoisyImage,
    Store as Store,
    generate as generate,
    open_inputs as open_inputs,
    open_store as open_store,
)
from .methods import (
    Denoiser as Denoiser,
    load_method as load_method,
)
from .metrics import METRICS as METRICS
from .recipe import load_recipe as load_recipe

__version__: str
