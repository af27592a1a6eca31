"""Coverage of the tables' intervals, simulated for few and for many specimens.

    python benchmarks/interval_coverage.py [--samples 1000] [--submissions submissions/open-hrtem]

Specimens are drawn whose true mean is known: from distributions, and with replacement from the
specimens of real submissions, whose mean over all of them is the true one. Reported is the share of
95 % intervals that contain it, for means and for differences between two rows, paired specimen by
specimen; beside it that of the plain percentile bootstrap, which is not stretched for few
specimens. Writes docs/interval-coverage.png and docs/results/interval-coverage.md.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import INK, MUTED, figure_of, markdown_table, progress, save_figure, write_text
from tembench.metrics import METRICS
from tembench.ranking import build_table, ranked_scores, resampling
from tembench.ranking.stability import specimen_means
from tembench.ranking.statistics import intervals, stretch

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROOT = Path(__file__).parent.parent
SPECIMENS = (2, 3, 5, 10, 20, 50, 100, 400)
REAL_METRICS = ("psnr_db", "column_f1", "site_shown_difference", "columns_invented")
REFERENCE = "bm3d-open"
# Of these fewer draws than of a table show the same.
RESAMPLES = 1000
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7")


def synthetic(kind: str, generator: np.random.Generator, shape: tuple[int, int]) -> np.ndarray:
    """Return scores of mean 0."""
    if kind == "normal":
        return generator.normal(size=shape)
    if kind == "skewed":
        return generator.exponential(size=shape) - 1
    if kind == "heavy tails":
        return generator.standard_t(3, size=shape)
    # 1 on nine of ten specimens, 0 on the others.
    return (generator.random(shape) < 0.9) * 1.0 - 0.9


KINDS = ("normal", "skewed", "heavy tails", "one of ten fails")


def coverage(samples: np.ndarray, truth: float) -> tuple[float, float]:
    """Share of intervals that contain the truth, and of plain percentile intervals.

    Parameters
    ----------
    samples : array (samples, specimens)
        Mean score of each specimen.
    truth : float
        The true mean.
    """
    specimens = samples.shape[1]
    draws = resampling([f"{number:03}" for number in range(specimens)], resamples=RESAMPLES)
    found = intervals(samples, draws)
    inside = np.mean([value.includes(truth) for value in found])
    factor = stretch(specimens)
    plain = np.mean(
        [
            value.mean + (value.low - value.mean) / factor
            <= truth
            <= value.mean + (value.high - value.mean) / factor
            for value in found
        ]
    )
    return float(inside), float(plain)


def real_populations(folder: Path) -> dict[str, list[np.ndarray]]:
    """Means of specimens by metric, of each row and of each row less the reference."""
    scores = ranked_scores(build_table(folder))
    found: dict[str, list[np.ndarray]] = {}
    for name in REAL_METRICS:
        rows = {row: specimen_means(one, name).to_numpy() for row, one in scores.items()}
        rows = {row: values[~np.isnan(values)] for row, values in rows.items()}
        title = METRICS[name].title
        found[title] = list(rows.values())
        others = [values for row, values in rows.items() if row != REFERENCE]
        found[f"{title}, difference"] = [values - rows[REFERENCE] for values in others]
    return found


Result = Mapping[int, Sequence[tuple[float, float]]]


def simulate(real: Mapping[str, Sequence[np.ndarray]], samples: int) -> dict[str, Result]:
    """Coverage by scores and number of specimens: one value, or one for each real row."""
    found: dict[str, Result] = {}
    cases = [*KINDS, *real]
    with progress("Coverage", len(cases) * len(SPECIMENS)) as advance:
        for case in cases:
            generator = np.random.default_rng(len(case))
            by_specimens = {}
            for specimens in SPECIMENS:
                drawn = _drawn(case, real, generator, (samples, specimens))
                by_specimens[specimens] = [coverage(values, truth) for values, truth in drawn]
                advance(1)
            found[case] = by_specimens
    return found


def _drawn(
    case: str,
    real: Mapping[str, Sequence[np.ndarray]],
    generator: np.random.Generator,
    shape: tuple[int, int],
) -> Iterator[tuple[np.ndarray, float]]:
    if case in KINDS:
        yield synthetic(case, generator, shape), 0.0
        return
    # As many samples in all as of a distribution.
    each = (max(1, shape[0] // len(real[case])), shape[1])
    for values in real[case]:
        yield generator.choice(values, each), float(values.mean())


def draw(found: Mapping[str, Result], path: Path) -> None:
    """Draw coverage against the number of specimens: distributions, real means and differences."""
    panels = {
        "Distributions": KINDS,
        "Open track, means": [name for name in found if name in _titles()],
        "Open track, differences": [name for name in found if name.endswith("difference")],
    }
    figure = figure_of(11.4, 3.9)
    for number, (title, cases) in enumerate(panels.items()):
        axes = figure.add_axes((0.055 + 0.325 * number, 0.13, 0.275, 0.74))
        for colour, case in zip(COLOURS, cases, strict=True):
            _curve(axes, found[case], case.removesuffix(", difference"), colour)
        axes.axhline(0.95, color=INK, lw=0.8, ls=":")
        axes.set_xscale("log")
        axes.set_xticks(SPECIMENS, [str(n) for n in SPECIMENS])
        axes.minorticks_off()
        axes.set_ylim(0.4, 1.005)
        axes.set_title(title, loc="left", fontsize=9, color=INK)
        axes.set_xlabel("specimens", fontsize=8, color=MUTED)
        axes.tick_params(labelsize=7.5, colors=MUTED)
        axes.legend(fontsize=7, frameon=False, loc="lower right")
        for side in ("top", "right"):
            axes.spines[side].set_visible(False)
    figure.axes[0].set_ylabel("share of intervals with the true mean", fontsize=8, color=MUTED)
    save_figure(figure, path, record(found))


def _curve(axes: Axes, result: Result, label: str, colour: str) -> None:
    inside, plain = np.array([_mean(result, n) for n in SPECIMENS]).T
    axes.plot(SPECIMENS, inside, color=colour, lw=1.5, marker="o", ms=3, label=label)
    axes.plot(SPECIMENS, plain, color=colour, lw=0.9, ls="--")


def _titles() -> list[str]:
    return [METRICS[name].title for name in REAL_METRICS]


def _mean(result: Result, specimens: int) -> tuple[float, float]:
    inside, plain = np.mean(result[specimens], axis=0).tolist()
    return inside, plain


def record(found: Mapping[str, Result]) -> dict[str, dict[str, str]]:
    """Return the coverage in percent by scores and number of specimens."""
    return {
        case: {str(n): f"{100 * _mean(result, n)[0]:.0f} %" for n in SPECIMENS}
        for case, result in found.items()
    }


def page(found: Mapping[str, Result], samples: int) -> str:
    """Return the results as Markdown."""
    rows = [["scores", *(str(n) for n in SPECIMENS)]]
    plain = [["scores", *(str(n) for n in SPECIMENS)]]
    for case, result in found.items():
        rows.append([case, *(f"{100 * _mean(result, n)[0]:.1f}" for n in SPECIMENS)])
        plain.append([case, *(f"{100 * _mean(result, n)[1]:.1f}" for n in SPECIMENS)])
    return "\n".join(
        [
            "# Coverage of the intervals",
            "",
            f"Printed by `python benchmarks/interval_coverage.py`; {samples:,} samples each. Share "
            "of 95 % intervals that contain the true mean, in percent, by the number of specimens. "
            "The first rows are distributions; the others are drawn with replacement from the "
            "specimens of the open track's test, on average over the ranked methods, and a "
            f"*difference* is to `{REFERENCE}`, specimen by specimen.",
            "",
            "![Coverage by number of specimens](../interval-coverage.png)",
            "",
            markdown_table(rows, (0,)).rstrip(),
            "",
            "The same of the plain percentile bootstrap, which tables do not use (dashed in the "
            "figure):",
            "",
            markdown_table(plain, (0,)).rstrip(),
            "",
        ]
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=1000)
    parser.add_argument("--submissions", type=Path, default=ROOT / "submissions" / "open-hrtem")
    parser.add_argument("--out", type=Path, default=ROOT / "docs")
    arguments = parser.parse_args()
    found = simulate(real_populations(arguments.submissions), arguments.samples)
    draw(found, arguments.out / "interval-coverage.png")
    text = page(found, arguments.samples)
    write_text(arguments.out / "results" / "interval-coverage.md", text)


if __name__ == "__main__":
    main()
