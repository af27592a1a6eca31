"""Losses of an audit: what a method loses in each case, with intervals, and the worst case.

Losses are paired image by image. Specimens weigh equally: the losses of one specimen's images are
averaged before the intervals over specimens are drawn.
"""

from __future__ import annotations

import functools
import itertools
from dataclasses import dataclass

import numpy as np

from tembench.ranking.statistics import (
    Interval,
    Resampling,
    alike,
    intervals,
    paired_gaps,
    resampling,
)
from tembench.ranking.untrusted.audit_file import AUDIT_BASE, AUDIT_CASES, AuditScores


@dataclass(frozen=True, kw_only=True)
class CaseLoss:
    """Loss of a method in one case.

    Attributes
    ----------
    case : str
        Name in `AUDIT_CASES`, or ``"base"``, whose losses are 0.
    psnr_db, column_f1 : Interval
        Scores in this case; those of column F1 are NaN where no image has columns.
    psnr_loss_db, f1_loss : Interval
        Scores at the base minus those here, positive where the method loses.
    """

    case: str
    psnr_db: Interval
    column_f1: Interval
    psnr_loss_db: Interval
    f1_loss: Interval

    @property
    def title(self) -> str:
        """What was done to the specimen or the image."""
        return "" if self.case == AUDIT_BASE else AUDIT_CASES[self.case].title

    @property
    def excused_db(self) -> float:
        """Loss that is the dose's own, see `AuditCase`."""
        return 0.0 if self.case == AUDIT_BASE else AUDIT_CASES[self.case].excused_db

    @property
    def beyond_db(self) -> Interval:
        """Loss of PSNR beyond the dose's own."""
        loss, own = self.psnr_loss_db, self.excused_db
        return Interval(mean=loss.mean - own, low=loss.low - own, high=loss.high - own)


# A table and the pages of its methods ask for the same losses; 4000 draws of each take 0.1 s.
@functools.lru_cache(maxsize=2048)
def case_losses(audit: AuditScores) -> dict[str, CaseLoss]:
    """Losses of every case, by name, the base first.

    Parameters
    ----------
    audit : AuditScores
        From `read_audit`.

    Returns
    -------
    dict of str to CaseLoss
    """
    values = _CaseValues.of(audit)
    return {case: values.loss(case) for case in values.cases}


def worst_case(audit: AuditScores) -> CaseLoss:
    """The case with the largest mean loss of PSNR beyond the dose's own."""
    values = _CaseValues.of(audit)
    lost = resampling(values.specimens, resamples=1).mean(paired_gaps(values.psnr[0], values.psnr))
    beyond = [float(lost[values.cases.index(c)]) - AUDIT_CASES[c].excused_db for c in AUDIT_CASES]
    return values.loss(max(zip(AUDIT_CASES, beyond, strict=True), key=lambda pair: pair[1])[0])


@dataclass(frozen=True, kw_only=True)
class _CaseValues:
    """Scores of an audit by case, the base first, and image, (cases, images)."""

    cases: tuple[str, ...]
    specimens: tuple[str, ...]
    psnr: np.ndarray
    f1: np.ndarray

    @classmethod
    def of(cls, audit: AuditScores) -> _CaseValues:
        cases = (AUDIT_BASE, *AUDIT_CASES)
        columns = {name: audit.scores[name].to_numpy() for name in audit.scores}
        _, first, at = np.unique(columns["image"], return_index=True, return_inverse=True)
        number = {case: index for index, case in enumerate(cases)}
        where = ([number[case] for case in columns["case"]], at)
        psnr, f1 = np.full((2, len(cases), len(first)), np.nan)
        psnr[where], f1[where] = columns["psnr_db"], columns["column_f1"]
        specimens = tuple(map(str, columns["specimen"][first]))
        return cls(cases=cases, specimens=specimens, psnr=psnr, f1=f1)

    def loss(self, case: str) -> CaseLoss:
        psnr, f1 = (values[[0, self.cases.index(case)]] for values in (self.psnr, self.f1))
        rows = np.stack([psnr[1], f1[1], paired_gaps(*psnr), paired_gaps(*f1)])
        scored, found, lost, f1_lost = _over_specimens(rows, self.specimens)
        return CaseLoss(
            case=case, psnr_db=scored, column_f1=found, psnr_loss_db=lost, f1_loss=f1_lost
        )


def _over_specimens(rows: np.ndarray, specimens: tuple[str, ...]) -> list[Interval]:
    """Mean of each row over the specimens that have a value, with its interval."""
    found = [Interval(mean=np.nan, low=np.nan, high=np.nan)] * len(rows)
    for images, numbers in alike(~np.isnan(rows)):
        if images.any():
            draws = _draws(tuple(itertools.compress(specimens, images)))
            values = intervals(rows[np.ix_(numbers, images)], draws)
            for number, value in zip(numbers.tolist(), values, strict=True):
                found[number] = value
    return found


@functools.lru_cache(maxsize=8)
def _draws(specimens: tuple[str, ...]) -> Resampling:
    return resampling(specimens)
