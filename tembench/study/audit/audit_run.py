"""A whole audit: views are simulated, methods scored on them, files written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tembench.core import OutputError, absolute, refuse_inputs, refuse_method_folders, write_text
from tembench.study.audit import (
    audit_markdown,
    audit_views,
    draw_audit,
    losses_csv,
    score_method,
    write_audit,
)

if TYPE_CHECKING:
    from tembench.dataset import Store
    from tembench.methods import Method
    from tembench.ranking import AuditScores

AUDIT_NAME = "losses"
"""Name of the figure and of the tables, without suffix."""


@dataclass(frozen=True, kw_only=True)
class AuditPlan:
    """What is audited, and where.

    Attributes
    ----------
    out : Path
        Gets ``losses.png``, ``.md`` and ``.csv``, and for each method a folder with the files that
        a submission carries.
    cases : Path
        Folder of the simulated views.
    part : str
        Part of the store's split by model.
    specimens, images : int
        Greatest numbers of specimens, and of images of each.
    workers : int
        Number of processes; 0 works in this one.
    """

    out: Path
    cases: Path
    part: str = "test"
    specimens: int = 20
    images: int = 1
    workers: int = 2


def run_audit(
    methods: Sequence[Method], store: Store, plan: AuditPlan, *, weights: Path | None = None
) -> list[AuditScores]:
    """Audit methods on a store's specimens.

    Parameters
    ----------
    methods : sequence of Method
        The methods.
    store : Store
        The store.
    plan : AuditPlan
        Numbers and folders. What an earlier call has made in ``plan.cases`` is used again.
    weights : Path, optional
        Folder of trained weights, of a single method.

    Returns
    -------
    list of AuditScores
        In the order of `methods`.
    """
    out, cases = absolute(plan.out), absolute(plan.cases)
    read = [store.path, *([weights] if weights else [])]
    refuse_inputs([out, cases], read, OutputError)
    for method in methods:
        for folder in (out, cases, out / method.name):
            refuse_method_folders(folder, method.folders, OutputError)
    views = audit_views(
        store,
        cases,
        part=plan.part,
        specimens=plan.specimens,
        images=plan.images,
        workers=plan.workers,
    )
    audits = []
    for method in methods:
        rows = score_method(method, views, weights=weights, workers=plan.workers)
        audits.append(write_audit(out / method.name, method.name, views, rows))
    write_text(out / f"{AUDIT_NAME}.md", audit_markdown(audits))
    write_text(out / f"{AUDIT_NAME}.csv", losses_csv(audits))
    draw_audit(audits, out / f"{AUDIT_NAME}.png")
    return audits
