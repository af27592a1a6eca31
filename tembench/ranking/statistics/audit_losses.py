"""Losses of an audit: what a method loses in each case, with intervals, and the worst case.

Losses are paired image by image. Specimens weigh equally: the losses of one specimen's images are
averaged before the intervals over specimens are drawn.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tembench.ranking.statistics import Interval, Resampling, interval, resampling
from tembench.ranking.untrusted.audit_file import AUDIT_BASE, AUDIT_CASES, AuditScores

if TYPE_CHECKING:
    import pandas as pd


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
    rows = audit.scores.set_index(["specimen", "image", "case"])
    psnr, f1 = (rows[name].unstack("case") for name in ("psnr_db", "column_f1"))
    return {
        case: CaseLoss(
            case=case,
            psnr_db=_over_specimens(psnr[case]),
            column_f1=_over_specimens(f1[case]),
            psnr_loss_db=_over_specimens(_gap(psnr, case)),
            f1_loss=_over_specimens(_gap(f1, case)),
        )
        for case in (AUDIT_BASE, *AUDIT_CASES)
    }


def worst_case(audit: AuditScores) -> CaseLoss:
    """The case with the largest mean loss of PSNR beyond the dose's own."""
    losses = case_losses(audit)
    return max((losses[case] for case in AUDIT_CASES), key=lambda loss: loss.beyond_db.mean)


def _gap(table: pd.DataFrame, case: str) -> pd.Series:
    """Scores at the base minus those of a case; equal ones differ by 0, even infinite ones."""
    same = table[AUDIT_BASE] == table[case]
    return (table[AUDIT_BASE] - table[case]).mask(same, 0.0)


def _over_specimens(values: pd.Series) -> Interval:
    """Mean over the specimens that have the value, with its interval."""
    known = values.dropna()
    if known.empty:
        return Interval(mean=np.nan, low=np.nan, high=np.nan)
    means = known.groupby(level="specimen").mean()
    return interval(means.to_numpy(), _draws(tuple(str(name) for name in means.index)))


@functools.lru_cache(maxsize=8)
def _draws(specimens: tuple[str, ...]) -> Resampling:
    return resampling(specimens)
