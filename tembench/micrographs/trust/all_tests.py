"""All tests of one denoised image: the evidence for it and against it."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from tembench.micrographs.trust.column_evidence import (
    ColumnVerdicts,
    GroupSupport,
    RatioMaps,
    VacuumCheck,
    check_vacuum,
    find_shown,
    group_support,
    judge_columns,
    map_ratios,
)
from tembench.micrographs.trust.domain_figures import DomainFigures, domain_figures
from tembench.micrographs.trust.half_doses import HalfDoses, half_doses
from tembench.micrographs.trust.held_out_error import HeldOutError, held_out_error
from tembench.micrographs.trust.residual_structure import ResidualStructure, residual_structure
from tembench.micrographs.trust.subject import Subject

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """What an image's electrons say of its denoised version.

    Attributes
    ----------
    errors, support, halves, domain
        Results, or the reason why there is none.
    columns, maps, residual, vacuum
        Results; some of their figures may be NaN.
    seconds : float
        Time that the tests took.
    """

    errors: HeldOutError | str
    columns: ColumnVerdicts
    support: GroupSupport | str
    maps: RatioMaps
    halves: HalfDoses | str
    residual: ResidualStructure
    vacuum: VacuumCheck
    domain: DomainFigures | str
    seconds: float


def collect_evidence(subject: Subject, done: Callable[[], object] = lambda: None) -> Evidence:
    """Run all tests of an image.

    Parameters
    ----------
    subject : Subject
        The image.
    done : callable
        Called after each of the `TESTS` tests.
    """
    start = time.perf_counter()

    def tested(result: T) -> T:
        done()
        return result

    shown = find_shown(
        subject.denoised,
        pixel_size_A=subject.pixel_size_A,
        dose_e_per_px=subject.dose_e_per_px,
    )
    vacuum = tested(check_vacuum(subject, shown))
    return Evidence(
        vacuum=vacuum,
        columns=tested(judge_columns(subject, shown, vacuum.threshold)),
        errors=tested(held_out_error(subject)),
        support=tested(group_support(subject)),
        maps=tested(map_ratios(subject)),
        halves=tested(half_doses(subject)),
        residual=tested(residual_structure(subject)),
        domain=tested(domain_figures(subject)),
        seconds=time.perf_counter() - start,
    )


TESTS = 8
"""Number of tests."""
