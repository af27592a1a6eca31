"""Table for the terminal: shared ranks, controls apart, and the columns of a wide terminal."""

from __future__ import annotations

import numpy as np
import pytest
from synthetic import drawn_scores, submission_of

from tembench.ranking.render.table_formats import render_table
from tembench.ranking.table import table_of_submissions
from tembench.ranking.table_rows import Table

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def table() -> Table:
    rows = []
    rng = np.random.default_rng(0)
    for name, psnr_db in (("clean", 60.0), ("good", 35.0), ("bm3d", 35.0), ("bad", 30.0)):
        scores = drawn_scores(60, 1)
        scores["psnr_db"] = psnr_db + rng.normal(0, 1, len(scores))
        kind = "control" if name == "clean" else "classical"
        rows.append(submission_of(name, scores, kind=kind))
    return table_of_submissions(rows)


def lines(table: Table, width: int, **how: object) -> list[str]:
    text = render_table(table, "terminal", width=width, **how)  # type: ignore[arg-type]
    assert max(map(len, text.splitlines())) <= width
    return text.splitlines()


@pytest.mark.parametrize("width", [60, 80, 100, 140])
def test_controls_are_below_a_rule(table: Table, width: int) -> None:
    found = lines(table, width)
    rules = [number for number, line in enumerate(found) if line.startswith("──")]
    assert len(rules) == 2
    assert [found[rules[1] + step].split()[1].lower() for step in (-1, 1)] == ["bad", "clean"]


def test_a_shared_rank_has_a_sign(table: Table) -> None:
    cells = [line.lower().split() for line in lines(table, 80)]
    ranks = {words[1]: words[0] for words in cells if len(words) > 4}
    assert (ranks["good"], ranks["bm3d"], ranks["bad"]) == ("=1", "=1", "3")
    assert "A rank after = is shared." in " ".join(lines(table, 80))
    alone = table_of_submissions([row.submission for row in table.rows[-1:]])
    assert "is shared" not in " ".join(lines(alone, 80))


def test_worst_group_and_difference_are_beside_the_mean(table: Table) -> None:
    wide, narrow = (" ".join(lines(table, width)[:8]) for width in (120, 80))
    for word in ("bm3d,", "worst", "group,"):
        assert word in wide
        assert word not in narrow


def test_named_columns_come_first_and_what_does_not_fit_is_said(table: Table) -> None:
    names = ["ssim", "worst_group_name", "trained_on"]
    found = lines(table, 120, columns=names)
    head = next(line for line in found if "Method" in line)
    assert head.split()[:3] == ["#", "Method", "SSIM"]
    assert not any("Too wide" in line for line in found)
    narrow = " ".join(lines(table, 50, columns=names))
    assert "Too wide for this terminal: trained_on." in narrow
