from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from tembench.ranking import AUDIT_BASE, AUDIT_CASES, AuditScores, case_losses, worst_case

CASES = (AUDIT_BASE, *AUDIT_CASES)


def audit_of(
    losses: Mapping[str, list[float]],
    specimens: list[str],
    f1: Mapping[str, list[float]] | None = None,
) -> AuditScores:
    """Images at 40 + n dB that lose what is given in a case, else nothing."""
    rows = [
        (
            specimen,
            number,
            case,
            40.0 + number - losses.get(case, [0.0] * len(specimens))[number],
            (f1 or {}).get(case, [0.9] * len(specimens))[number],
        )
        for number, specimen in enumerate(specimens)
        for case in CASES
    ]
    scores = pd.DataFrame(rows, columns=["specimen", "image", "case", "psnr_db", "column_f1"])
    return AuditScores(
        method="mine", recipe="r", version="1.0.0", recipe_id="0" * 64, part="test", scores=scores
    )


def test_specimens_weigh_equally() -> None:
    # Three images of one specimen lose 1 dB, the only one of another 5 dB.
    audit = audit_of({"moved": [1.0, 1.0, 1.0, 5.0]}, ["a", "a", "a", "b"])
    loss = case_losses(audit)["moved"].psnr_loss_db
    assert loss.mean == pytest.approx(3.0)
    assert loss.low < 1.0
    assert loss.high > 5.0


def test_losses_are_paired() -> None:
    audit = audit_of({"moved": [2.0] * 6}, list("abcdef"))
    losses = case_losses(audit)
    # Images differ by 5 dB, but all lose the same.
    assert losses["moved"].psnr_loss_db.low == pytest.approx(2.0)
    assert losses["moved"].psnr_loss_db.high == pytest.approx(2.0)
    assert losses["moved"].psnr_db.low < losses["moved"].psnr_db.mean - 1
    assert losses[AUDIT_BASE].psnr_loss_db.mean == 0.0


def test_the_dose_excuses_its_own_loss_and_nothing_else() -> None:
    half = 10 * math.log10(2)
    audit = audit_of(
        {"half-dose": [3.2, 3.2], "moved": [1.0, 1.0], "double-dose": [-1.0, -1.0]}, ["a", "b"]
    )
    losses = case_losses(audit)
    assert losses["half-dose"].beyond_db.mean == pytest.approx(3.2 - half)
    # To gain less than the dose allows is no loss.
    assert losses["double-dose"].beyond_db.mean == pytest.approx(-1.0)
    assert worst_case(audit).case == "moved"
    worse = audit_of({"half-dose": [5.0, 5.0], "moved": [1.0, 1.0]}, ["a", "b"])
    assert worst_case(worse).case == "half-dose"


def test_an_undefined_f1_is_left_out() -> None:
    nan = math.nan
    f1 = {AUDIT_BASE: [0.9, nan, 0.9], "moved": [0.6, nan, nan]}
    losses = case_losses(audit_of({}, ["a", "b", "c"], f1))
    assert losses["moved"].f1_loss.mean == pytest.approx(0.3)
    none = case_losses(audit_of({}, ["a", "b"], {case: [nan, nan] for case in CASES}))
    assert math.isnan(none["moved"].f1_loss.mean)


def test_equal_infinities_differ_by_nothing() -> None:
    audit = audit_of({case: [-np.inf] * 2 for case in CASES}, ["a", "b"])
    assert worst_case(audit).psnr_loss_db.mean == 0.0
