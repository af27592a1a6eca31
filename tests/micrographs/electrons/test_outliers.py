"""Bad pixels are found and named; what the image shows is not taken for them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import ndimage

from tembench.cli import cli
from tembench.micrographs.electrons.outliers import fill, find_outliers

Y, X = np.mgrid[:200, :220]
BLUR = 1.27  # px: 3 px wide at half of the height, the sharpest that optics and sampling leave


def lattice(dose: float) -> np.ndarray:
    return dose * (1 + 0.2 * np.cos(2 * np.pi * X / 38) * np.cos(2 * np.pi * Y / 34))


def counts(dose: float) -> np.ndarray:
    return np.random.default_rng(3).poisson(lattice(dose))


def places(*slices) -> np.ndarray:
    mask = np.zeros(X.shape, bool)
    for one in slices:
        mask[one] = True
    return mask


DEFECTS = {
    "a hot pixel": (places((50, 60)), 300),
    "several": (places((50, 60), (0, 0), (199, 219), (120, 30)), 300),
    "a cluster": (places((slice(50, 53), slice(60, 63))), 300),
    "a block that is full": (places((slice(50, 58), slice(60, 69))), 65535),
    "a hot row": (places((77,)), 5),
    "two hot columns": (places((slice(None), slice(30, 32))), 5),
    "a dead row": (places((77,)), 0),
    "a dead column": (places((slice(None), 100)), 0),
    "a black border": (places((slice(0, 40),), (slice(None), slice(-3, None))), 0),
}


@pytest.mark.parametrize("dose", [0.45, 30.0])
@pytest.mark.parametrize("kind", DEFECTS)
def test_a_bad_pixel_is_found_and_replaced_by_a_count(kind: str, dose: float) -> None:
    bad, value = DEFECTS[kind]
    good = counts(dose)
    image = np.where(bad, min(65535, int(value * max(dose, 1))), good)
    found = find_outliers(image)
    np.testing.assert_array_equal(found.mask, bad)
    assert found.described(image).startswith(f"{bad.sum()} ")
    filled = fill(image, found.mask)
    assert filled.dtype == image.dtype
    np.testing.assert_array_equal(filled[~bad], image[~bad])
    assert filled[bad].max() <= good.max()
    if bad.sum() > 100:
        assert filled[bad].mean() == pytest.approx(lattice(dose)[bad].mean(), rel=0.25)


def test_dead_pixels_are_found_where_shot_noise_lets_them() -> None:
    image = counts(3000.0)
    image[40, 50] = image[90, 20] = 0
    np.testing.assert_array_equal(find_outliers(image).mask, places((40, 50), (90, 20)))


def features(dose: float) -> dict[str, np.ndarray]:
    base = lattice(dose)
    disc = ndimage.gaussian_filter(((Y - 100) ** 2 + (X - 100) ** 2 < 1500) * 1.0, BLUR)
    atoms = np.exp(-(((X % 15) - 7) ** 2 + ((Y % 15) - 7) ** 2) / (2 * BLUR**2))
    return {
        "a lattice": base,
        "a bright block": np.where((Y < 30) & (X < 33), 1.6 * dose, base),
        "a thick particle, dark": base * (1 - 0.95 * disc),
        "a thick particle, bright": base * (1 + 7 * disc),
        "a particle in the dark": 8 * base * disc,
        "strong columns": dose * (0.3 + 4 * atoms),
        "one column": dose * (0.3 + 20 * atoms * ((Y // 15 == 6) & (X // 15 == 6))),
    }


@pytest.mark.parametrize("dose", [0.05, 0.45, 30.0, 1e4])
@pytest.mark.parametrize("kind", features(1.0))
def test_features_of_the_image_are_not_outliers(kind: str, dose: float) -> None:
    image = np.random.default_rng(4).poisson(features(dose)[kind])
    assert find_outliers(image).described(image) == ""
    assert fill(image, find_outliers(image).mask) is image


def denoise(path: Path, *options: str) -> str:
    arguments = ["apply", "gaussian", str(path), "--pixel-size-A", "0.0625", "--overwrite"]
    result = CliRunner().invoke(cli, [*arguments, "--out", str(path.parent), *options])
    assert result.exit_code == 0, (result.output, result.exception)
    return result.output


@pytest.mark.slow
def test_a_hot_pixel_does_not_decide_about_the_image(tmp_path: Path) -> None:
    image = counts(0.45).astype(np.uint16)
    np.save(tmp_path / "good.npy", image)
    image[50, 60] = 60_000
    np.save(tmp_path / "hot.npy", image)
    said = denoise(tmp_path / "hot.npy")
    assert "outlying pixels: 1 hot (60000 at x 60, y 50)" in said
    assert "--mask-outliers" in said
    assert "--gain" not in said
    good = denoise(tmp_path / "good.npy")
    assert "outlying" not in good
    dose = [float(text.split(" e/px in vacuum (")[0].split()[-1]) for text in (said, good)]
    assert dose[0] == pytest.approx(dose[1], rel=1e-3)
    masked = denoise(tmp_path / "hot.npy", "--mask-outliers")
    assert "were replaced by counts of their neighbours: 1 hot" in masked
