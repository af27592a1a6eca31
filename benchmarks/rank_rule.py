"""Rules of ranking, simulated: how often they part equal methods, and find different ones.

    python benchmarks/rank_rule.py [--tests 400] [--submissions submissions/open-hrtem]

Scores are drawn of methods whose true means are known: how hard a specimen is, which all methods
share, and each method's own deviation, normal, skewed, heavy-tailed or of very different size; or
the mean PSNR of the specimens of real submissions, drawn with replacement, whose means are set
equal for the first question. The rules are the one that tables use, those that it was chosen from,
and the one that it replaced. Writes docs/results/rank-rule.md and rank-rule.csv.
"""

from __future__ import annotations

import argparse
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
from scipy.special import ndtr, ndtri, stdtrit

from tembench.core import csv_text, markdown_table, progress, write_text
from tembench.ranking import build_table, ranked_scores, resampling
from tembench.ranking.stability import specimen_means
from tembench.ranking.statistics import demonstrably_better, rank_ranges, shared_ranks, stretch

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "docs" / "results"
METHODS, SPECIMENS = (2, 5, 10, 20, 30), (3, 5, 20, 100, 400)
RESAMPLES = 500
Case = TypeVar("Case")


@dataclass(frozen=True, kw_only=True)
class Pairs:
    """All pairs of methods of a test: mean differences, and their deviations in bootstrap draws."""

    methods: int
    specimens: int
    means: np.ndarray
    drawn: np.ndarray

    @classmethod
    def of(cls, rows: np.ndarray, weights: np.ndarray) -> Pairs:
        """Return the pairs of scores (methods, specimens)."""
        first, second = np.triu_indices(len(rows), 1)
        means = rows.mean(axis=1)
        drawn = (rows - means[:, None]) @ weights.T / rows.shape[1]
        return cls(
            methods=len(rows),
            specimens=rows.shape[1],
            means=means[first] - means[second],
            drawn=drawn[first] - drawn[second],
        )

    def matrix(self, first_better: np.ndarray, second_better: np.ndarray) -> np.ndarray:
        """Return verdicts on pairs as a matrix: whether one method is better than another."""
        better = np.zeros((self.methods, self.methods), dtype=bool)
        pairs = np.triu_indices(self.methods, 1)
        better[pairs], better.T[pairs] = first_better, second_better
        return better

    def alone(self) -> np.ndarray:
        """Compare each pair by its own bootstrap interval, as if there were no other."""
        drawn = np.sort(self.drawn, axis=1)
        tails = np.round(np.array([0.025, 0.975]) * (drawn.shape[1] - 1)).astype(int)
        low, high = self.means + stretch(self.specimens) * drawn[:, tails].T
        return self.matrix(low > 0, high < 0)

    def family(self, *, steps: bool) -> np.ndarray:
        """Compare all pairs by the largest studentised difference of the draws.

        The quantile of the draws is converted to Student's for few specimens. With `steps` it is
        taken again among the pairs that were not told apart (Romano and Wolf, 2005).
        """
        error = self.drawn.std(axis=1)
        t = self.means / error / np.sqrt(self.specimens / (self.specimens - 1))
        drawn = np.abs(self.drawn / error[:, None])
        left = np.ones(len(t), dtype=bool)
        while left.any():
            normal = max(float(np.quantile(drawn[left].max(axis=0), 0.95)), float(ndtri(0.975)))
            found = left & (np.abs(t) > stdtrit(self.specimens - 1, ndtr(normal)))
            left &= ~found
            if not (steps and found.any()):
                break
        return self.matrix(~left & (t > 0), ~left & (t < 0))


def holm(rows: np.ndarray) -> np.ndarray:
    """Compare all pairs as tables do."""
    names = [f"{number:03}" for number in range(rows.shape[1])]
    return demonstrably_better(rows, resampling(names, resamples=1))


def ranks_by_any(better: np.ndarray) -> list[int]:
    """Rank rows by all rows of the rank above, not by its first alone."""
    ranks: list[int] = []
    for place in range(len(better)):
        above = slice(ranks[-1] - 1 if ranks else 0, place)
        begins = not ranks or better[above, place].any()
        ranks.append(place + 1 if begins else ranks[-1])
    return ranks


FORMER, ADOPTED = "former rule", "Student and Holm"
RULES = (
    FORMER,
    "each pair alone",
    "bootstrap, one step",
    "bootstrap, in steps",
    ADOPTED,
    f"{ADOPTED}, any",
)


def ranks_of(rows: np.ndarray, weights: np.ndarray) -> dict[str, np.ndarray]:
    """Return the rank of each method by each rule."""
    order = np.argsort(-rows.mean(axis=1), kind="stable")
    pairs = Pairs.of(rows[order], weights)
    alone, told = pairs.alone(), holm(rows[order])
    ranks: tuple[Sequence[int], ...] = (
        (1 + np.count_nonzero(alone, axis=0)).tolist(),
        shared_ranks(alone),
        shared_ranks(pairs.family(steps=False)),
        shared_ranks(pairs.family(steps=True)),
        shared_ranks(told),
        ranks_by_any(told),
    )
    back = np.argsort(order)
    return {rule: np.array(found)[back] for rule, found in zip(RULES, ranks, strict=True)}


def deviations(kind: str, generator: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Return each method's own deviations from what is common to all, of mean 0."""
    if kind == "normal":
        return generator.normal(size=shape)
    if kind == "skewed":
        return 1 - generator.exponential(size=shape)
    if kind == "heavy tails":
        return generator.standard_t(3, size=shape) / np.sqrt(3)
    # Of all sizes, every second one skewed.
    size = np.geomspace(0.1, 2, shape[0])[:, None]
    odd = np.arange(shape[0])[:, None] % 2 == 1
    skewed = 1 - generator.exponential(size=shape)
    return size * np.where(odd, skewed, generator.normal(size=shape))


KINDS = ("normal", "skewed", "heavy tails", "of all sizes")


def drawn_tests(
    kind: str, real: np.ndarray, methods: int, specimens: int, tests: int
) -> Iterator[np.ndarray]:
    """Scores of equally good methods, (methods, specimens), one test after another."""
    generator = np.random.default_rng([methods, specimens])
    for _ in range(tests):
        if kind == "real":
            rows = generator.choice(len(real), methods, replace=False)
            at = generator.integers(0, real.shape[1], specimens)
            yield real[np.ix_(rows, at)] - real[rows].mean(axis=1, keepdims=True)
        else:
            common = 3 * generator.normal(size=specimens)
            yield common + deviations(kind, generator, (methods, specimens))


def weights_of(specimens: int) -> np.ndarray:
    """Return how often each specimen is drawn in each bootstrap draw."""
    generator = np.random.default_rng(specimens)
    share = np.full(specimens, 1 / specimens)
    return generator.multinomial(specimens, share, size=RESAMPLES).astype(float)


def false_splits(real: np.ndarray, tests: int) -> list[dict[str, object]]:
    """Share of tests in which equally good methods have different ranks."""
    cases = list(itertools.product((*KINDS, "real"), SPECIMENS, METHODS))
    found = []
    for kind, specimens, methods in counted(cases, "Equal methods"):
        if kind == "real" and methods > len(real):
            continue
        weights, parted = weights_of(specimens), dict.fromkeys(RULES, 0)
        for rows in drawn_tests(kind, real, methods, specimens, tests):
            for name, ranks in ranks_of(rows, weights).items():
                parted[name] += len(set(ranks)) > 1
        shares = {name: count / tests for name, count in parted.items()}
        found.append({"scores": kind, "specimens": specimens, "methods": methods, **shares})
    return found


def power(real: np.ndarray, tests: int) -> list[dict[str, object]]:
    """Share of neighbours with different ranks, where each method is better than the next."""
    cases: list[tuple[str, int, int, float]] = [
        *(("normal", 100, n, gap) for n in METHODS[1:] for gap in (2.0, 3.0, 4.0, 5.0)),
        *(("real", specimens, len(real), np.nan) for specimens in SPECIMENS[1:]),
    ]
    found = []
    for kind, specimens, methods, gap in counted(cases, "Different methods"):
        # A standard error of a paired difference is sqrt(2 / specimens).
        step = 0.0 if kind == "real" else gap * np.sqrt(2 / specimens)
        means = real.mean(axis=1) if kind == "real" else -step * np.arange(methods)
        weights, parted = weights_of(specimens), dict.fromkeys(RULES, 0.0)
        generator = np.random.default_rng([methods, specimens])
        for rows in drawn_tests(kind, real, methods, specimens, tests):
            if kind == "real":
                # All rows, on the same draw of specimens.
                rows = real[:, generator.integers(0, real.shape[1], specimens)]
            else:
                rows = rows + means[:, None]
            for name, ranks in ranks_of(rows, weights).items():
                parted[name] += np.mean(ranks[1:] > ranks[:-1])
        shares = {name: share / tests for name, share in parted.items()}
        found.append({"scores": kind, "specimens": specimens, "methods": methods, "gap": gap}
                     | shares)  # fmt: skip
    return found


def neighbours(tests: int) -> list[dict[str, object]]:
    """Two equal methods below a better one: how often they have different ranks."""
    found = []
    for gap in (0.0, 2.0, 3.0, 4.0, 5.0, 8.0):
        generator = np.random.default_rng(0)
        different = overlapping = 0
        for _ in range(tests):
            rows = generator.normal(size=(3, 100)) + 3 * generator.normal(size=100)
            rows[0] += gap * np.sqrt(2 / 100)
            order = np.argsort(-rows.mean(axis=1), kind="stable")
            better = holm(rows[order])
            place = {int(row): number for number, row in enumerate(order)}
            ranks, ranges = shared_ranks(better), rank_ranges(better)
            different += ranks[place[1]] != ranks[place[2]]
            (a, b), (c, d) = ranges[place[1]], ranges[place[2]]
            overlapping += max(a, c) <= min(b, d)
        found.append({"gap": gap, "different": different / tests, "overlap": overlapping / tests})
    return found


def counted(cases: Sequence[Case], what: str) -> Iterator[Case]:
    """Yield each case, with a progress bar."""
    with progress(what, len(cases)) as advance:
        for case in cases:
            yield case
            advance(1)


def real_scores(folder: Path) -> np.ndarray:
    """Mean PSNR of each specimen by the ranked submissions of a folder, best first."""
    scores = ranked_scores(build_table(folder)).values()
    return np.array([specimen_means(one, "psnr_db").to_numpy() for one in scores])


def percent(share: object) -> str:
    """Return a share as a percentage of tests."""
    return f"{100 * float(share):.1f}"  # type: ignore[arg-type]


def page(
    equal: list[dict[str, object]],
    different: list[dict[str, object]],
    below: list[dict[str, object]],
    tests: int,
) -> str:
    """Return the results as Markdown."""
    rules = list(RULES)
    first = [["scores", "specimens", "methods", *rules]]
    first += [
        [str(one["scores"]), str(one["specimens"]), str(one["methods"])]
        + [percent(one[rule]) for rule in rules]
        for one in equal
    ]
    second = [["scores", "specimens", "methods", "standard errors apart", *rules]]
    second += [
        [str(one["scores"]), str(one["specimens"]), str(one["methods"])]
        + ["as they are" if np.isnan(float(str(one["gap"]))) else f"{one['gap']:g}"]
        + [percent(one[rule]) for rule in rules]
        for one in different
    ]
    third = [["standard errors apart", "different ranks", "ranges of ranks overlap"]]
    third += [[f"{o['gap']:g}", percent(o["different"]), percent(o["overlap"])] for o in below]
    return "\n".join(
        [
            "# The rule of ranks, simulated",
            "",
            f"Printed by `python benchmarks/rank_rule.py`; {tests:,} tests each. *{ADOPTED}* is "
            "the rule of tables ([leaderboard.md](../leaderboard.md)); the *former rule* was 1 + "
            "the number of methods that are better by their own paired interval. The others part "
            "ranks as tables do, by other comparisons of pairs, or by those with all methods of "
            "the rank above instead of its first (*any*). *Real* scores are the mean PSNR of the "
            "specimens of the open track's test, drawn with replacement.",
            "",
            "## Equal methods",
            "",
            "Share of tests, in percent, in which methods that are equally good have different "
            "ranks. At most 5 is wanted. Of the real scores, those of `unet-open` are 20 to 40 "
            "decibels above others on two of 400 specimens, which show vacuum alone: of a sample "
            "without these, no rule knows of them.",
            "",
            markdown_table(first, (0,)).rstrip(),
            "",
            "## Different methods",
            "",
            "Share, in percent, of neighbours in the true order that the better one of has the "
            "better rank, where each method is better than the next: by some standard errors of "
            "a paired difference, or as the submissions of the open track are.",
            "",
            markdown_table(second, (0,)).rstrip(),
            "",
            "## Two equal methods below a better one",
            "",
            "Of two equal methods one may be demonstrably worse than the first of a rank and the "
            "other just not: their ranks then differ, but their ranges of ranks still say that "
            "they may share one. In percent of tests of 100 specimens.",
            "",
            markdown_table(third, ()).rstrip(),
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--tests", type=int, default=400)
    parser.add_argument("--submissions", type=Path, default=ROOT / "submissions" / "open-hrtem")
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    real = real_scores(arguments.submissions)
    equal = false_splits(real, arguments.tests)
    different = power(real, arguments.tests)
    below = neighbours(arguments.tests)
    write_text(arguments.out / "rank-rule.md", page(equal, different, below, arguments.tests))
    rows = [{"gap": 0.0, **one} for one in equal] + different
    lines = [list(different[0]), *([str(one[key]) for key in different[0]] for one in rows)]
    write_text(arguments.out / "rank-rule.csv", csv_text(lines))


if __name__ == "__main__":
    main()
