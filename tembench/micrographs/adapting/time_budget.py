"""Time budget of a training: the steps that fit into it, from the speed of a few."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tembench.core import MethodError, without_progress
from tembench.methods import FIT, Method, TrainingData, fit_record

# Steps whose speed is measured, after one that warms up: as many as take these seconds, since a few
# steps of a small network vanish in the scatter of the first.
_MEASURED, _SECONDS = (4, 16, 64, 256, 1024), 0.5
# Share of the time for validation.
_VALIDATION_SHARE = 0.15
_LEAST_VALIDATIONS, _MOST_VALIDATIONS = 3, 15


@dataclass(frozen=True, kw_only=True)
class Budget:
    """Steps of a training, and the time that they take.

    Attributes
    ----------
    steps, validate_every : int
        Steps, and steps between validations.
    seconds_per_step, seconds : float
        Measured time of a step, and expected time of the whole training.
    """

    steps: int
    validate_every: int
    seconds_per_step: float
    seconds: float

    def parameters(self) -> dict[str, Any]:
        """Return the method's parameters that keep the budget."""
        return {"steps": self.steps, "validate_every": self.validate_every}

    def text(self) -> str:
        """Return the plan in a line."""
        return (
            f"{self.steps:,} steps of {self.seconds_per_step:.2g} s, about "
            f"{_minutes(self.seconds)}, validated every {self.validate_every} steps"
        )


def budget_of(method: Method, data: TrainingData, minutes: float) -> Budget:
    """Measure the speed of a method's training, and return the steps that fit into a time.

    Parameters
    ----------
    method : Method
        Its parameters ``steps`` and ``validate_every`` are set.
    data : TrainingData
        Its training data.
    minutes : float
        The time.

    Raises
    ------
    MethodError
        If the training cannot be measured, or fails.
    """
    total = 60 * minutes
    short = _seconds(method, data, 1)
    for measured in _MEASURED:
        long = _seconds(method, data, 1 + measured)
        seconds = long["steps"] - short["steps"]
        if seconds >= min(_SECONDS, 0.2 * total):
            break
    step = max(seconds / measured, 1e-4)
    validation, preparation = long["validation"], long["preparation"]
    left = max(total - preparation, 0.25 * total)
    fitting = int(_VALIDATION_SHARE * left / max(validation, 1e-6))
    validations = min(max(fitting, _LEAST_VALIDATIONS), _MOST_VALIDATIONS)
    steps = max(validations, int((left - validations * validation) / step))
    every = -(-steps // validations)
    return Budget(
        steps=steps,
        validate_every=every,
        seconds_per_step=step,
        seconds=preparation + steps * step + -(-steps // every) * validation,
    )


def _seconds(method: Method, data: TrainingData, steps: int) -> dict[str, float]:
    """Train for a few steps in a folder that is dropped; return the seconds of each part."""
    with tempfile.TemporaryDirectory() as folder, without_progress():
        method.train(data, Path(folder), steps=steps, validate_every=steps)
        if not (Path(folder) / FIT).is_file():
            raise MethodError(
                "the speed of its training is not known",
                where=f"method {method.name}",
                expected="a training by tembench.methods.fit",
                remedy="Set its steps in place of --minutes: --set steps=N",
            )
        record = fit_record(Path(folder))
    parts = {
        part: float(record.get(f"{part}_seconds", 0)) for part in ("preparation", "validation")
    }
    return {**parts, "steps": float(record["seconds"]) - sum(parts.values())}


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.1f} min"
