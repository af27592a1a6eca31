"""Interrupted scoring resumes to the same bytes; stray files beside chunks are ignored."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from ranking_fakes import FakeStore

from tembench.core.errors import OutputError
from tembench.ranking.scoring import score as scoring
from tembench.ranking.scoring.kept_rows import PARTIAL_SCORES
from tembench.ranking.scoring.output_reader import read_outputs
from tembench.ranking.scoring.score import score_outputs

RESULTS = ("scores.csv", "summary.csv", "panel.png", "scores.toml")


def results(outputs: Path) -> dict[str, bytes]:
    return {name: (outputs / name).read_bytes() for name in RESULTS}


def interrupt(
    monkeypatch: pytest.MonkeyPatch, after: int, kind: Any = KeyboardInterrupt
) -> list[int]:
    """Let scoring end after so many images; returns the list of those that are scored."""
    scored: list[int] = []
    score_image = scoring.score_image

    def until(reader: Any, store: Any, image: int) -> dict[str, Any]:
        if len(scored) == after:
            raise kind("enough")
        scored.append(image)
        return score_image(reader, store, image)

    monkeypatch.setattr(scoring, "score_image", until)
    return scored


@pytest.mark.slow
def test_an_interrupted_scoring_is_resumed_to_the_same_bytes(
    outputs: Path, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    score_outputs(outputs, store, workers=0)
    whole = results(outputs)
    for name in RESULTS:
        (outputs / name).unlink()
    scored = interrupt(monkeypatch, 4)
    with pytest.raises(KeyboardInterrupt):
        score_outputs(outputs, store, workers=0)
    monkeypatch.undo()
    assert not (outputs / "scores.csv").exists()
    rest = interrupt(monkeypatch, 100)
    score_outputs(outputs, store, workers=0)
    assert sorted(scored + rest) == store.images().tolist()
    assert not set(scored) & set(rest)
    assert results(outputs) == whole
    assert not (outputs / PARTIAL_SCORES).exists()


def forge(line: str) -> str:
    row = json.loads(line)
    return json.dumps({**row, "psnr_db": "99"})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "kept"),
    [
        (lambda lines: [*lines[:3], lines[3][:40]], 2),
        (lambda lines: [lines[0].replace("fingerprint", "footprint"), *lines[1:]], 0),
        (lambda lines: [*lines[:3], forge(lines[3])], 2),
        (lambda lines: [*lines[:3], "[" * 10_000, "{}", "null", lines[3] + "0"], 2),
        (lambda lines: [], 0),
    ],
)
def test_kept_rows_that_do_not_fit_are_scored_again(
    outputs: Path, store: FakeStore, monkeypatch: pytest.MonkeyPatch, spoil: Any, kept: int
) -> None:
    interrupt(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt):
        score_outputs(outputs, store, workers=0)
    monkeypatch.undo()
    lines = [line for line in (outputs / PARTIAL_SCORES).read_text().splitlines() if line]
    assert len(lines) == 4
    (outputs / PARTIAL_SCORES).write_text("\n".join(spoil(lines)))
    rest = interrupt(monkeypatch, 100)
    scores = score_outputs(outputs, store, workers=0).scores
    assert len(rest) == len(scores) - kept


@pytest.mark.slow
def test_rows_of_other_outputs_are_not_used(
    outputs: Path, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, 3)
    with pytest.raises(KeyboardInterrupt):
        score_outputs(outputs, store, workers=0)
    monkeypatch.undo()
    os.utime(outputs / "denoised.zarr/denoised/c/0/0/0", (1, 1))
    rest = interrupt(monkeypatch, 100)
    assert len(score_outputs(outputs, store, workers=0).scores) == len(rest)


@pytest.mark.slow
def test_outputs_that_break_a_rule_leave_no_rows(
    outputs: Path, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, 3, OutputError)
    with pytest.raises(OutputError, match="enough"):
        score_outputs(outputs, store, workers=0)
    assert not (outputs / PARTIAL_SCORES).exists()


KILLED = """
import sys
from pathlib import Path
sys.path.insert(0, {fakes!r})
from ranking_fakes import FakeStore
from tembench.ranking.scoring.score import score_outputs
score_outputs(Path({outputs!r}), FakeStore(), workers=0)
"""


@pytest.mark.slow
@pytest.mark.slow
def test_a_killed_scoring_is_resumed_to_the_same_bytes(outputs: Path, store: FakeStore) -> None:
    score_outputs(outputs, store, workers=0)
    whole = results(outputs)
    for name in RESULTS:
        (outputs / name).unlink()
    script = KILLED.format(fakes=str(Path(__file__).parents[1]), outputs=str(outputs))
    process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.DEVNULL)
    while process.poll() is None and not (outputs / PARTIAL_SCORES).exists():
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    score_outputs(outputs, store, workers=0)
    assert results(outputs) == whole


@pytest.mark.slow
@pytest.mark.parametrize(
    "stray",
    [
        "denoised/c/3/0/0.1f2e.partial",
        "denoised/c/3/0/.nfs0000001",
        "denoised/c/.DS_Store",
        "denoised/c/3/Thumbs.db",
        "denoised/c/99/0/0",
        "denoised/c/03/0/0",
        ".DS_Store",
    ],
)
def test_strays_beside_chunks_are_not_looked_at(
    outputs: Path, store: FakeStore, monkeypatch: pytest.MonkeyPatch, stray: str
) -> None:
    expected = score_outputs(outputs, store, workers=0).scores
    file = outputs / "denoised.zarr" / stray
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"whatever")
    assert len(read_outputs(outputs, store).images) == len(expected)
    if stray.endswith("/0"):
        return
    # Nor are the scores made again for them.
    monkeypatch.setattr(scoring, "_rows", None)
    assert score_outputs(outputs, store, workers=0).scores.equals(expected)
