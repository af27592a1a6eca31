"""The study as a whole, with a method of one number: results, interruption, what is kept."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from skimage.metrics import peak_signal_noise_ratio, structural_similarity
from study_fakes import LEVELS, FakeStore

from tembench.core.errors import MethodError, OutputError
from tembench.methods.method import Method, load_method
from tembench.study.generalization import Study, generalization
from tembench.study.plan import make_plan

RELEASED = "experiment,trained_on,tested_on,n,psnr_db_mean,psnr_db_std,ssim_mean,ssim_std"


def run(method: Method, store: FakeStore, out: Path, **options: object) -> list[Study]:
    chosen = {"factors": ("contrast",), "images": 5, "workers": 0, **options}
    return generalization(method, store, out, **chosen)  # type: ignore[arg-type]


def log(folder: Path) -> list[str]:
    path = folder / ".log.txt"
    return path.read_text().splitlines() if path.exists() else []


@pytest.mark.slow
def test_cells_are_means_of_the_images(method: Method, store: FakeStore, tmp_path: Path) -> None:
    (study,) = run(method, store, tmp_path / "out")
    plan = make_plan(store, "contrast", images=5)
    assert set(study.matrix.cells) == {(a, b) for a in LEVELS for b in LEVELS}
    for (trained, tested), cell in study.matrix.cells.items():
        level = np.mean([store.clean(i).mean() for i in plan.train[trained]])
        psnr, ssim = [], []
        for image in plan.test[tested]:
            clean = 255 * store.clean(image).astype(np.float64)
            flat = np.full_like(clean, 255 * level)
            psnr.append(peak_signal_noise_ratio(clean, flat, data_range=255))
            ssim.append(structural_similarity(clean, flat, data_range=255))
        assert cell.n == 5
        assert cell.psnr_db_mean == pytest.approx(np.mean(psnr), abs=1e-3)
        assert cell.psnr_db_std == pytest.approx(np.std(psnr, ddof=1), abs=1e-3)
        assert cell.ssim_mean == pytest.approx(np.mean(ssim), abs=1e-4)
        assert cell.ssim_std == pytest.approx(np.std(ssim, ddof=1), abs=1e-4)
    for tested in LEVELS:
        best = max(LEVELS, key=lambda t: study.matrix.cells[t, tested].psnr_db_mean)
        assert best == tested
    assert study.matrix.gap_db() > 3


@pytest.mark.slow
def test_results_have_the_columns_of_the_released_ones(
    method: Method, store: FakeStore, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run(method, store, out, factors=("contrast", "structure", "defect"))
    text = (out / "generalization.csv").read_text()
    assert text.splitlines()[0] == RELEASED
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["experiment"] for row in rows] == ["contrast"] * 9 + ["structure"] * 9 + [
        "defect"
    ] * 4
    assert all(len(row["psnr_db_mean"].split(".")[1]) <= 3 for row in rows)


@pytest.mark.slow
def test_other_factors_in_the_same_folder_stay(
    method: Method, store: FakeStore, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run(method, store, out, factors=("defect",))
    before = (out / "generalization.csv").read_text()
    studies = run(method, store, out, factors=("contrast",))
    assert [study.matrix.factor for study in studies] == ["contrast", "defect"]
    assert (out / "generalization.csv").read_text().endswith(before.split("\n", 1)[1])


@pytest.mark.slow
def test_a_stopped_training_goes_on_and_complete_ones_stay(
    method: Method, method_folder: Path, store: FakeStore, tmp_path: Path
) -> None:
    whole = run(method, store, tmp_path / "whole")
    (method_folder / ".log.txt").unlink()
    out, stop = tmp_path / "out", method_folder / ".stop-white"
    stop.touch()
    with pytest.raises(KeyboardInterrupt):
        run(method, store, out)
    assert log(method_folder) == ["train black", "train intermediate"]
    assert not (out / "generalization.csv").exists()
    stop.unlink()
    store.seen.clear()
    assert run(method, store, out) == whole
    assert log(method_folder) == ["train black", "train intermediate", "train white"]
    assert len(store.seen) == 15  # by the network of white alone
    assert (out / "generalization.csv").read_bytes() == (
        tmp_path / "whole" / "generalization.csv"
    ).read_bytes()


@pytest.mark.slow
def test_scores_outlast_an_interruption(
    method: Method, method_folder: Path, store: FakeStore, tmp_path: Path
) -> None:
    whole = run(method, store, tmp_path / "whole")
    (method_folder / ".denoise-at-most.txt").write_text("21")
    out = tmp_path / "out"
    with pytest.raises(KeyboardInterrupt):
        run(method, store, out)
    (method_folder / ".denoise-at-most.txt").unlink()
    store.seen.clear()
    assert run(method, store, out) == whole
    # 21 of 45 were scored, but for what warming up took.
    assert len(store.seen) <= 45 - 21 + 2


@pytest.mark.slow
def test_more_images_are_scored_on_top(method: Method, store: FakeStore, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(method, store, out, images=2)
    assert run(method, store, out, images=5) == run(method, store, tmp_path / "fresh", images=5)
    assert run(method, store, out, images=2) == run(method, store, tmp_path / "few", images=2)


@pytest.mark.slow
def test_another_training_in_the_folder_is_refused(
    method: Method, store: FakeStore, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    run(method, store, out)
    with pytest.raises(MethodError, match="training of something else: parameters differ"):
        run(method.with_parameters(offset=0.1), store, out)
    with pytest.raises(MethodError, match="training of something else: split differ"):
        run(method, store, out, split="paper")


@pytest.mark.slow
def test_parameters_reach_training_and_denoising(
    method: Method, store: FakeStore, tmp_path: Path
) -> None:
    (plain,) = run(method, store, tmp_path / "plain")
    (shifted,) = run(method.with_parameters(offset=0.1), store, tmp_path / "shifted")
    assert shifted.parameters["offset"] == 0.1
    for value in LEVELS:
        own, other = plain.matrix.cells[value, value], shifted.matrix.cells[value, value]
        assert own.psnr_db_mean > other.psnr_db_mean + 3


def test_what_cannot_be_trained_is_refused(store: FakeStore, tmp_path: Path) -> None:
    with pytest.raises(MethodError, match="gaussian: is not trainable"):
        run(load_method("gaussian"), store, tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_damaged_scores_are_refused(method: Method, store: FakeStore, tmp_path: Path) -> None:
    out = tmp_path / "out"
    run(method, store, out)
    (out / "contrast" / "black" / "scores.csv").write_text("image,psnr\n1,2\n")
    with pytest.raises(OutputError, match="not the scores of a study"):
        run(method, store, out)
