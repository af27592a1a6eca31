"""The scale on which images of any dose are compared."""

from __future__ import annotations

REFERENCE_DOSE_E_PER_PX = 0.45
"""Images are brought to this dose in vacuum before they are compared, that of the paper's images.

A peak of 1 e/px, as in the paper's code, is then a peak of dose / 0.45 e/px at any other dose.
"""
