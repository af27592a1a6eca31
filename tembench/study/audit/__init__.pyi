from .audit_figure import draw_audit as draw_audit
from .audit_results import (
    audit_markdown as audit_markdown,
    losses_csv as losses_csv,
    write_audit as write_audit,
)
from .audit_run import (
    AUDIT_NAME as AUDIT_NAME,
    AuditPlan as AuditPlan,
    run_audit as run_audit,
)
from .changes import (
    CHANGES as CHANGES,
    VIEWS as VIEWS,
    Change as Change,
    changed_frame as changed_frame,
    changed_points as changed_points,
    changed_specimen as changed_specimen,
    middle_A as middle_A,
    needed_margin_A as needed_margin_A,
    scored_radius_px as scored_radius_px,
    shift_px as shift_px,
)
from .closed_scenes import (
    closed_scene as closed_scene,
    refuse_unknown_models as refuse_unknown_models,
)
from .disc_scores import score_on_disc as score_on_disc
from .drawn_scenes import drawn_scene as drawn_scene
from .scenes import (
    Scene as Scene,
    View as View,
    simulate_views as simulate_views,
)
from .score_cases import (
    noisy_view as noisy_view,
    score_method as score_method,
)
from .view_cache import (
    AuditViews as AuditViews,
    audit_images as audit_images,
    audit_views as audit_views,
    image_scene as image_scene,
)
