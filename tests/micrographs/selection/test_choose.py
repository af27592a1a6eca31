"""Choice of a method: the best on held-out electrons, ties called ties, no judgement refused."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage
from selection_images import Failing, Truth, candidate, lattice, noisy, shipped

from tembench.core import MethodError
from tembench.micrographs.selection.candidates import REFERENCE
from tembench.micrographs.selection.choose import choose

CLEAN = lattice()


class Spread:
    """A measured correlation of neighbours."""

    correlated = True

    def described(self) -> str:
        return "neighbours are correlated (0.07)"


def test_the_method_with_the_least_error_is_chosen() -> None:
    candidates = [
        candidate("bm3d-open", Truth(CLEAN, 0.04)),
        candidate("nlm-open", Truth(CLEAN, 0.0)),
        candidate("tv-open", Truth(CLEAN, 0.2)),
    ]
    choice = choose(noisy(CLEAN), candidates=candidates)
    assert choice.name == "nlm-open"
    assert choice.winner is candidates[1]
    assert choice.judged_by == "electrons held out"
    assert choice.beats_gaussian
    assert not choice.is_tie
    assert [row.name for row in choice.rows][:2] == ["nlm-open", "bm3d-open"]


def test_the_estimated_differences_are_the_true_ones() -> None:
    from tembench.methods import load_method

    image = noisy(CLEAN)
    candidates = [
        candidate("bm3d-open", Truth(CLEAN, 0.04)),
        candidate("nlm-open", Truth(CLEAN, 0.0)),
    ]
    kept = replace(image, counts=(image.counts * 0.9).astype(np.float32))
    smooth = load_method(REFERENCE).build().denoise(kept) / 0.9
    choice = choose(image, candidates=candidates)
    for row in choice.rows:
        if row.name == REFERENCE:
            continue
        error = {"bm3d-open": (0.04 * image.dose_e_per_px) ** 2, "nlm-open": 0.0}[row.name]
        true = error - np.mean((smooth - CLEAN) ** 2)
        assert row.difference is not None
        assert row.standard_error is not None
        assert row.difference == pytest.approx(true, abs=4 * row.standard_error)
        assert row.standard_error < abs(true)


def test_equal_methods_are_tied() -> None:
    candidates = [
        candidate("bm3d-open", Truth(CLEAN, 0.01)),
        candidate("nlm-open", Truth(CLEAN, 0.01)),
    ]
    choice = choose(noisy(CLEAN), candidates=candidates)
    assert set(choice.tied) == {"bm3d-open", "nlm-open"}
    assert "tied" in choice.headline()
    assert any("A tie: " in reason for reason in choice.reasons)


def test_the_gaussian_is_taken_where_nothing_beats_it() -> None:
    flat = np.full((160, 160), 2.0)
    choice = choose(noisy(flat), candidates=[candidate("bm3d-open", Truth(flat, 0.2))])
    assert choice.name == REFERENCE
    assert choice.beats_gaussian is False
    assert any("Nothing beats a Gaussian filter" in reason for reason in choice.reasons)


@pytest.mark.parametrize("kind", ["float", "negative", "spread", "measured", "gain", "few"])
def test_electrons_are_not_held_out_of_an_image_without_counted_electrons(kind: str) -> None:
    image = noisy(CLEAN)
    counts = image.counts.astype(np.float32)
    changed, reason = {
        "float": (counts + np.float32(0.25), "not integer counts"),
        "negative": (counts - 3, "negative"),
        "spread": (ndimage.gaussian_filter(30 * counts, 0.9).round(), "times the power"),
        "measured": (image.counts, "neighbours are correlated"),
        "gain": (2 * image.counts, "times the power"),
        "few": (image.counts // 8, "electrons"),
    }[kind]
    choice = choose(
        replace(image, counts=changed),
        candidates=shipped("spectral-wiener"),
        correlation=Spread() if kind == "measured" else None,
    )
    assert choice.judged_by == "not judged"
    assert choice.name == "spectral-wiener"
    assert "NOT JUDGED" in choice.headline()
    assert reason in " ".join(choice.reasons)
    assert choice.beats_gaussian is None


def test_a_method_that_fails_is_noted_and_another_chosen() -> None:
    candidates = [candidate("bm3d-open", Failing()), candidate("nlm-open", Truth(CLEAN, 0.0))]
    choice = choose(noisy(CLEAN), candidates=candidates)
    assert choice.name == "nlm-open"
    [failed] = [row for row in choice.rows if row.name == "bm3d-open"]
    assert "no such detector" in failed.note


def test_a_gaussian_that_fails_is_an_error() -> None:
    candidates = [candidate(REFERENCE, Failing()), candidate("nlm-open", Truth(CLEAN, 0.0))]
    with pytest.raises(MethodError, match="no such detector"):
        choose(noisy(CLEAN), candidates=candidates)


def test_the_table_and_the_record_name_every_candidate() -> None:
    candidates = [
        candidate("bm3d-open", Truth(CLEAN, 0.04)),
        candidate("nlm-open", Truth(CLEAN, 0.0)),
    ]
    choice = choose(noisy(CLEAN), candidates=candidates)
    text = choice.table_text()
    record = json.loads(json.dumps(choice.as_record()))
    for name in ("bm3d-open", "nlm-open", REFERENCE):
        assert name in text
    assert record["method"] == "nlm-open"
    assert {row["method"] for row in record["candidates"]} == {"bm3d-open", "nlm-open", REFERENCE}
    assert "chosen" in text
    assert "±" in text


@pytest.mark.slow
def test_the_choice_is_the_same_each_time() -> None:
    candidates = shipped("spectral-wiener", "tv-open")
    first, second = (choose(noisy(CLEAN), candidates=candidates) for _ in range(2))
    assert [row.difference for row in first.rows] == [row.difference for row in second.rows]


@pytest.mark.slow
def test_a_large_image_is_judged_on_three_parts() -> None:
    shapes = []

    class Recorder:
        def denoise(self, image: object) -> np.ndarray:
            counts = image.counts  # type: ignore[attr-defined]
            shapes.append(counts.shape)
            return np.ones(counts.shape, np.float32)

    clean = np.full((480, 2000), 1.0)
    clean[:, :448] = lattice(480, dose=1.0)[:, :448]
    choose(noisy(clean), candidates=[candidate("bm3d-open", Recorder())])
    assert set(shapes) == {(448, 448)}
    assert len(shapes) % 3 == 0


@pytest.mark.slow
def test_frames_judge_where_electrons_cannot() -> None:
    smooth = [ndimage.gaussian_filter(noisy(CLEAN, seed).counts.astype(np.float32), 0.9)
              for seed in range(5)]  # fmt: skip
    image, *frames = [replace(noisy(CLEAN), counts=one) for one in smooth]
    candidates = [
        candidate("bm3d-open", Truth(CLEAN, 0.04)),
        candidate("nlm-open", Truth(CLEAN, 0.0)),
    ]
    choice = choose(image, candidates=candidates, frames=frames)
    assert choice.judged_by == "other frames"
    assert choice.name == "nlm-open"
    assert choice.beats_gaussian
    assert "4 other frames, in which no drift is seen" in choice.reasons[0]


@pytest.mark.slow
def test_noise_copied_is_not_praised_by_frames() -> None:
    flat = np.full((160, 160), 2.0)
    smooth = [ndimage.gaussian_filter(noisy(flat, seed).counts.astype(np.float32), 0.9)
              for seed in range(5)]  # fmt: skip
    image, *frames = [replace(noisy(flat), counts=one) for one in smooth]
    choice = choose(image, candidates=shipped("noisy"), frames=frames)
    assert choice.judged_by == "other frames"
    assert choice.name == REFERENCE
