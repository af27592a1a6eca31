"""Fuzzing of submissions and outputs: any bytes in the place of a file are read or refused.

    python benchmarks/fuzz_submissions.py [--examples N] [--match PATTERN] > docs/results/fuzzing.md

Changes each file of a good submission, of good outputs and of images N times, by strategies of
Hypothesis: a value, a cell, a line or some bytes that are others, or any bytes at all. Prints the
page: how many were accepted and refused, the slowest, the growth of memory, and faults: any error
but a refusal in one line, within 2 s. The exit code is 1 where there is one; its bytes are printed.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, seed, settings, strategies as st

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "ranking"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "ranking" / "hostile"))
from fuzzed_files import FuzzedFile, fuzzed_files
from hostile_guard import guarded
from ranking_fakes import FakeStore, write_outputs

from tembench.core import markdown_table, progress
from tembench.ranking.make_submission import submit_outputs
from tembench.ranking.scoring.score import score_outputs

_PAGE = """# Fuzzing

Each file of a good submission, of good outputs and of images is changed by strategies of
Hypothesis: a value, a cell, a line or some bytes are others, and in one of ten examples there are
any bytes in its place. What is read must be accepted, or refused in one line within 2 s; the guard
of the [hostile cases](hostile-cases.md) watches. `python benchmarks/fuzz_submissions.py` prints
this page; the tests do the same with fewer examples.

{table}

{faults} faults. MB is the growth of the process's memory over all examples of a file."""
_HEADINGS = ["file", "examples", "accepted", "refused", "faults", "slowest, s", "s in all", "MB"]


def fuzzed(file: FuzzedFile, examples: int, root: Path) -> tuple[list[str], list[str]]:
    """Fuzz a file; return the row of the table, and the faults."""
    counts: Counter[str] = Counter()
    faults: list[str] = []
    slowest = 0.0

    @seed(20270301)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def fuzz(data: st.DataObject) -> None:
        nonlocal slowest
        content = data.draw(file.changed())
        began = time.process_time()
        try:
            counts["accepted" if file.is_accepted(content) else "refused"] += 1
        except Exception as problem:
            counts["faults"] += 1
            faults.append(f"{file.kind}: {problem!r}: {content[:300]!r}")
        slowest = max(slowest, time.process_time() - began)

    with guarded(root, hangs_after_s=None) as guard:
        fuzz()
    faults += guard.broken
    numbers = [counts[name] for name in ("accepted", "refused", "faults")]
    seconds = (f"{slowest:.2f}", f"{guard.seconds:.1f}", f"{guard.memory_MB:.0f}")
    return [f"`{file.kind}`", *map(str, (sum(numbers), *numbers)), *seconds], faults


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--examples", type=int, default=1000)
    parser.add_argument("--match", default="", help="Only files whose kind matches.")
    arguments = parser.parse_args()
    rows, faults = [_HEADINGS], []
    with tempfile.TemporaryDirectory() as scratch:
        root, store = Path(scratch), FakeStore()
        outputs = write_outputs(root / "outputs", store, "good")
        score_outputs(outputs, store, workers=0)  # type: ignore[arg-type]
        submission = submit_outputs(outputs, "good", root / "submissions")
        files = fuzzed_files(submission, outputs, store)
        files = [file for file in files if re.search(arguments.match, file.kind)]
        with progress("Fuzzing", len(files)) as advance:
            for file in files:
                row, found = fuzzed(file, arguments.examples, root)
                rows.append(row)
                faults += found
                advance(1)
    print(_PAGE.format(table=markdown_table(rows).rstrip(), faults=len(faults)))
    for fault in faults:
        print(f"FAULT {fault}", file=sys.stderr)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
