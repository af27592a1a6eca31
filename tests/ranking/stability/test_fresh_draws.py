"""Fresh draws: run once, kept, the same again, and other images in each."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from gold_recipes import tiny_drawn

from tembench.core.errors import OutputError
from tembench.core.files import locked
from tembench.methods.method import load_method
from tembench.ranking.stability import fresh_draws as module
from tembench.ranking.stability.fresh_draws import Entrant, FreshDraws

ENTRANTS = [Entrant(name=name, method=load_method(name)) for name in ("gaussian", "wiener")]
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fresh")


@pytest.fixture(scope="module")
def draws(folder: Path) -> FreshDraws:
    return FreshDraws(tiny_drawn(), folder, 2, 0)


@pytest.fixture(scope="module")
def scores(draws: FreshDraws) -> pd.DataFrame:
    return draws.scores(ENTRANTS, 2)


def test_every_method_is_scored_on_every_draw(scores: pd.DataFrame) -> None:
    groups = scores.groupby(["kind", "draw", "method"])
    assert len(groups) == 8
    assert (groups.size() == 4).all()
    assert set(scores["model"]) == {"test-00000", "test-00001"}


def test_no_draw_repeats_another(scores: pd.DataFrame) -> None:
    own = scores[scores["method"] == "gaussian"]
    assert own["psnr_db"].nunique() == len(own) == 16
    # Other noise has the same clean images: mse / (1 - skill) depends on them alone.
    truth = own["mse"] / (1 - own["skill"])
    noise = own["kind"] == "noise"
    assert truth[noise & (own["draw"] == 1)].tolist() == pytest.approx(
        truth[noise & (own["draw"] == 2)].tolist(), rel=1e-6
    )
    assert truth.round(6).nunique() == 12


def test_a_second_run_reads_what_is_there(
    draws: FreshDraws, scores: pd.DataFrame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "denoise", None)
    again = draws.scores(ENTRANTS, 2)
    assert again.equals(scores)
    assert not list((draws.folder / "outputs").rglob("*.zarr"))


def test_an_interrupted_run_is_resumed(
    draws: FreshDraws, scores: pd.DataFrame, tmp_path: Path
) -> None:
    file = next((draws.folder / "scores" / "noise-2").glob("wiener-*.csv"))
    kept = file.read_bytes()
    file.unlink()
    assert draws.scores(ENTRANTS, 2).drop(columns="seconds").equals(scores.drop(columns="seconds"))
    assert len(file.read_bytes()) == pytest.approx(len(kept), abs=100)


def test_scores_of_other_parameters_are_not_taken(draws: FreshDraws, scores: pd.DataFrame) -> None:
    wider = Entrant(name="gaussian", method=load_method("gaussian").with_parameters(sigma_px=9.0))
    other = draws.scores([wider], 1)
    ours = scores[(scores["method"] == "gaussian") & (scores["draw"] == 1)]
    assert not set(other["psnr_db"]) & set(ours["psnr_db"])


def test_one_process_at_a_time(draws: FreshDraws, scores: pd.DataFrame) -> None:
    with locked(draws.folder, OutputError), pytest.raises(OutputError, match="another process"):
        draws.scores(ENTRANTS, 1)
