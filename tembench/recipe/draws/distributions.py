"""Distributions that a number of a drawn recipe may be, and the grids that it may run over."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import Any, TypeAlias

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Uniform:
    """Uniform between two limits: ``{ uniform = [20, 80] }``."""

    low: float
    high: float

    def sample(self, generator: np.random.Generator) -> float:
        """Draw one value."""
        return float(self.low + (self.high - self.low) * generator.random())

    @property
    def limits(self) -> tuple[float, float]:
        """Least and largest value that can be drawn."""
        return self.low, self.high


@dataclass(frozen=True, kw_only=True)
class LogUniform:
    """Uniform in the logarithm: ``{ log_uniform = [0.05, 5] }``."""

    low: float
    high: float

    def sample(self, generator: np.random.Generator) -> float:
        """Draw one value."""
        return float(self.low * (self.high / self.low) ** generator.random())

    @property
    def limits(self) -> tuple[float, float]:
        """Least and largest value that can be drawn."""
        return self.low, self.high


@dataclass(frozen=True, kw_only=True)
class Normal:
    """Normal, truncated to limits: ``{ normal = [0, 2], within = [-5, 5] }``.

    Without limits a draw is at most four standard deviations from the mean.
    """

    mean: float
    deviation: float
    low: float
    high: float

    def sample(self, generator: np.random.Generator) -> float:
        """Draw one value by the inverse of the distribution function, so that one draw is used."""
        from scipy.special import ndtr, ndtri

        low, high = (ndtr((x - self.mean) / self.deviation) for x in (self.low, self.high))
        value = self.mean + self.deviation * float(ndtri(low + (high - low) * generator.random()))
        return float(np.clip(value, self.low, self.high))

    @property
    def limits(self) -> tuple[float, float]:
        """Least and largest value that can be drawn."""
        return self.low, self.high


@dataclass(frozen=True, kw_only=True)
class Integers:
    """Whole numbers from one to another, both included: ``{ integers = [1, 3] }``."""

    low: int
    high: int

    def sample(self, generator: np.random.Generator) -> int:
        """Draw one value."""
        return int(generator.integers(self.low, self.high + 1))

    @property
    def limits(self) -> tuple[float, float]:
        """Least and largest value that can be drawn."""
        return self.low, self.high


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of a list: ``{ choice = [80, 200, 300], shares = [1, 1, 2] }``.

    Its entries may themselves be distributions, so that a choice is also a mixture.
    """

    values: tuple[Any, ...]
    shares: tuple[float, ...]

    def sample(self, generator: np.random.Generator) -> Any:
        """Draw one value."""
        edges = np.cumsum(self.shares) / sum(self.shares)
        place = int(np.searchsorted(edges, generator.random(), side="right"))
        chosen = self.values[min(place, len(self.values) - 1)]
        return chosen.sample(generator) if hasattr(chosen, "sample") else chosen

    @property
    def limits(self) -> tuple[float, float]:
        """Least and largest value that can be drawn; of numbers only."""
        pairs = [v.limits if hasattr(v, "limits") else (v, v) for v in self.values]
        return min(low for low, _ in pairs), max(high for _, high in pairs)


@dataclass(frozen=True, kw_only=True)
class Grid:
    """Every value of a list in turn, not drawn: ``{ grid = [0, 5, 10] }``."""

    values: tuple[Any, ...]

    @property
    def limits(self) -> tuple[float, float]:
        """Least and largest value; of numbers only."""
        return min(self.values), max(self.values)


Distribution: TypeAlias = Uniform | LogUniform | Normal | Integers | Choice
Value: TypeAlias = Any
"""A plain value, a `Distribution` or a `Grid`."""


def limits_of(value: Any) -> tuple[float, float]:
    """Least and largest number that a value can become."""
    if isinstance(value, int | float):
        return float(value), float(value)
    return value.limits


def plain_values(value: Value) -> tuple[Any, ...]:
    """Every plain value among the entries of a choice or grid; a plain value alone."""
    if isinstance(value, Choice | Grid):
        return tuple(one for entry in value.values for one in plain_values(entry))
    return (value,)


def scaled(value: Value, factor: float) -> Value:
    """A number, distribution or grid of numbers, all multiplied by a factor above 0."""
    if isinstance(value, int | float):
        return value * factor
    if isinstance(value, Integers):
        whole = tuple(range(value.low, value.high + 1))
        return scaled(Choice(values=whole, shares=(1.0,) * len(whole)), factor)
    if isinstance(value, Choice | Grid):
        return replace(value, values=tuple(scaled(one, factor) for one in value.values))
    names = [field.name for field in fields(value)]
    return replace(value, **{name: getattr(value, name) * factor for name in names})
