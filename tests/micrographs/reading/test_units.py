"""Pixel sizes in all the units that files have."""

from __future__ import annotations

import pytest

from tembench.core.errors import ImageError
from tembench.micrographs.formats.image_axes import Axis
from tembench.micrographs.reading.units import in_angstrom, pixel_sizes_of


@pytest.mark.parametrize("unit", ["Angstroms", "[Å]", "ångström", "A", "A\u030a", "\u212b"])
def test_words_for_an_angstrom(unit: str) -> None:
    assert in_angstrom(0.06, unit) == pytest.approx(0.06)


def test_units_of_length_and_none() -> None:
    for unit, per_A in (("[n_m]", 10), ("nanometers", 10), ("[p_m]", 0.01), ("cm", 1e8),
                        ("inch", 2.54e8), ("mm", 1e7), ("\u00b5m", 1e4), ("\u03bcm", 1e4),
                        ("micrometre", 1e4), ("microns", 1e4), ("meter", 1e10)):  # fmt: skip
        assert in_angstrom(2.0, unit) == pytest.approx(2.0 * per_A)
    for unit in ("[]", "", "pixels", "[px]", " "):
        assert in_angstrom(2.0, unit) is None
    for unit in ("1/nm", "[1_/_n_m]", "nm^-1", "nm-1", "1 / Å", "mrad", "Å⁻¹", "cm^{-1}"):
        with pytest.raises(ImageError, match="reciprocal space"):
            in_angstrom(2.0, unit)


def test_pixels_in_two_units_and_a_little_off_are_square() -> None:
    axes = [Axis(size=2, scale=0.006, units="nm"), Axis(size=2, scale=6.0, units="pm")]
    assert pixel_sizes_of(axes) == pytest.approx((0.06, 0.06))
    axes[1] = Axis(size=2, scale=0.0060145, units="nm")
    assert pixel_sizes_of(axes) == pytest.approx((0.0600725, 0.0600725))
