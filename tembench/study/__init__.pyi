from .curves import (
    curves_csv as curves_csv,
    curves_figure as curves_figure,
    curves_markdown as curves_markdown,
    read_trainings as read_trainings,
)
from .field_of_view import (
    field_csv as field_csv,
    field_figure as field_figure,
    field_markdown as field_markdown,
    recipe_of as recipe_of,
)
from .generalization import RESULTS as RESULTS
from .scored_networks import (
    compare as compare,
    read_entry as read_entry,
)
from .transfer_figure import matrix_figure as matrix_figure
from .transfer_matrix import read_results as read_results
from .transfer_text import matrix_markdown as matrix_markdown
