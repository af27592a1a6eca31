"""All hostile cases, registered by the modules that they are in."""

from __future__ import annotations

import cases_of_arrays
import cases_of_descriptions
import cases_of_files
import cases_of_images
import cases_of_pictures
import cases_of_scores
import cases_of_text
from hostile_case import CASES, HostileCase

MODULES = (
    cases_of_files, cases_of_descriptions, cases_of_scores, cases_of_pictures, cases_of_arrays,
    cases_of_images, cases_of_text,
)  # fmt: skip


def all_cases() -> list[HostileCase]:
    """All cases, those of a module together."""
    assert MODULES
    return list(CASES)
