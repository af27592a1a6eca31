from .by_factor import (
    Group as Group,
    group_scores as group_scores,
    groups_csv as groups_csv,
    groups_of_factor as groups_of_factor,
)
from .image_scores import (
    MISSING as MISSING,
    outputs_digest as outputs_digest,
    score_image as score_image,
)
from .kept_rows import (
    KeptRows as KeptRows,
)
from .output_reader import (
    CheckedOutputs as CheckedOutputs,
    OutputReader as OutputReader,
    read_outputs as read_outputs,
)
from .outputs_fingerprint import fingerprint as fingerprint
from .panel import (
    PANEL_TILES as PANEL_TILES,
    draw_panel as draw_panel,
    panel_image as panel_image,
    particle_crop as particle_crop,
)
from .score import (
    PANEL_PNG as PANEL_PNG,
    SCORES_TOML as SCORES_TOML,
    score_outputs as score_outputs,
    written_files as written_files,
)
from .scores_file import (
    SCORES_CSV as SCORES_CSV,
    SCORES_LIMIT as SCORES_LIMIT,
    read_scores as read_scores,
    scores_text as scores_text,
)
from .shown_images import (
    draw_crops as draw_crops,
    images_to_show as images_to_show,
)
