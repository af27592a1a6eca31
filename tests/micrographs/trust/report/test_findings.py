"""Findings: an honest method is not accused, one that draws columns anywhere is exposed."""

from __future__ import annotations

import numpy as np
import pytest
from toy_subjects import Drawing, lattice, subject

from tembench.micrographs.trust import Subject, collect_evidence
from tembench.micrographs.trust.report.findings import BAD, CARE, GOOD, findings, verdict


def levels(of: Subject) -> tuple[str, str, str]:
    """Level and text of the verdict, and all findings in one text."""
    evidence = collect_evidence(of)
    overall = verdict(of, evidence)
    return overall.level, overall.text, "\n".join(one.text for one in findings(of, evidence))


@pytest.mark.slow
@pytest.mark.parametrize("frames", [0, 6])
def test_an_honest_method_is_supported(frames: int) -> None:
    clean = lattice(192, contrast=0.6)
    honest = subject(Drawing(clean), clean, frames=frames, denoised=(2 * clean).astype(np.float32))
    # Vacuum of the simulation apart, into which this toy draws its lattice, too.
    level, _, text = levels(honest)
    assert level != BAD
    assert "better than a Gaussian filter" in text
    assert "as strong as shown" in text


@pytest.mark.slow
@pytest.mark.parametrize("frames", [0, 6])
def test_a_method_that_draws_columns_anywhere_is_exposed(frames: int) -> None:
    clean = lattice(192, contrast=0.6)
    drawn = lattice(192, contrast=0.6, shift_A=1.25)
    level, headline, text = levels(subject(Drawing(drawn), clean, frames=frames))
    assert level == BAD
    assert "method's own" in headline
    assert "A Gaussian filter predicts" in text
    assert "not supported" in text


def test_withheld_tests_are_named() -> None:
    clean = lattice()
    level, _, text = levels(
        subject(Drawing(clean), clean, not_counted="correlated noise", correlated=True)
    )
    assert level == CARE
    assert "withheld: correlated noise" in text
    level, _, text = levels(subject(Drawing(clean), clean, ready=None))
    assert level in (CARE, GOOD)
    assert "method is not known" in text
