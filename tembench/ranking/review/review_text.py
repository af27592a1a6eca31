"""Review of a pull request as Markdown, in which whatever was submitted is plain text."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tembench.core import markdown_escaped, markdown_table, printable
from tembench.ranking import (
    UNKNOWN,
    caption,
    interval_text,
    marks,
    metric_heading,
    notes,
    rank_text,
    value_text,
)
from tembench.ranking.review import ProposedRow, Review

# A page that nobody reads to its end helps nobody; some sites show a megabyte at most.
_MOST_LINES, _LONGEST = 50, 500


def review_markdown(review: Review) -> str:
    """Return the review: verdict, refusals, what needs a person, rows, and ranks that move.

    Parameters
    ----------
    review : Review
        From `review_pull_request`.
    """
    parts = [
        "# Review of the submissions",
        f"**{review_verdict(review)}**",
        *_listed("Refused", review.refusals),
        *_listed("Needs a person", _for_a_person(review)),
        *_rows(review),
        *_listed(
            "Ranks that move",
            (
                f"{one.name}: {one.before or UNKNOWN} → {one.after or UNKNOWN}"
                for one in review.moved
            ),
        ),
        *_listed(
            "Not scored",
            (f"{folder}: no data set of its recipe was given" for folder in review.not_scored),
        ),
    ]
    return "\n\n".join(parts) + "\n"


def review_verdict(review: Review) -> str:
    """One sentence on what a review found."""
    touched = review.touched
    counts = [
        f"{len(touched.submissions)} submissions touched",
        *([f"{len(touched.incoming)} folders of outputs"] if touched.incoming else []),
        *([f"{len(review.outside)} other files"] if review.outside else []),
    ]
    if review.refusals:
        how = "Refused"
    elif _for_a_person(review):
        how = "Nothing is refused; needs a person"
    else:
        how = "Nothing is refused"
    return f"{how}: {', '.join(counts)}."


def _for_a_person(review: Review) -> list[str]:
    files = [f"{file.path} is {file.how}, outside submissions" for file in review.outside]
    return [*review.for_a_person, *files]


def _listed(heading: str, items: Iterable[str]) -> Iterator[str]:
    lines = list(items)
    if not lines:
        return
    more = len(lines) - _MOST_LINES
    shown = [f"- {_plain(text)}" for text in lines[:_MOST_LINES]]
    yield f"## {heading}"
    yield "\n".join([*shown, *([f"- and {more} more"] if more > 0 else [])])


def _rows(review: Review) -> Iterator[str]:
    tables = {id(one.table): one.table for one in review.rows}
    for number, table in tables.items():
        own = [one for one in review.rows if id(one.table) == number]
        metric, reference = table.ranked_by, table.reference or "no reference"
        headings = [
            *("Submission", "Method", "Rank", metric_heading(metric)),
            *(f"{table.confidence:.0%} interval", f"Difference to {reference}"),
        ]
        yield f"## {_plain(caption(table))}"
        yield markdown_table([headings, *map(_cells, own)], (0, 1)).rstrip()
        used = "".join(marks(one.row) for one in own)
        explained = [note for note in notes(table) if note[0] in used]
        accepted = [
            f"{one.folder} was accepted with the warning: {text}"
            for one in own
            for text in one.row.submission.warnings
        ]
        yield from _listed("Marks", [*explained, *accepted])


def _cells(one: ProposedRow) -> list[str]:
    metric, row = one.table.ranked_by, one.row
    value = row.values[metric.name]
    difference = UNKNOWN
    if one.difference is not None:
        mean = value_text(metric, one.difference.mean)
        difference = f"{mean} ({interval_text(metric, one.difference)})"
    title = f"{_plain(row.submission.description.method.title)} {marks(row)}".rstrip()
    return [
        _plain(one.folder),
        title,
        rank_text(row),
        value_text(metric, value.mean),
        interval_text(metric, value),
        difference,
    ]


def _plain(text: str) -> str:
    shown = printable(" ".join(text.split()))
    return markdown_escaped(shown if len(shown) <= _LONGEST else shown[: _LONGEST - 3] + "...")
