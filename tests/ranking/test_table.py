"""Table: order, ranks, and refusal of submissions that are not comparable."""

from __future__ import annotations

import hashlib
import json
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tembench.core.errors import OutputError, TableError
from tembench.core.files import write_toml
from tembench.ranking.render.table_formats import table_summary
from tembench.ranking.submission import check_submission
from tembench.ranking.submission_folders import build_table
from tembench.ranking.table import table_of_submissions


def edit(path: Path, table: str, **values: object) -> None:
    content = tomllib.loads((path / "submission.toml").read_text())
    content[table].update(values)
    write_toml(path / "submission.toml", content)


def edit_scores(path: Path, change: Callable[[pd.DataFrame], pd.DataFrame]) -> None:
    frame = change(pd.read_csv(path / "scores.csv"))
    frame.to_csv(path / "scores.csv", index=False)
    digest = hashlib.sha256((path / "scores.csv").read_bytes()).hexdigest()
    models = int(frame["model"].nunique())
    edit(path, "scores", sha256=digest, images=len(frame), models=models)
    edit(path, "data", images=len(frame))


@pytest.mark.slow
def test_order_and_ranks(submitted: Path) -> None:
    table = build_table(submitted)
    names = [row.submission.name for row in table.rows]
    assert names[0] == "clean"
    assert names[-1] == "noisy"
    ranks = {row.submission.name: row.rank for row in table.rows}
    assert [name for name, rank in ranks.items() if rank is None] == ["clean", "vacuum", "noisy"]
    assert (ranks["good"], ranks["twin"], ranks["poor"]) == (1, 1, 3)
    means = [row.values["psnr_db"].mean for row in table.rows]
    assert means == sorted(means, reverse=True)


@pytest.mark.slow
def test_the_table_says_what_it_is_of(submitted: Path) -> None:
    table = build_table(submitted)
    assert (table.data.recipe, table.data.split, table.data.part) == ("tiny", "model", "test")
    assert (table.data.images, table.models) == (10, 4)
    assert table.rows[0].seconds_per_image == 0.25


@pytest.mark.slow
def test_values_are_means_with_intervals(submitted: Path) -> None:
    for row in build_table(submitted).rows:
        for name, value in row.values.items():
            of_models = row.submission.scores.groupby("model")[name].mean()
            assert value.mean == pytest.approx(np.mean(of_models))
            assert value.low <= value.mean <= value.high


@pytest.mark.slow
def test_the_order_of_submissions_does_not_matter(submitted: Path) -> None:
    submissions = [check_submission(path) for path in sorted(submitted.iterdir())]
    expected = table_summary(table_of_submissions(submissions))
    for seed in range(3):
        order = np.random.default_rng(seed).permutation(len(submissions))
        assert table_summary(table_of_submissions([submissions[i] for i in order])) == expected


def test_one_submission_makes_a_table(submitted: Path) -> None:
    table = build_table(submitted / "good")
    assert [row.rank for row in table.rows] == [1]


def test_controls_alone_make_a_table(folder: Path) -> None:
    for name in ("good", "twin", "poor"):
        shutil.rmtree(folder / name)
    assert [row.rank for row in build_table(folder).rows] == [None, None, None]


def fewer_images(path: Path) -> None:
    edit_scores(path, lambda frame: frame[frame["image"] != 7])


def other_images(path: Path) -> None:
    edit_scores(path, lambda frame: frame.assign(image=frame["image"].replace(7, 77)))


def other_models(path: Path) -> None:
    edit_scores(path, lambda frame: frame.assign(model=frame["model"].replace("gamma", "delta")))


def fewer_metrics(path: Path) -> None:
    edit_scores(path, lambda frame: frame.drop(columns="ssim"))
    content = tomllib.loads((path / "submission.toml").read_text())
    del content["metrics"]["ssim"]
    write_toml(path / "submission.toml", content)


def other_truth(path: Path) -> None:
    edit_scores(path, lambda frame: frame.assign(skill=1 - (1 - frame["skill"]) * 0.99))


def test_a_row_from_before_a_metric_is_blank_there(folder: Path) -> None:
    fewer_metrics(folder / "good")
    table = build_table(folder, ranked_by="ssim")
    assert "ssim" in table.versions
    good = next(row for row in table.rows if row.submission.name == "good")
    assert (good.rank, good.values["ssim"].models) == (None, 0)
    assert np.isnan(good.values["ssim"].mean)
    assert table.rows[-1] is good
    ranks = {row.submission.name: row.rank for row in table.rows}
    assert (ranks["twin"], ranks["poor"]) == (1, 2)


def test_all_that_differs_is_named_at_once(folder: Path) -> None:
    edit(folder / "poor", "data", recipe_id="0" * 64, split="paper")
    edit(folder / "twin", "data", part="test-full")
    message = r"3 mistakes: recipe ids of 'clean' and 'poor'.*; splits of.*; parts of .* 'twin'"
    with pytest.raises(TableError, match=message):
        build_table(folder)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda p: edit(p, "data", recipe_id="0" * 64), f"recipe ids.*ab.*got {'0' * 64}"),
        (lambda p: edit(p, "data", split="paper"), r"splits.*model \(clean\), got paper \(poor\)"),
        (lambda p: edit(p, "data", part="test-full"), "parts.*got test-full"),
        (fewer_images, r"images.*10 images \(clean\), got 9 images \(poor\), image 7 is in one"),
        (other_images, "images.*image 7 is in one of them only"),
        (other_truth, r"different clean images; expected error 0.00157.* \(good\), got"),
        (other_models, r"image 6 has two models; expected gamma \(clean\), got delta \(poor\)"),
    ],
    ids=["recipe", "split", "part", "fewer", "others", "truth", "models"],
)
def test_refuses_to_mix(folder: Path, spoil: Callable[[Path], None], message: str) -> None:
    spoil(folder / "poor")
    with pytest.raises(TableError, match=message) as caught:
        build_table(folder)
    assert "poor" in str(caught.value)
    assert caught.value.exit_code == 7


def test_a_metric_version_of_old_is_not_mixed(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses

    from tembench import metrics

    newer = dataclasses.replace(metrics.METRICS["ssim"], version=2)
    monkeypatch.setitem(metrics.METRICS, "ssim", newer)
    edit(folder / "poor", "metrics", ssim=2)
    with pytest.raises(TableError, match="metric versions of 'clean' and 'poor' differ"):
        build_table(folder)


def test_empty_and_missing_folders(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match=r"no submissions here.*tembench submit"):
        build_table(tmp_path)
    with pytest.raises(OutputError, match="no such folder"):
        build_table(tmp_path / "nowhere")


def test_a_broken_submission_is_named(folder: Path) -> None:
    (folder / "twin" / "scores.csv").unlink()
    with pytest.raises(OutputError, match=r"twin: scores.csv is missing"):
        build_table(folder)


@pytest.mark.slow
def test_hidden_folders_are_left_out(folder: Path) -> None:
    (folder / ".twin.abc").mkdir()
    assert len(build_table(folder).rows) == 6


def test_the_summary_is_json(submitted: Path) -> None:
    text = json.dumps(table_summary(build_table(submitted)), allow_nan=False)
    assert json.loads(text)["rows"][-3]["values"]["psnr_db"]["mean"] == "inf"
