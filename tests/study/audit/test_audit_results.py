from __future__ import annotations

import csv

import pytest
from audit_fakes import audit_of

from tembench.ranking import AUDIT_CASES
from tembench.study.audit import audit_markdown, losses_csv


def test_the_table_has_a_row_for_each_case_and_the_worst() -> None:
    audits = [
        audit_of({"turned-10": 25.0, "half-dose": 36.0}, method="look_up"),
        audit_of({"half-dose": 37.0}, method="steady", f1=None),
    ]
    text = audit_markdown(audits)
    lines = text.splitlines()
    assert lines[0] == "| PSNR lost, dB | dose's own | look\\_up | steady |"
    assert "| *base* |  | 40.5 | 40.5 |" in lines
    assert "| turned 10° |  | 15.00 ± 0.00 | 0.00 ± 0.00 |" in lines
    assert "| half dose | 3.01 | 4.00 ± 0.00 | 3.00 ± 0.00 |" in lines
    assert "| turned 10° | 0.000 ± 0.000 | – |" in lines
    assert "| look\\_up | turned 10° | 15.00 ± 0.00 |" in lines
    # Half the dose took less than its own: nothing is lost anywhere.
    assert "| steady | moved | 0.00 ± 0.00 |" in lines
    assert "2 images of 2 specimens of fake 1.0.0" in text
    for case in AUDIT_CASES.values():
        assert sum(line.startswith(f"| {case.title} |") for line in lines) == 2


def test_the_csv_has_every_number() -> None:
    rows = list(csv.DictReader(losses_csv([audit_of({"moved": 38.5})]).splitlines()))
    assert [row["case"] for row in rows] == ["base", *AUDIT_CASES]
    moved = rows[1]
    assert float(moved["psnr_loss_db"]) == float(moved["psnr_loss_low"]) == pytest.approx(1.5)
    assert float(moved["psnr_db"]) == pytest.approx(39.0)
    assert float(moved["f1_loss"]) == 0.0
    without = list(csv.DictReader(losses_csv([audit_of({}, f1=None)]).splitlines()))
    assert {row["f1_loss"] for row in without} == {""}
