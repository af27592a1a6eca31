"""Marks of an image's columns: matched, missed, invented and removed, with likelihood ratios."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tembench.metrics.inputs import FALSE_ALARM_RATE, MetricInputs

COLUMN_KINDS = ("matched", "missed", "invented", "removed")
"""Kinds of marks: columns that are shown and found, or not; blobs without one; and vacancies."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Discs:
    """Discs of columns with the likelihood ratio of the denoised image against vacuum.

    Attributes
    ----------
    xy_A : ndarray, shape (discs, 2)
        Centres, angstrom.
    ratio : ndarray, shape (discs,)
        From the counts that the method saw, nat per pixel.
    called : ndarray of bool, shape (discs,)
        Whether it is above the null distribution at `FALSE_ALARM_RATE`.
    """

    xy_A: np.ndarray
    ratio: np.ndarray
    called: np.ndarray


@dataclass(frozen=True, kw_only=True, eq=False)
class ColumnMarks:
    """Marks of the columns of one image, by kind in the order of `COLUMN_KINDS`.

    Attributes
    ----------
    kind : ndarray of str, shape (marks,)
        One of `COLUMN_KINDS`.
    xy_A : ndarray, shape (marks, 2)
        Position, angstrom: in the denoised image of what is matched or invented, in the clean image
        of what is missed, and of the site where a defect removed the column. The strongest invented
        column comes first.
    ratio : ndarray, shape (marks,)
        Likelihood ratio at the true column, or at the invented one, nat per pixel; NaN for a
        removed column.
    called : ndarray of bool, shape (marks,)
        Whether it is significant; False for a removed column.
    """

    kind: np.ndarray
    xy_A: np.ndarray
    ratio: np.ndarray
    called: np.ndarray


def true_discs(inputs: MetricInputs) -> Discs:
    """Discs at the true columns of the particle, whether the clean image shows them or not."""
    return _discs(inputs, inputs.sites.xy_A[inputs.sites.columns], searched=False)


def invented_discs(inputs: MetricInputs) -> Discs:
    """Discs at the invented columns, which the noise may have placed: their null is searched."""
    return _discs(inputs, inputs.reading.invented_A, searched=True)


def column_marks(inputs: MetricInputs) -> ColumnMarks:
    """Mark the columns of an image; columns that the clean image does not show have no mark."""
    sites, reading, truth = inputs.sites, inputs.reading, inputs.truth
    true, invented = true_discs(inputs), invented_discs(inputs)
    ratio, called = np.full(len(sites.atoms), np.nan), np.zeros(len(sites.atoms), dtype=bool)
    ratio[sites.columns], called[sites.columns] = true.ratio, true.called
    missed, removed = truth.shown & ~reading.found, sites.in_particle & (sites.atoms == 0)
    parts = (
        (reading.found_A[reading.found], ratio[reading.found], called[reading.found]),
        (truth.shown_A[missed], ratio[missed], called[missed]),
        (invented.xy_A, invented.ratio, invented.called),
        (sites.xy_A[removed], ratio[removed], called[removed]),
    )
    xy_A, ratios, significant = zip(*parts, strict=True)
    return ColumnMarks(
        kind=np.repeat(COLUMN_KINDS, [len(part) for part in xy_A]),
        xy_A=np.concatenate(xy_A),
        ratio=np.concatenate(ratios),
        called=np.concatenate(significant),
    )


def _discs(inputs: MetricInputs, xy_A: np.ndarray, *, searched: bool) -> Discs:
    null = inputs.nulls.searched if searched else inputs.nulls.fixed
    ratio = inputs.ratios(inputs.noisy, xy_A)
    return Discs(xy_A=xy_A, ratio=ratio, called=ratio > null.critical(FALSE_ALARM_RATE))
