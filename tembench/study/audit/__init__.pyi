from .audit_figure import audit_figure as audit_figure
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
    Change as Change,
)
from .closed_scenes import closed_scene as closed_scene
from .drawn_scenes import drawn_scene as drawn_scene
from .scenes import (
    Scene as Scene,
    View as View,
    simulate_views as simulate_views,
)
from .score_cases import (
    noisy_view as noisy_view,
    score_cases as score_cases,
)
from .view_cache import (
    AuditViews as AuditViews,
    audit_images as audit_images,
    audit_views as audit_views,
    image_scene as image_scene,
)
