"""Numbers quoted in the pages, copied from the pictures and tables that they come from.

    python docs/figures.py            # updates README.md and docs/*.md
    python docs/figures.py --check    # lists the pages that would change

In the Markdown a number is between marks: ``<!--=NAME-->39.15 dB<!--/=-->``. The numbers of a trial
whose outputs were not kept, so that no command can reproduce them, are marked ``<!--=trial-->``.
"""

from __future__ import annotations

import csv
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np

from tembench.core import list_methods, picture_record
from tembench.metrics import METRICS, Metric
from tembench.ranking import Table, build_table, value_text
from tembench.recipe import load_recipe

DOCS = Path(__file__).parent
ROOT = DOCS.parent
PAGES = (ROOT / "README.md", *sorted(DOCS.glob("*.md")))
TRIAL = "trial"
MARKED = re.compile(r"<!--=(?P<name>[\w.-]+)-->(?P<text>.*?)<!--/=-->", re.DOTALL)


def figures(table: Table, drawn: Table | None = None) -> dict[str, str]:
    """Return all numbers by name, as text with units.

    `table` is that of the closed track, `drawn` that of the open one: ``open.unet-open.psnr_db``.
    """
    opened = {} if drawn is None else _of_table(drawn)
    return {
        **{f"open.{name}": text for name, text in opened.items()},
        **({} if drawn is None else _of_worst_cases(drawn)),
        **_of_inspection(picture_record(DOCS / "inspect.png")),
        **_of_table(table),
        "table.coverage": _coverage(table, *([] if drawn is None else [drawn])),
        **_of_recipes(),
        **_of_gain_tuning(),
        **_of_training(),
        **_of_generalisation((DOCS / "results" / "generalization.md").read_text(encoding="utf-8")),
        **_of_fields(),
        **_of_released(),
        **_of_statistics(),
    }


def refreshed(text: str, found: Mapping[str, str]) -> str:
    """Return a page with the numbers that its marks name; trials are left unchanged.

    Raises
    ------
    KeyError
        If a mark names no number.
    """
    return MARKED.sub(lambda mark: _marked(mark["name"], found, mark["text"]), text)


def _marked(name: str, found: Mapping[str, str], text: str) -> str:
    # Text that differs only in its line breaks is left unchanged.
    kept = name == TRIAL or text.split() == found[name].split()
    return f"<!--={name}-->{text if kept else found[name]}<!--/=-->"


def _of_inspection(record: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    scores, columns = record["scores"], record["columns"]
    shown = int(columns["matched"]) + int(columns["missed"])
    return {
        "inspect.psnr": f"{scores['psnr_db']} dB",
        "inspect.ssim": scores["ssim"],
        "inspect.found": f"{columns['matched']} of {shown}",
    }


def _of_table(table: Table) -> dict[str, str]:
    """Size of the table, and the mean of every metric of every row: ``unet.psnr_db``."""
    return {
        "table.images": str(table.data.images),
        "table.subset": str(table.subset_images),
        **{
            f"{row.submission.name}.{metric.name}": _value(metric, row.values[metric.name].mean)
            for row in table.rows
            for metric in table.metrics
        },
    }


def _of_worst_cases(table: Table) -> dict[str, str]:
    """Gains over the table's reference: mean, of the worst tenths, and in the worst group."""
    worst = {row.submission.name: row.worst for row in table.rows if row.worst is not None}
    theirs = worst[table.reference].tenth.mean
    found = {}
    for name, one in worst.items():
        if one.difference is None or one.group_difference is None:
            continue
        gains = {
            "gain": one.difference.mean,
            "worst_tenth_gain": one.tenth.mean - theirs,
            "worst_group_gain": one.group_difference.value.mean,
        }
        found |= {f"open.{name}.{key}": f"{value:+.2f} dB" for key, value in gains.items()}
    return found


def tables_of_tracks() -> list[Table]:
    """Tables of the closed and the open track."""
    folders = (ROOT / "submissions" / name for name in ("ptceo2-18k", "open-hrtem"))
    return [build_table(folder) for folder in folders if folder.is_dir()]


def _value(metric: Metric, value: float) -> str:
    return f"{value_text(metric, value)} {metric.unit}".strip()


def _coverage(*tables: Table) -> str:
    """Count the baselines that have a row in a table, and name the others."""
    rows = {row.submission.description.method.name for table in tables for row in table.rows}
    baselines = list_methods()
    missing = [f"`{name}`" for name in baselines if name not in rows]
    if not missing:
        return f"all {len(baselines)} baselines"
    return (
        f"{len(baselines) - len(missing)} of the {len(baselines)} baselines "
        f"({' and '.join(missing)} {'has' if len(missing) == 1 else 'have'} no row)"
    )


def _of_recipes() -> dict[str, str]:
    found = {}
    for name in ("quickstart", "ptceo2-18k"):
        recipe = load_recipe(name)
        found[f"{name}.images"] = f"{recipe.n_images:,}"
        found[f"{name}.models"] = str(len(recipe.models))
    return found


def _of_gain_tuning() -> dict[str, str]:
    """Difference between GainTuning and the UNet that it starts from, image by image."""
    tuned, plain = (_psnr_by_image(name) for name in ("gaintuning", "unet"))
    median = float(np.median([psnr - plain[image] for image, psnr in tuned.items()]))
    return {"gaintuning.loss": f"{-median:.2f} dB"}


def _psnr_by_image(name: str) -> dict[str, float]:
    rows = _rows(ROOT / "submissions" / "ptceo2-18k" / name / "scores.csv")
    return {row["image"]: float(row["psnr_db"]) for row in rows}


def _of_training() -> dict[str, str]:
    history = _rows(ROOT / "baselines" / "unet" / "weights" / "history.csv")
    scores = {int(row["step"]): float(row["score"]) for row in history}
    return {
        "unet.steps": f"{max(scores):,}",
        "unet.best": f"{max(scores.values()):.2f} dB",
        "unet.at-3000": f"{scores[3000]:.2f} dB",
    }


def _of_generalisation(text: str) -> dict[str, str]:
    """Gaps and the worst cell of contrast, ours and released, from the tables of the study."""
    found = {}
    for section in text.split("\n## ")[1:]:
        factor = section.partition("\n")[0].lower()
        ours, released = re.findall(r"(\d+\.\d+) dB worse", section)
        found |= {f"{factor}.gap": f"{ours} dB", f"{factor}.released-gap": f"{released} dB"}
    ours, released = re.findall(r"^\| black .*\| (\S+) ± \S+ \((\S+)\) \|$", text, re.MULTILINE)[0]
    return found | {
        "black-on-white": f"{float(ours):.1f} dB",
        "black-on-white.released": f"{float(released):.1f} dB",
    }


def _of_fields() -> dict[str, str]:
    found = {}
    for row in _rows(DOCS / "results" / "field-of-view.csv"):
        scales = row["scales"]
        found[f"field-{scales}"] = row["field_A"]
        for name in ("psnr_db", "column_f1"):
            if gain := row[f"{name}_gain_mean"]:
                found[f"field-{scales}.{name}"] = _value(METRICS[name], float(gain))
    return found


def _of_statistics() -> dict[str, str]:
    """Coverage of intervals and shares of rules of ranking, as benchmarks/ simulated them."""
    coverage = picture_record(DOCS / "interval-coverage.png")
    found = {
        f"coverage.{_mark(scores)}.{specimens}": share
        for scores, shares in coverage.items()
        for specimens, share in shares.items()
    }
    for row in _rows(DOCS / "results" / "rank-rule.csv"):
        where = [row.pop(name) for name in ("scores", "specimens", "methods")]
        gap = float(row.pop("gap"))
        kind = "rank-rule" if gap == 0 else "rank-power"
        if np.isfinite(gap) and gap:
            where.append(f"{gap:g}")
        for rule, share in row.items():
            name = ".".join((kind, _mark(rule), *map(_mark, where)))
            found[name] = f"{100 * float(share):.0f} %"
    return found


def _mark(text: str) -> str:
    return text.replace(",", "").replace(" ", "-")


def _of_released() -> dict[str, str]:
    """Table of the released images, as measured by benchmarks/released_images_psnr.py."""
    rows = _rows(DOCS / "results" / "released-images.csv")
    methods = list(dict.fromkeys(row["method"] for row in rows))
    psnr = {(row["image"], row["method"]): float(row["psnr_db"]) for row in rows}
    noisy = {row["image"]: float(row["noisy_psnr_db"]) for row in rows}
    lines = [
        "| image | noisy | " + " | ".join(f"`{method}`" for method in methods) + " |",
        "|---|--:|" + "--:|" * len(methods),
    ]
    for image, before in noisy.items():
        cells = [f"{psnr[image, method]:.2f}" for method in methods]
        lines.append(f"| `{image}` | {before:.2f} | " + " | ".join(cells) + " |")
    return {"released.table": "\n\n" + "\n".join(lines) + "\n\n"}


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main(check: bool, say: Callable[[str], object] = print) -> int:
    """Update the pages, or only list those that differ; return the exit code."""
    found = figures(*tables_of_tracks())
    differ = 0
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        if refreshed(text, found) != text:
            differ += 1
            say(f"{page.relative_to(ROOT)}: {'other numbers' if check else 'rewritten'}")
            if not check:
                page.write_text(refreshed(text, found), encoding="utf-8", newline="\n")
    return int(check and differ > 0)


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))
