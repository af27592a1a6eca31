"""Scores in long format: complete, and refused before the scoring begins."""

from __future__ import annotations

import math
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from synthetic import scores_of, table_of

from tembench.core.errors import MissingPackage, OutputError
from tembench.metrics import METRICS
from tembench.ranking.scoring.long_format import check_rows_target, tidy_rows, write_rows


@pytest.fixture
def rows() -> pd.DataFrame:
    scores = scores_of()
    scores.loc[0, "psnr_db"] = math.inf
    scores.loc[1, "umse_paired"] = -math.inf
    return tidy_rows(scores, table_of(scores), split="paper", part="test")


def test_a_row_for_each_image_and_metric(rows: pd.DataFrame) -> None:
    scores = scores_of()
    assert list(rows) == [
        "image", "model", "particle", "defect", "support", "thickness_A", "tilt_x_deg",
        "tilt_y_deg", "defocus_nm", "condition", "dose_e_per_px", "contrast", "split", "part",
        "metric", "value", "unit",
    ]  # fmt: skip
    assert len(rows) == len(scores) * len(METRICS)
    one = rows[(rows["image"] == 105) & (rows["metric"] == "ssim")].iloc[0]
    assert one["value"] == scores.loc[5, "ssim"]
    assert (one["model"], one["particle"], one["defocus_nm"]) == ("beta", "PtNp2", 2.0)
    assert set(rows["split"]) == {"paper"}
    assert rows.groupby("metric")["unit"].first()["position_error_pm"] == "pm"
    wide = rows.pivot(index="image", columns="metric", values="value")
    assert (wide["mse"].to_numpy() == scores["mse"].to_numpy()).all()


@pytest.mark.parametrize("name", ["rows.csv", "rows.parquet"])
def test_files_read_back(rows: pd.DataFrame, tmp_path: Path, name: str) -> None:
    if name.endswith("parquet"):
        pytest.importorskip("pyarrow")
    path = tmp_path / "deep" / name
    check_rows_target(path)
    write_rows(rows, path)
    assert [entry.name for entry in path.parent.iterdir()] == [name]
    if name.endswith("csv"):
        found = pd.read_csv(path, keep_default_na=False, converters={"value": float})
    else:
        found = pd.read_parquet(path)
    assert list(found) == list(rows)
    assert found["value"].dtype == np.float64
    for column in rows:
        assert (found[column].to_numpy() == rows[column].to_numpy()).all(), column
    assert found["value"].iloc[0] == math.inf


@pytest.mark.parametrize("name", ["rows.xlsx", "rows", "rows.csv.gz"])
def test_other_files_are_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(OutputError, match=r"expected a name that ends in \.csv or \.parquet"):
        check_rows_target(tmp_path / name)


def test_a_folder_in_the_way(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").mkdir()
    with pytest.raises(OutputError, match="a folder is in the way"):
        check_rows_target(tmp_path / "rows.csv")


def test_parquet_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingPackage, match=r"pyarrow.*Install it with: pip install .*parquet"):
        check_rows_target(tmp_path / "rows.parquet")
    check_rows_target(tmp_path / "rows.csv")
