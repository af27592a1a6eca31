"""Check of hostile submissions and outputs: what is done, what must happen, and what happens.

    python benchmarks/hostile_cases.py [--match PATTERN] > docs/results/hostile-cases.md

Spoils good submissions and outputs of six methods on a tiny data set in every way of the tests'
hostile cases, reads them as the commands do, and prints the page with all of them. Nothing may be
executed, unpickled, written outside or read from outside; a refusal is one line, within 2 s and
200 MB; an accepted submission changes no other row. The exit code is 1 where anything is wrong.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "ranking"))
sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "ranking" / "hostile"))
from hostile_case import HostileCase
from hostile_cases import all_cases
from hostile_judge import MOST_MB, MOST_SECONDS, Judge, Outcome
from ranking_fakes import FakeStore, denoisers, write_outputs

from tembench.core import markdown_escaped, markdown_table, progress, shortened
from tembench.ranking.make_submission import submit_outputs
from tembench.ranking.scoring.score import score_outputs

_HEADINGS = {
    "submission": "A submission",
    "folder": "A folder of submissions",
    "outputs": "A folder of outputs",
    "images": "Images in formats of a submitter's own",
    "text": "Texts of a submission, in every format of a table",
}
_LONGEST = 160


def good_folders(root: Path) -> Judge:
    """Make good submissions and outputs, which the cases spoil copies of."""
    store = FakeStore()
    for name in denoisers(store):
        outputs = write_outputs(root / "scored" / name, store, name)
        score_outputs(outputs, store, workers=0)  # type: ignore[arg-type]
        submit_outputs(outputs, name, root / "submitted")
    fresh = write_outputs(root / "outputs", store, "good")
    return Judge(submitted=root / "submitted", outputs=fresh, store=store)


def page(outcomes: list[tuple[HostileCase, Outcome]]) -> str:
    """Return the page of all cases."""
    musts = Counter(case.must for case, _ in outcomes)
    faults = sum(bool(outcome.faults) for _, outcome in outcomes)
    slowest = max(outcome.seconds for case, outcome in outcomes if case.refused)
    largest = max(outcome.memory_MB for case, outcome in outcomes if case.refused)
    counts = ", ".join(f"{count} {must}" for must, count in musts.most_common())
    lines = [
        "# Hostile cases",
        "",
        "Good submissions and outputs of a tiny data set, spoiled in hostile ways and read as the",
        "commands read them; `python benchmarks/hostile_cases.py` prints this page, and the same",
        "cases are tests. An audit hook of Python watches each: no process may start, nothing may",
        "be unpickled, compiled or connected to, no file outside the folder may be written, and a",
        "secret beside it may not be opened. A refusal is one line, takes at most",
        f"{MOST_SECONDS:g} s and {MOST_MB:g} MB, and leaves the folder as it was; what is accepted",
        "changes the numbers of no other row. Seconds are the processor's; those of accepted cases",
        "are of scoring or of the whole table.",
        "",
        f"{len(outcomes)} cases: {counts}; {faults} faults. The slowest refusal took "
        f"{slowest:.2f} s, the largest {largest:.0f} MB.",
    ]
    for kind, heading in _HEADINGS.items():
        rows = [["case", "what is done", "must be", "what happened", "s"]]
        for case, outcome in outcomes:
            if case.kind == kind:
                faulty = " ".join(f"FAULT: {fault}." for fault in outcome.faults)
                happened = re.sub(r"\s+", " ", f"{faulty} {outcome.happened}".strip())
                cells = (case.name, case.done, case.must, shortened(happened, _LONGEST))
                rows.append([*map(markdown_escaped, cells), f"{outcome.seconds:.2f}"])
        if len(rows) > 1:
            lines += ["", f"## {heading}", "", markdown_table(rows, range(4)).rstrip()]
    return "\n".join(lines) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--match", default="", help="Only cases whose name matches.")
    arguments = parser.parse_args()
    cases = [case for case in all_cases() if re.search(arguments.match, case.name)]
    outcomes = []
    with tempfile.TemporaryDirectory() as scratch:
        judge = good_folders(Path(scratch) / "good")
        with progress("Hostile cases", len(cases)) as advance:
            for number, case in enumerate(cases):
                root = Path(scratch) / f"case-{number}"
                root.mkdir()
                outcomes.append((case, judge.judge(case, root)))
                advance(1)
    print(page(outcomes), end="")
    sys.exit(1 if any(outcome.faults for _, outcome in outcomes) else 0)


if __name__ == "__main__":
    main()
