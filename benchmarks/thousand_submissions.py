"""Time and memory of a thousand submissions: checked, in a table, and as a site.

    python benchmarks/thousand_submissions.py ROWS [--count 1000] [--folder FOLDER] [--work ...]

ROWS is a folder of submissions to one table, such as ``submissions/open-hrtem``. Copies of those
that are not controls are made in a temporary folder, or in FOLDER, which is kept: each has a name
and PSNRs of its own, so that no two have the same scores. A tenth of them, and then all, are

- checked, as `tembench check` does with one, by a process per core,
- made into a table, which includes the checks,
- made into a site, which includes the table, where `tembench leaderboard` has that format,

each in a process of its own, whose start (imports of pandas and Matplotlib among it) is counted in.
Time that grows as the number of submissions does has a ratio of 10 between the two at most.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from contextlib import nullcontext
from pathlib import Path

import numpy as np
import tomli_w

from tembench.core import csv_text, markdown_table
from tembench.ranking.submission_folders import build_tables, check_submissions


def copies(rows: Path, folder: Path, count: int) -> None:
    """Make `count` submissions, each a copy of a row with another name and other PSNRs."""
    sources = [
        (path, content)
        for path in sorted(path.parent for path in rows.glob("*/submission.toml"))
        if (content := tomllib.loads((path / "submission.toml").read_text()))["method"]["kind"]
        != "control"
    ]
    random = np.random.default_rng(0)
    for number in range(count):
        source, content = sources[number % len(sources)]
        target = folder / f"row-{number:05}"
        target.mkdir(parents=True)
        text = better((source / "scores.csv").read_text(), random)
        (target / "scores.csv").write_text(text)
        content = {
            **content,
            "name": target.name,
            "method": {**content["method"], "name": target.name},
            "scores": {
                **content["scores"],
                "sha256": hashlib.sha256(text.encode()).hexdigest(),
            },
        }
        content.pop("seed_of", None)
        (target / "submission.toml").write_text(tomli_w.dumps(content))
        for picture in ("panel.png", "shown.png", "shown.csv"):
            if (source / picture).is_file():
                shutil.copyfile(source / picture, target / picture)


def better(text: str, random: np.random.Generator) -> str:
    """Scores with higher PSNRs: lower ones could contradict the squared error."""
    heading, *lines = [line.split(",") for line in text.splitlines()]
    at = heading.index("psnr_db")
    more = abs(random.normal(0, 0.5)) + np.abs(random.normal(0, 0.3, len(lines)))
    for line, db in zip(lines, more.tolist(), strict=True):
        line[at] = repr(float(line[at]) + db)
    return csv_text([heading, *lines])


def command(work: str, folder: Path, out: str) -> list[str]:
    """Arguments of Python for a piece of work."""
    if work == "site":
        return ["-m", "tembench", "leaderboard", str(folder), "--format", "site", "--out", out]
    return [__file__, str(folder), "--only", work]


def measured(work: str, folder: Path) -> tuple[float, float, float]:
    """Seconds, CPU seconds and peak memory (GB) of a process that does a piece of work."""
    with tempfile.TemporaryDirectory() as out:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, *command(work, folder, f"{out}/site")], stdout=subprocess.DEVNULL
        )
        _, status, used = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{work} failed")
    return seconds, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024 / 1e9


def offered() -> list[str]:
    """Pieces of work that this tembench can do."""
    from tembench.cli.leaderboard_command import leaderboard

    form = next(option.type for option in leaderboard.params if option.name == "form")
    return ["check", "table", *(["site"] if "site" in getattr(form, "choices", ()) else [])]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rows", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--work", nargs="+", choices=offered(), default=offered())
    parser.add_argument("--only", choices=("check", "table"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.only:
        work = {"check": check_submissions, "table": build_tables}[arguments.only]
        found = work(arguments.rows, workers=os.cpu_count() or 1)
        assert found
        return
    kept = arguments.folder
    lines = [["work", "submissions", "s", "CPU s", "CPU ms each", "peak GB", "CPU ratio"]]
    counts = (max(1, arguments.count // 10), arguments.count)
    with tempfile.TemporaryDirectory() if kept is None else nullcontext(kept) as place:
        folders = [Path(place) / str(count) for count in counts]
        for folder, count in zip(folders, counts, strict=True):
            if not folder.is_dir():
                copies(arguments.rows, folder, count)
        for work in arguments.work:
            before = 0.0
            for folder, count in zip(folders, counts, strict=True):
                seconds, cpu, memory = measured(work, folder)
                figures = [f"{seconds:.1f}", f"{cpu:.1f}", f"{1e3 * cpu / count:.1f}"]
                ratio = f"{cpu / before:.1f}" if before else ""
                lines.append([work, str(count), *figures, f"{memory:.2f}", ratio])
                before = cpu
    print(markdown_table(lines))


if __name__ == "__main__":
    main()
