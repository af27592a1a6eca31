from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tembench.core.errors import MethodError, OutputError
from tembench.methods import load_method
from tembench.ranking import AUDIT_CASES, case_losses, worst_case
from tembench.study.audit import (
    CHANGES,
    AuditViews,
    audit_views,
    noisy_view,
    score_method,
    write_audit,
)

LOOK_UP = """
import numpy as np

class LookUp:
    def __init__(self, folder):
        names = sorted(__import__("pathlib").Path(folder).glob("*-base.npz"))
        self.known = [np.load(name)["clean"] / np.float32(1024) for name in names]

    def denoise(self, image):
        scaled = image.counts / image.dose_e_per_px
        errors = [np.mean((scaled - known) ** 2) for known in self.known]
        best = self.known[int(np.argmin(errors))]
        return (best * image.dose_e_per_px).astype(np.float32)

def build(parameters):
    return LookUp(parameters["folder"])
"""


@pytest.fixture
def views(gold_views: AuditViews, tmp_path: Path) -> AuditViews:
    """Views in a folder of the test's own, which keeps scores."""
    folder = tmp_path / "cases"
    shutil.copytree(gold_views.folder, folder)
    return audit_views(gold_views.store, folder, workers=0)


def test_a_perfect_method_loses_nothing(views: AuditViews, tmp_path: Path) -> None:
    rows = score_method(load_method("clean"), views, workers=0)
    losses = case_losses(write_audit(tmp_path / "clean", "clean", views, rows))
    assert {loss.psnr_loss_db.mean for loss in losses.values()} == {0.0}
    assert all(loss.psnr_db.mean == np.inf for loss in losses.values())


def test_a_look_up_loses_where_the_layout_changes(
    views: AuditViews, tmp_path: Path, write_method: Callable[..., Path], good_toml: str
) -> None:
    toml = good_toml.replace("scale = 1.0", f'folder = "{views.folder}"')
    toml = toml.partition("[search]")[0]
    rows = score_method(load_method(write_method(toml, LOOK_UP)), views, workers=0)
    audit = write_audit(tmp_path / "mine-audit", "mine", views, rows)
    losses = case_losses(audit)
    rows = score_method(load_method("gaussian"), views, workers=0)
    filtered = case_losses(write_audit(tmp_path / "gaussian", "gaussian", views, rows))
    # It holds the base images themselves: nothing but the layout can take anything from it.
    for case in ("half-dose", "double-dose", "noise"):
        assert losses[case].psnr_loss_db.mean == 0.0
    for case in ("moved", "turned-10", "turned-37", "magnified-1.05"):
        assert losses[case].psnr_loss_db.mean == np.inf
    for case in ("moved", "turned-37"):
        assert losses[case].psnr_db.mean < filtered[case].psnr_db.mean
    assert worst_case(audit).psnr_loss_db.mean == np.inf


def test_noise_alone_loses_what_the_dose_takes(views: AuditViews, tmp_path: Path) -> None:
    rows = score_method(load_method("noisy"), views, workers=0)
    losses = case_losses(write_audit(tmp_path / "noisy", "noisy", views, rows))
    for case, declared in AUDIT_CASES.items():
        own = declared.dose_loss_db if case.endswith("dose") else 0.0
        # Clamped at 1 e/px, counts lose a little less.
        assert losses[case].psnr_loss_db.mean == pytest.approx(own, abs=1.0), case


def test_cases_of_one_dose_have_the_same_random_numbers(views: AuditViews) -> None:
    image = next(iter(views.images))
    base = views.of(image, "base")
    first, dose = noisy_view(views, image, "base", base)
    again, _ = noisy_view(views, image, "mirrored", base)
    other, _ = noisy_view(views, image, "noise", base)
    half, half_dose = noisy_view(views, image, "half-dose", base)
    np.testing.assert_array_equal(first, again)
    assert (first != other).mean() > 0.2
    assert half_dose == dose / 2 == views.store.dose_of(image) / 2
    assert half.mean() == pytest.approx(first.mean() / 2, rel=0.1)
    assert first.dtype == np.uint8


def test_scored_images_are_kept(views: AuditViews, write_method: Callable[..., Path]) -> None:
    method = load_method(write_method())
    rows = score_method(method, views, workers=0)
    assert len(rows) == len(views.images) * len(CHANGES)
    (kept,) = views.folder.glob("scores-mine-*.json")
    before = kept.stat().st_mtime_ns
    assert score_method(method, views, workers=0) == rows
    assert kept.stat().st_mtime_ns == before
    # Other parameters have scores of their own.
    other = score_method(method.with_parameters(scale=0.5), views, workers=0)
    assert other != rows
    assert len(list(views.folder.glob("scores-mine-*.json"))) == 2
    kept.write_text("{}]")
    with pytest.raises(OutputError, match="not the scores of an audit"):
        score_method(method, views, workers=0)


def test_workers_change_nothing(views: AuditViews, write_method: Callable[..., Path]) -> None:
    method = load_method(write_method())
    rows = score_method(method, views, workers=0)
    next(views.folder.glob("scores-mine-*.json")).unlink()
    assert score_method(method, views, workers=2) == rows


def test_methods_of_series_are_refused(
    views: AuditViews, write_method: Callable[..., Path], good_toml: str
) -> None:
    toml = good_toml.replace('kind = "classical"', 'kind = "classical"\ninput = "series"')
    with pytest.raises(MethodError, match="needs a series"):
        score_method(load_method(write_method(toml)), views, workers=0)
