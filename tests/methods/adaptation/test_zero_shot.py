"""Zero-shot training: one image, reproducible, independent of units."""

from __future__ import annotations

import numpy as np
import pytest
from methods_fakes import DOSE_E_PER_PX, lattice, noisy_image

from tembench.methods.method import load_method
from tembench.methods.protocol import NoisyImage


def denoise(image: NoisyImage, **override: object) -> np.ndarray:
    small = {"kernel": 5, "shifts": 1, "device": "cpu", **override}
    return load_method("thinning-zero-shot").build(**small).denoise(image)


@pytest.mark.slow
def test_an_image_gives_the_same_result_whenever_it_is_seen() -> None:
    clean = lattice((128, 128))
    image = noisy_image(clean)
    flat, learned = denoise(image, steps=1), denoise(image, steps=40, members=1)
    error = [float(np.mean((each - clean) ** 2)) for each in (flat, learned)]
    assert error[1] < 0.8 * error[0]
    np.testing.assert_array_equal(learned, denoise(image, steps=40, members=1))


@pytest.mark.slow
def test_another_image_or_dose_in_words() -> None:
    image = noisy_image(lattice((96, 96)))
    out = denoise(image, steps=2)
    # What vacuum would be does not enter: the image is measured by its own mean.
    other = NoisyImage(counts=image.counts, pixel_size_A=0.0625, dose_e_per_px=2 * DOSE_E_PER_PX)
    np.testing.assert_array_equal(denoise(other, steps=2), out)
    assert not np.array_equal(denoise(noisy_image(lattice((96, 96)), 1), steps=2), out)


@pytest.mark.slow
def test_members_are_averaged() -> None:
    image = noisy_image(lattice((96, 96)))
    one, two = (denoise(image, steps=3, members=number) for number in (1, 2))
    other = 2 * two - one
    assert np.abs(other - one).max() > 1e-4
    assert np.abs(other.mean() - one.mean()) < 0.01
