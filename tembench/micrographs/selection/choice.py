"""Choice of a method for an image: the winner, its rivals and the reasons, as text and record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tembench.micrographs.domain import ReadyMethod

ELECTRONS, FRAMES, NOT_JUDGED = "electrons held out", "other frames", "not judged"


@dataclass(frozen=True, kw_only=True)
class Row:
    """A candidate and what was found out about it.

    Attributes
    ----------
    name : str
        Name of the method.
    difference, standard_error : float or None
        Estimated mean squared error less that of the Gaussian filter, e^2/px^2, and its standard
        error; None if it was not judged.
    rounds : int
        Number of times that it was judged.
    seconds : float
        Time that it took.
    note : str
        Reason why it is out of the race; else empty.
    """

    name: str
    difference: float | None = None
    standard_error: float | None = None
    rounds: int = 0
    seconds: float = 0.0
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class MethodChoice:
    """The method chosen for an image.

    Attributes
    ----------
    winner : ReadyMethod
        The method.
    rows : tuple of Row
        All candidates, the best first.
    tied : tuple of str
        Candidates within two standard errors of the best, the winner among them; empty if the
        winner is alone, or nothing was judged.
    judged_by : str
        "electrons held out", "other frames" or "not judged".
    beats_gaussian : bool or None
        Whether the winner is better than the Gaussian filter by two standard errors; None if
        nothing was judged.
    reasons : tuple of str
        Sentences about the data and the choice, the most important first.
    """

    winner: ReadyMethod
    rows: tuple[Row, ...]
    judged_by: str
    tied: tuple[str, ...] = ()
    beats_gaussian: bool | None = None
    reasons: Sequence[str] = ()

    @property
    def name(self) -> str:
        """Name of the winner."""
        return self.winner.method.name

    @property
    def is_tie(self) -> bool:
        """Whether another candidate is within two standard errors of the best."""
        return len(self.tied) > 1

    def headline(self) -> str:
        """Return the choice in a line."""
        if self.judged_by == NOT_JUDGED:
            return f"{self.name}: NOT JUDGED on this image"
        if self.is_tie:
            others = ", ".join(name for name in self.tied if name != self.name)
            return f"{self.name}: tied with {others}, judged by {self.judged_by}"
        return f"{self.name}: the best of {len(self.rows)}, judged by {self.judged_by}"

    def table_text(self) -> str:
        """Return the choice, the table of candidates and the reasons, as lines of text."""
        unit = 10.0 ** _exponent(self.rows)
        head = ("method", f"MSE less Gaussian's, {unit:.0e} e²/px²", "rounds", "s", "")
        table = [head] + [self._cells(row, unit) for row in self.rows]
        widths = [max(len(line[column]) for line in table) for column in range(len(head))]
        lines = [self.headline()]
        for line in table:
            cells = [line[0].ljust(widths[0])]
            cells += [cell.rjust(width) for cell, width in zip(line[1:4], widths[1:4], strict=True)]
            lines.append("  ".join([*cells, line[4]]).rstrip())
        return "\n".join([*lines, *self.reasons])

    def as_record(self) -> dict[str, Any]:
        """Return the choice as what JSON can hold, without times: the same each time."""
        return {
            "method": self.name,
            "judged_by": self.judged_by,
            "tied": list(self.tied),
            "beats_gaussian": self.beats_gaussian,
            "reasons": list(self.reasons),
            "candidates": [
                {
                    "method": row.name,
                    "mse_less_gaussian_e2_per_px2": row.difference,
                    "standard_error": row.standard_error,
                    "rounds": row.rounds,
                    "note": row.note,
                }
                for row in self.rows
            ],
        }

    def _cells(self, row: Row, unit: float) -> tuple[str, ...]:
        if row.difference is None or row.standard_error is None:
            found = "-"
        else:
            found = f"{row.difference / unit:.2f} ± {2 * row.standard_error / unit:.2f}"
        chosen = "chosen" if row.name == self.name else "tied" if row.name in self.tied else ""
        note = ", ".join(part for part in (chosen, row.note) if part)
        return row.name, found, str(row.rounds or "-"), f"{row.seconds:.1f}", note


def _exponent(rows: Sequence[Row]) -> int:
    """Return the power of ten of the largest difference."""
    largest = max((abs(row.difference or 0.0) for row in rows), default=0.0)
    return int(f"{largest:e}".partition("e")[2]) if largest else 0
