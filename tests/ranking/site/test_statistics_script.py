"""Statistics in the browser: the numbers of Python, from the same draws."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from scipy.stats import spearmanr

from tembench.ranking.statistics import Interval, difference, interval, resampling
from tembench.ranking.table_rows import Table

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytestmark = pytest.mark.slow
METRICS = ("psnr_db", "surface_f1", "column_f1", "mse")
IN_BROWSER = """async ({ pairs, metrics }) => {
  const { statistics } = tembench, track = "toy-draws";
  const sample = await statistics.sample(track);
  const found = [];
  for (const [first, second] of pairs) {
    const [a, b] = [await statistics.scores(track, first), await statistics.scores(track, second)];
    for (const metric of metrics) {
      found.push(first === second
        ? statistics.interval(a.get(metric), sample)
        : statistics.difference(a.get(metric), b.get(metric), sample));
    }
  }
  return found;
}"""


def aligned(table: Table, name: str, metric: str) -> np.ndarray:
    """Scores on the table's images, NaN where the row has none."""
    rows = {row.submission.name: row.submission.scores for row in table.rows}
    images = rows["bm3d-open"]["image"]
    values = rows[name].set_index("image")[metric].reindex(images)
    return values.to_numpy(dtype=np.float64)


def same(found: dict[str, Any] | None, known: Interval) -> bool:
    if found is None:
        return bool(np.isnan(known.mean))
    ends = [found[end] for end in ("mean", "low", "high", "models")]
    expected = [known.mean, known.low, known.high, known.models]
    return bool(np.allclose(ends, expected, rtol=1e-5, atol=1e-4, equal_nan=True))


def test_intervals_and_differences_are_those_of_python(
    visit: Callable[..., Page], uneven_site: Path, uneven: Table
) -> None:
    """Of all pairs of rows: with NaN, infinite scores, one specimen, and rows on the subset."""
    names = [row.submission.name for row in uneven.rows]
    pairs = [*itertools.permutations(names, 2), *((name, name) for name in names)]
    page = visit("toy-draws/index.html", folder=uneven_site)
    found = page.evaluate(IN_BROWSER, {"pairs": pairs, "metrics": METRICS})
    whole = next(row for row in uneven.rows if row.submission.name == "bm3d-open")
    draws = resampling(list(whole.submission.scores["model"]))
    asked = list(itertools.product(pairs, METRICS))
    assert len(found) == len(asked) == 36 * len(METRICS)
    kinds = set()  # whether the mean and the bounds are finite, and one specimen gave them
    for ((first, second), metric), one in zip(asked, found, strict=True):
        a, b = aligned(uneven, first, metric), aligned(uneven, second, metric)
        known = interval(a, draws) if first == second else difference(a, b, draws)
        assert same(one, known), (first, second, metric, one, known)
        finite = bool(np.isfinite(known.mean)), bool(np.isfinite(known.low))
        kinds.add((*finite, known.models == 1))
    assert kinds == {(True, True, False), (False, False, False), (True, False, True)}


def test_a_correlation_is_scipys(visit: Callable[..., Page], uneven_site: Path) -> None:
    rng = np.random.default_rng(5)
    first = rng.integers(0, 6, 40).astype(float)
    second = first + rng.normal(0, 2, 40)
    page = visit("toy-draws/index.html", folder=uneven_site)
    found = page.evaluate(
        "([a, b]) => tembench.statistics.spearman(a, b)", [first.tolist(), second.tolist()]
    )
    assert found == pytest.approx(spearmanr(first, second).statistic, abs=1e-12)
