"""Costs of a method: columns of run time, memory, hardware and size, the same in every format."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tembench.core import amount_text
from tembench.ranking.number_format import UNKNOWN, duration_text, seconds_text
from tembench.ranking.untrusted import RunInfo


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Column of a cost.

    Attributes
    ----------
    name : str
        Field of `RunInfo`, also used in CSV and JSON.
    heading, summary : str
        Heading of the column, and its meaning.
    text : callable
        Converts the field to text.
    """

    name: str
    heading: str
    summary: str
    text: Callable[[Any], str]

    def of(self, run: RunInfo) -> Any:
        """The value; None if it is unknown."""
        return getattr(run, self.name)

    def shown(self, run: RunInfo) -> str:
        """The value as text."""
        return self.text(self.of(run))

    @property
    def in_words(self) -> bool:
        """Whether the value is text instead of a number."""
        return self.text is _words


def _words(value: str | None) -> str:
    return value or UNKNOWN


def _memory(megabytes: float | None) -> str:
    return UNKNOWN if megabytes is None else amount_text(1e6 * megabytes, "B")


def _weights(number: int | None) -> str:
    return UNKNOWN if number is None else amount_text(number)


def _count(number: int | None) -> str:
    return UNKNOWN if number is None else str(number)


COSTS = (
    Cost(
        name="seconds_per_image",
        heading="s/image",
        summary="Median time per image.",
        text=seconds_text,
    ),
    Cost(
        name="peak_memory_MB",
        heading="Memory",
        summary="Largest resident memory of a process.",
        text=_memory,
    ),
    Cost(name="threads", heading="Threads", summary="Threads of a process.", text=_count),
    Cost(name="device", heading="Device", summary="What it ran on.", text=_words),
    Cost(
        name="n_parameters",
        heading="Weights",
        summary="Trained parameters of a network.",
        text=_weights,
    ),
    Cost(
        name="training_seconds",
        heading="Training",
        summary="Time of the training.",
        text=duration_text,
    ),
    Cost(
        name="training_device",
        heading="Training device",
        summary="Hardware of the training.",
        text=_words,
    ),
)
"""Columns of a rendered table, in their order."""

RECORDED_COSTS = (
    *(cost.name for cost in COSTS),
    "workers",
    "training_steps",
    "training_recipe",
    "training_split",
)
"""Fields of `RunInfo` in CSV and JSON."""
