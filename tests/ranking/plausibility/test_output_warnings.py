"""Warnings about outputs in other units or at other positions, and none about correct ones."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from ranking_fakes import DOSE, FakeStore
from scipy.ndimage import gaussian_filter

from tembench.dataset import opaque_numbers
from tembench.ranking.plausibility import DenoisedImages, implausibilities

Change = Callable[[np.ndarray], np.ndarray]


class Slanted(FakeStore):
    """A store whose images look like themselves in one way only."""

    def clean(self, image: int) -> np.ndarray:
        return slanted(self.side, image % 3)


@functools.cache
def slanted(side: int, moved: int) -> np.ndarray:
    rng = np.random.default_rng(7)
    y, x = np.mgrid[:side, :side]
    found = np.full((side, side), DOSE)
    for _ in range(12):
        at = rng.uniform(8, side - 8, 2) + moved
        found -= 0.2 * np.exp(-((y - at[0]) ** 2 + (x - at[1]) ** 2) / 18)
    return found.astype(np.float32)


def found(change: Change, is_control: bool = False, noise: float = 0.05) -> list[str]:
    store = Slanted()

    def read(image: int) -> np.ndarray:
        rng = np.random.default_rng([1, image])
        return change(store.clean(image) + rng.normal(0, noise, store.shape)).astype(np.float32)

    images = DenoisedImages(numbers=store.images(), read=read, is_control=is_control)
    return implausibilities(images, store)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("change", "text"),
    [
        (lambda d: 255 * d, r"25. times that of the noisy"),
        (lambda d: d / 0.45, "2.22 times|2.2. times"),
        (lambda d: (d - d.min()) / np.ptp(d), "from 0 to 1, as if rescaled"),
        (lambda d: np.round(255 * (d - d.min()) / np.ptp(d)), "from 0 to 255, as if rescaled"),
        (lambda d: 1e30 * d, r"1e\+30 times"),
        (lambda d: 2 * d.mean() - d, "contrast seems inverted"),
        (lambda d: d.T, "better transposed: "),
        (lambda d: d[::-1], "mirrored top to bottom"),
        (lambda d: d[:, ::-1], "mirrored left to right"),
        (lambda d: np.rot90(d), "turned by 270°"),
        (lambda d: np.roll(d, (3, -5), (0, 1)), "shifted by -3 px in y and 5 px in x"),
        (lambda d: np.full_like(d, 0.45), "every image is constant"),
    ],
)
def test_implausible_outputs_give_a_warning(change: Change, text: str) -> None:
    reported = found(change)
    assert any(re.search(text, one) for one in reported), reported
    assert all("expected electrons per pixel" in one for one in reported)


@pytest.mark.parametrize(("noise", "is_control"), [(0.0, True), (0.05, False), (0.6, True)])
def test_correct_outputs_give_no_warning(noise: float, is_control: bool) -> None:
    assert found(lambda d: d, is_control, noise) == []


def test_the_constant_control_gives_no_warning() -> None:
    assert found(lambda d: np.full_like(d, DOSE), is_control=True) == []


class Varied(FakeStore):
    """A store of forty images, each of a random pattern of its own, at doses and pixel sizes."""

    @property
    def table(self) -> pd.DataFrame:
        return pd.DataFrame({"model": ["alpha"] * 40}, index=pd.RangeIndex(40, name="image"))

    def dose_of(self, image: int) -> float:
        return float(np.random.default_rng([3, image]).uniform(0.1, 3))

    def pixel_size_of(self, image: int) -> float:
        return 0.2 + 0.01 * (image % 7)

    def clean(self, image: int) -> np.ndarray:
        rough = np.random.default_rng([2, image]).normal(0, 1, self.shape)
        smooth = gaussian_filter(rough, 2)
        return (self.dose_of(image) * (1 + 0.2 * smooth / smooth.std())).clip(0).astype(np.float32)


def of_varied(
    read: Callable[[Varied, int], np.ndarray], is_control: bool = False, numbers: Any = None
) -> list[str]:
    store = Varied()
    kept = store.images() if numbers is None else numbers
    images = DenoisedImages(
        numbers=kept, read=lambda image: read(store, image), is_control=is_control
    )
    return implausibilities(images, store)  # type: ignore[arg-type]


def denoised(store: Varied, image: int) -> np.ndarray:
    """Like a denoiser's: blurred counts."""
    return gaussian_filter(store.noisy(image).astype(np.float64), 1.5)


@pytest.mark.parametrize(
    ("factor", "text"),
    [
        (lambda s, i: 1 / s.pixel_size_of(i) ** 2, "as if in electrons per square angstrom"),
        (lambda s, i: 1 / s.dose_of(i), "as if vacuum were 1. .*by its dose"),
        (lambda s, i: 3.0, "as if multiplied by 3.*: divide by 3"),
        (lambda s, i: 1.0 + i, "as if in other units"),
    ],
)
def test_units_are_recognised(factor: Any, text: str) -> None:
    reported = of_varied(lambda store, image: factor(store, image) * denoised(store, image))
    assert len(reported) == 1, reported
    assert re.search(text, reported[0])


def test_pictures_and_centred_images_are_recognised() -> None:
    def picture(store: Varied, image: int) -> np.ndarray:
        return np.round(40 * denoised(store, image)).clip(0, 255)

    assert "whole numbers up to 255" in of_varied(picture)[0]

    def centred(store: Varied, image: int) -> np.ndarray:
        one = denoised(store, image)
        return one - one.mean()

    assert "as if their mean were subtracted" in of_varied(centred)[0]


def shuffled(store: Varied) -> list[int]:
    kept = store.images().tolist()
    return [n for _, n in sorted(zip(opaque_numbers(store, kept), kept, strict=True))]  # type: ignore[arg-type]


def taken_for(labels: list[int], shown: list[int]) -> Callable[[Varied, int], np.ndarray]:
    """Outputs of `shown` that are taken for those of `labels`."""
    order = dict(zip(labels, shown, strict=True))
    return lambda store, image: denoised(store, order.get(image, image))


OWN = Varied().images().tolist()
INPUTS = shuffled(Varied())


@pytest.mark.parametrize(
    ("labels", "shown", "text"),
    [
        (INPUTS, OWN, "in the order of the store, not that of its inputs: each shows another"),
        (OWN, INPUTS, "in the order of its inputs, not that of the store"),
        (INPUTS, INPUTS[::-1], "in reverse order:"),
        (OWN, OWN[::-1], "in reverse order in the order of the store"),
        (INPUTS[1:], INPUTS[:-1], "one image late:"),
        (INPUTS[:-1], INPUTS[1:], "one image early:"),
        (OWN[:-1], OWN[1:], "one image early in the order of the store"),
        (OWN, [*OWN[20:], *OWN[:20]], "8 of 8 outputs looked at show other images than their own"),
    ],
)
def test_other_orders_are_recognised(labels: list[int], shown: list[int], text: str) -> None:
    assert INPUTS != OWN
    reported = of_varied(taken_for(labels, shown))
    assert len(reported) == 1, reported
    assert text in reported[0]
    assert "--order" in reported[0]


def test_the_image_that_an_output_shows_is_named() -> None:
    moved = [*OWN[20:], *OWN[:20]]
    first = dict(zip(OWN, moved, strict=True))[OWN[0]]
    reported = of_varied(taken_for(OWN, moved))
    assert f"that of image {OWN[0]} shows image {first}" in reported[0]


def test_a_few_images_are_in_no_order() -> None:
    numbers = np.array(OWN[:2])
    reported = of_varied(taken_for(OWN[:2], OWN[1::-1]), numbers=numbers)
    assert not any("--order" in text for text in reported)


@pytest.mark.parametrize(
    "read",
    [
        lambda store, image: store.clean(image),
        lambda store, image: 1.01 * store.clean(image),
        lambda store, image: 0.9 * store.clean(image) + 0.02,
        lambda store, image: store.clean(image) + 1e-4 * np.random.default_rng(0).normal(),
        lambda store, image: store.clean(image) if image % 2 else denoised(store, image),
    ],
)
def test_the_truth_is_recognised_behind_other_scales(read: Any) -> None:
    reported = of_varied(read)
    assert len(reported) == 1, reported
    assert "only possible with the truth" in reported[0]
    assert of_varied(read, is_control=True) == []


def test_a_good_method_is_not_called_the_truth() -> None:
    rng = np.random.default_rng(4)

    def good(store: Varied, image: int) -> np.ndarray:
        error = gaussian_filter(rng.normal(0, 1, store.shape), 2)
        return store.clean(image) + 0.03 * store.dose_of(image) * error / error.std()

    assert of_varied(good) == []
    assert of_varied(denoised) == []


def test_empty_images_are_denoised_perfectly_by_anyone() -> None:
    class Empty(Varied):
        def clean(self, image: int) -> np.ndarray:
            return np.full(self.shape, self.dose_of(image), np.float32)

    store = Empty()
    ramp = np.linspace(-1e-5, 1e-5, store.side)
    images = DenoisedImages(
        numbers=store.images(), read=lambda n: store.clean(n) + ramp.astype(np.float32)
    )
    assert implausibilities(images, store) == []  # type: ignore[arg-type]
