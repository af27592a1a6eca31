"""Findings: the evidence in plain words, one line each, and the verdict over all."""

from __future__ import annotations

import math
from dataclasses import dataclass

from tembench.micrographs.trust import Evidence, HalfDoses, HeldOutError, Subject
from tembench.micrographs.trust.column_evidence import (
    AGAINST,
    OTHER_FRAMES,
    OWN_COUNTS,
    SUPPORTED,
    UNDECIDED,
    EmptyShare,
    SupportIndex,
)

GOOD, NEUTRAL, CARE, BAD = "good", "neutral", "care", "bad"
TITLES = {"gaussian": "a Gaussian filter", "bm3d": "BM3D"}
# In standard errors.
_BETTER = 2.0
_DENSE, _SPARSE = 1.0, 0.1
# A method that agrees with itself by so much more than with the electrons draws from memory.
_OWN_AGREEMENT = 0.25


@dataclass(frozen=True, kw_only=True)
class Finding:
    """One line of a report.

    Attributes
    ----------
    level : str
        `GOOD`, `NEUTRAL`, `CARE` or `BAD`.
    text : str
        The line, a sentence without its stop.
    """

    level: str
    text: str


def findings(subject: Subject, evidence: Evidence) -> list[Finding]:
    """Return what was found, the gravest first."""
    found = [
        *_columns(evidence),
        *_support(evidence),
        *_errors(subject, evidence),
        *_residual(evidence),
        *_halves(evidence),
        *_vacuum(subject, evidence),
        *_domain(subject, evidence),
    ]
    order = (BAD, CARE, GOOD, NEUTRAL)
    return sorted(found, key=lambda finding: order.index(finding.level))


def verdict(subject: Subject, evidence: Evidence) -> Finding:
    """Return the verdict over all findings."""
    columns = [*_columns(evidence), *_support(evidence)]
    errors = _errors(subject, evidence)
    others = [*_halves(evidence), *_vacuum(subject, evidence), *_domain(subject, evidence)]
    left_out = "; some signal is missing from it" if evidence.residual.is_structured else ""
    bad_columns = any(one.level == BAD for one in columns)
    bad_error = any(one.level == BAD for one in errors)
    if bad_columns and bad_error:
        text = (
            "Do not trust this image: some of its columns are the method's own, and a plain filter "
            "does better"
        )
        return Finding(level=BAD, text=text)
    if bad_columns:
        return Finding(
            level=BAD, text="Do not count these columns: some of them are the method's own"
        )
    if bad_error:
        return Finding(
            level=BAD, text="Do not use this result: a plain filter does better on these electrons"
        )
    good_columns = any(one.level == GOOD for one in _support(evidence)) or (
        evidence.columns.by == OTHER_FRAMES and any(one.level == GOOD for one in columns)
    )
    care = [one for one in (*columns, *errors, *others) if one.level in (CARE, BAD)]
    if good_columns and not care:
        return Finding(
            level=GOOD,
            text=f"The electrons support what this image shows, as far as they can tell{left_out}",
        )
    if care:
        return Finding(level=CARE, text="Read this image with care: see what was found")
    return Finding(level=NEUTRAL, text="Undecided: the electrons are too few, or not to be tested")


def _columns(evidence: Evidence) -> list[Finding]:
    columns, found = evidence.columns, []
    for sign, kind in ((1, "bright"), (-1, "dark")):
        number = int((columns.columns.sign == sign).sum())
        if not number:
            continue
        supported, against = columns.number(SUPPORTED, sign), columns.number(AGAINST, sign)
        if columns.by == OWN_COUNTS:
            if math.isnan(columns.threshold):
                text = f"{number} {kind} columns are shown; none could be tested"
                found.append(Finding(level=NEUTRAL, text=text))
            else:
                text = (
                    f"{supported} of {number} {kind} columns differ from vacuum by more than a "
                    "method could make of noise; whether they differ from their surroundings was "
                    "not tested"
                )
                found.append(Finding(level=NEUTRAL, text=text))
            continue
        due = columns.due(sign)
        text = (
            f"{supported} of {number} {kind} columns shown are supported by {columns.by}; "
            f"{_number(due)} would be if all were as shown"
        )
        level = NEUTRAL
        if due >= 5 and supported < 0.5 * due - 2 * math.sqrt(due):
            level = BAD
        elif due >= 5 and supported > 0.75 * due - 2 * math.sqrt(due):
            level = GOOD
        if against > 2 + 0.02 * number:
            text += f"; {against} are contradicted"
            level = BAD
        undecided = columns.number(UNDECIDED, sign)
        if level == NEUTRAL and undecided > number / 2:
            text += ". At this dose most single columns cannot be decided"
        found.append(Finding(level=level, text=text))
    return found


def _support(evidence: Evidence) -> list[Finding]:
    support, found = evidence.support, []
    if isinstance(support, str) or not support.indices:
        return []
    empty = support.empty
    assert empty is not None
    if empty.is_large:
        text = (
            f"At least {100 * empty.low:.0f} % of the columns have nothing behind them (likeliest "
            f"{100 * empty.share:.0f} %, at most {100 * empty.high:.0f} %), by "
            f"{support.indices[0].by}"
        )
        found.append(Finding(level=BAD, text=text))
    return found + [_of_index(index, empty) for index in support.indices]


def _of_index(index: SupportIndex, empty: EmptyShare) -> Finding:
    kind = "bright" if index.sign > 0 else "dark"
    value = f"support index {index.index:.2f} ± {index.standard_error:.2f}"
    if index.is_unsupported:
        text = (
            f"As a group the {kind} columns are not supported by {index.by}: {value}, where 1 is "
            "due"
        )
        return Finding(level=BAD, text=text)
    if index.is_low:
        text = f"As a group the {kind} columns are weaker than shown: {value}, where 1 is due"
        return Finding(level=CARE, text=text)
    if not index.is_informative:
        text = f"Too few {kind} columns or electrons for a verdict on the group: {value}"
        return Finding(level=NEUTRAL, text=text)
    text = f"As a group the {kind} columns are as strong as shown, or stronger: {value}"
    if empty.is_small:
        return Finding(level=GOOD, text=f"{text}; at most {100 * empty.high:.0f} % may be empty")
    if not empty.is_large:
        text += f"; but up to {100 * empty.high:.0f} % may be empty"
    return Finding(level=NEUTRAL, text=text)


def _errors(subject: Subject, evidence: Evidence) -> list[Finding]:
    errors = evidence.errors
    if isinstance(errors, str):
        return [Finding(level=NEUTRAL, text=f"Not compared with simple filters: {errors}")]
    return [
        _against(subject, errors, name, pair.z_likelihood, pair.z)
        for name, pair in ((pair.name, pair) for pair in errors.against)
        if name != subject.name
    ]


def _against(subject: Subject, errors: HeldOutError, name: str, z: float, z_mse: float) -> Finding:
    plain = TITLES.get(name, name)
    what = {"thinning": "electrons held out", "other frames": "the other frames"}.get(
        errors.how, "the pixels left out"
    )
    size = f"{abs(z):.1f} standard errors"
    if z > _BETTER or z_mse > 2 * _BETTER:
        return Finding(
            level=BAD,
            text=f"{_sentence(plain)} predicts {what} better than {subject.name} does ({size})",
        )
    if z < -_BETTER:
        return Finding(
            level=GOOD, text=f"{subject.name} predicts {what} better than {plain} does ({size})"
        )
    same = f"{_sentence(plain)} predicts {what} as well as {subject.name} does, within {size}"
    return Finding(level=NEUTRAL, text=same)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]


def _residual(evidence: Evidence) -> list[Finding]:
    residual = evidence.residual
    if residual.is_structured:
        text = (
            "Signal is left in what was removed: the residual has a peak at "
            f"{residual.spacing_A:.2f} Å, {residual.peak:.0f} above that of noise"
        )
        return [Finding(level=CARE, text=text)]
    return [Finding(level=GOOD, text="What was removed looks like noise")]


def _halves(evidence: Evidence) -> list[Finding]:
    halves = evidence.halves
    if isinstance(halves, str):
        return []
    found = []
    excess = own_agreement(halves)
    if excess > _OWN_AGREEMENT:
        text = (
            "Two halves of the electrons, denoised apart, agree with each other more than with the "
            f"electrons (by {excess:.2f} in correlation): the method repeats what it remembers"
        )
        found.append(Finding(level=CARE, text=text))
    if math.isfinite(halves.spread_A):
        text = (
            f"Of the columns of half of the electrons {100 * halves.shared:.0f} % are found in the "
            f"other half, too, {halves.spread_A:.2f} Å apart (root mean square)"
        )
        level = CARE if halves.shared < 0.5 else NEUTRAL
        found.append(Finding(level=level, text=text))
    return found


def own_agreement(halves: HalfDoses) -> float:
    """Mean excess of the halves' correlation over what their agreement with the truth explains.

    If the errors of two images are independent, they correlate by the square of their correlation
    with the truth.
    """
    seen = [
        (one, min(max(truth, 0.0), 1.0))
        for one, truth in zip(halves.correlation, halves.with_electrons, strict=True)
        if math.isfinite(truth)
    ]
    if not seen:
        return 0.0
    return sum(one - truth**2 for one, truth in seen) / len(seen)


def _vacuum(subject: Subject, evidence: Evidence) -> list[Finding]:
    density = evidence.vacuum.simulated_per_nm2
    if math.isnan(density):
        return []
    if density == 0:
        text = f"{subject.name} draws no column into simulated vacuum of this dose"
        return [Finding(level=GOOD, text=text)]
    text = f"{subject.name} draws {density:.2g} columns per nm² into simulated vacuum of this dose"
    level = BAD if density > _DENSE else CARE if density > _SPARSE else NEUTRAL
    return [Finding(level=CARE if level == BAD else level, text=text)]


def _domain(subject: Subject, evidence: Evidence) -> list[Finding]:
    domain = evidence.domain
    found = []
    if not isinstance(domain, str):
        if domain.verdict is not None and domain.verdict.is_unknown:
            text = f"The image is unlike those that {subject.name} was trained on"
            found.append(Finding(level=CARE, text=text))
        found += [Finding(level=NEUTRAL, text=_sentence(text)) for text in domain.unusual]
    if subject.not_counted:
        text = f"Tests by electrons held out are withheld: {subject.not_counted}"
        # Other frames answer most of what electrons held out would.
        found.append(Finding(level=NEUTRAL if subject.frames else CARE, text=text))
    elif subject.ready is None and not subject.frames:
        text = (
            "Tests that denoise parts of the electrons are missing, because the method is not known"
        )
        found.append(Finding(level=CARE, text=text))
    return found


def _number(value: float) -> str:
    return f"{value:.0f}" if value >= 9.5 else f"{value:.1f}".removesuffix(".0")
