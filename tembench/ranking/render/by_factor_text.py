"""Scores by factor as text for the terminal."""

from __future__ import annotations

import io

from tembench.metrics import GROUPS, METRICS
from tembench.ranking.number_format import number_text, value_text
from tembench.ranking.render.captions import metric_heading
from tembench.ranking.scoring import Group, groups_of_factor

# Metrics of the small table, with short headings so that it fits into 80 columns.
_MAIN = {
    "psnr_db": "PSNR\ndB",
    "ssim": "SSIM",
    "particle_skill": "part.\nskill",
    "column_f1": "col.\nF1",
    "surface_f1": "surf.\nF1",
    "position_error_pm": "pos.\npm",
    "occupancy_correlation": "occu-\npancy",
    "site_accuracy": "site\nacc.",
    "llr_called": "cols.\ncalled",
    "vacuum_ripple": "vac.\nripple",
}
_TITLES = {
    "contrast": "Contrast",
    "defocus": "Defocus, nm",
    "thickness": "Thickness, Å",
    "structure": "Structure",
    "defect": "Defect",
    "condition": "Condition",
    "split": "Tested in",
}
_WIDEST = 1000


def overall_text(group: Group) -> str:
    """All metrics of a group under their headings, one per line."""
    width = 2 + max(len(metric.title) for metric in METRICS.values())
    lines = []
    for title, names in GROUPS.items():
        lines.append(title)
        for name in names:
            metric = METRICS[name]
            value = f"{value_text(metric, group.means[name])} {metric.unit}"
            lines.append(f"  {metric.title:{width}}{value}".rstrip())
            if name == "umse":
                upsnr_db = group.upsnr_db
                text = group.why_no_upsnr if upsnr_db is None else f"{number_text(upsnr_db, 2)} dB"
                lines.append(f"  {'uPSNR':{width}}{text}")
    return "\n".join(lines)


def factor_text(groups: list[Group], name: str) -> str:
    """The main metrics by one of `FACTOR_COLUMNS`, as a small table."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table as Grid
    from rich.text import Text

    grid = Grid(box=SIMPLE_HEAD, padding=0, pad_edge=False, show_edge=False)
    grid.add_column(_TITLES[name].replace(", ", "\n"), no_wrap=True)
    for title in ("im-\nages", *_MAIN.values()):
        grid.add_column(title, justify="right", no_wrap=True)
    for group in groups_of_factor(groups, name):
        value = group.value if isinstance(group.value, str) else _round(group.value)
        means = [value_text(METRICS[metric], group.means[metric]) for metric in _MAIN]
        grid.add_row(*map(Text, (value, str(group.images), *means)))
    buffer = io.StringIO()
    # Wider than any table: the terminal may wrap lines, but no number is truncated.
    console = Console(file=buffer, width=_WIDEST, highlight=False, no_color=True)
    console.print(grid)
    return "\n".join(line.rstrip() for line in buffer.getvalue().splitlines())


def metrics_text() -> str:
    """All metrics and their meaning, under the headings of the registry."""
    lines = []
    for title, names in GROUPS.items():
        lines += [title, ""]
        for metric in (METRICS[name] for name in names):
            low, high = map(_round, metric.range)
            lines += [
                f"  {metric.name}: {metric_heading(metric)}",
                f"      {metric.direction} is better, ideal {_round(metric.ideal)}, "
                f"range {low} to {high}, version {metric.version}",
                f"      {metric.summary}",
            ]
        lines.append("")
    return "\n".join(lines).rstrip()


def _round(value: float) -> str:
    """A number that is usually round, to four figures."""
    return f"{value:.4g}".replace("-", "−").replace("inf", "∞")
