"""Counting rule: counts pass, other values are converted and it is told, or they are refused."""

from __future__ import annotations

import numpy as np
import pytest
from recordings import GAIN, OFFSET, doubled, electrons, recorded, scintillated

from tembench.core.errors import ImageError
from tembench.micrographs.camera_noise.counting import Counting, counting_of
from tembench.micrographs.electrons.outliers import find_outliers


def refusal(values: np.ndarray, **options: object) -> str:
    with pytest.raises(ImageError) as caught:
        counting_of([values], **options)  # type: ignore[arg-type]
    return str(caught.value)


def told(found: Counting) -> str:
    assert len(found.warnings) == 1
    return found.warnings[0]


@pytest.mark.parametrize("kind", [np.uint8, np.int32, np.float64, ">f4"])
def test_counts_pass_silently_in_the_narrowest_type(kind: str) -> None:
    stored = electrons(0.45).astype(kind)
    found = counting_of([stored])
    assert (found.gain, found.offset, found.gain_from) == (1, 0, "counts")
    assert found.warnings == ()
    assert found.counts(stored).dtype == np.uint8
    np.testing.assert_array_equal(found.counts(stored), electrons(0.45))


def test_many_counts_are_not_taken_for_scaled_ones() -> None:
    stored = electrons(400.0)
    assert counting_of([stored]).warnings == ()
    assert counting_of([stored]).counts(stored).dtype == np.uint16


def test_values_that_cannot_be_counts_are_refused() -> None:
    with_nan = electrons(0.45).astype(np.float32)
    with_nan[17:20] = np.nan
    assert "NaN or infinite in 3 rows (from 17 to 19)" in refusal(with_nan)
    assert "contains no counts" in refusal(np.zeros((30, 30)))
    assert "--add-noise" in refusal(np.full((70, 70), 0.45))
    small = electrons(0.45, side=12) - 1.0
    assert "has negative values" in refusal(small)
    assert "--offset" in refusal(small)


def test_multiples_of_a_step_have_that_gain_exactly() -> None:
    counts = electrons(0.45)
    top = counts.max()
    for stored, step in (
        (np.rint(counts * (255 / top)).astype(np.uint8), 255 / top),
        (counts / top, 1 / top),
    ):
        found = counting_of([stored])
        assert found.gain == pytest.approx(step, rel=0.01)
        assert "multiples" in told(found)
        np.testing.assert_array_equal(found.counts(stored), counts)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [np.float32, np.int16])
def test_a_camera_with_offset_is_converted_and_it_is_told(kind: type) -> None:
    stored = recorded(0.45, read_e=0.25, side=512)
    stored = (np.rint(stored) if kind is np.int16 else stored).astype(kind)
    found = counting_of([stored])
    assert found.gain_from == found.offset_from == "estimated"
    assert found.gain == pytest.approx(GAIN, rel=0.1)
    assert found.offset == pytest.approx(OFFSET, abs=1)
    for words in ("gain 8.", "offset ", "read noise 0.2", "--gain, --offset", "assuming"):
        assert words in told(found)
    converted = found.counts(stored)
    # Read noise is about the offset: negative electrons are right, and kept.
    assert converted.dtype == np.float32
    assert converted.min() < 0
    assert converted.mean() == pytest.approx(electrons(0.45, side=512).mean(), rel=0.1)


@pytest.mark.slow
def test_whole_values_with_an_offset_are_counts_again() -> None:
    counts = electrons(0.45)
    for stored in (counts - 1, (counts + 32768).astype(np.uint16)):
        found = counting_of([stored])
        assert found.gain == 1
        np.testing.assert_array_equal(found.counts(stored), counts)


def test_options_are_used_and_not_estimated() -> None:
    stored = recorded(0.45)
    found = counting_of([stored], gain=GAIN, offset=OFFSET)
    assert (found.gain_from, found.offset_from) == ("option", "option")
    assert found.warnings == ()
    np.testing.assert_array_equal(found.counts(stored), electrons(0.45))
    half = counting_of([stored], offset=OFFSET)
    assert half.offset_from == "option"
    assert half.gain == pytest.approx(GAIN, rel=0.02)
    assert counting_of([electrons(0.45)], in_electrons=True).gain_from == "file"


def test_a_gain_that_the_noise_contradicts_is_doubted() -> None:
    assert "times the mean" in told(counting_of([electrons(2.0) * 3.0], gain=1.0))


def test_negative_values_of_a_known_gain_need_consent() -> None:
    stored = recorded(0.45, offset=0.0, read_e=0.2)
    assert "--allow-negative" in refusal(stored, gain=GAIN)
    found = counting_of([stored], gain=GAIN, allow_negative=True)
    assert found.counts(stored).min() < 0


@pytest.mark.slow
def test_values_near_one_per_electron_keep_it() -> None:
    """Gain correction leaves fractions; read noise about 0 leaves negative electrons."""
    counts = electrons(0.45, side=512)
    draw = np.random.default_rng(1)
    corrected = counts * draw.normal(1, 0.02, counts.shape)
    assert told(counting_of([corrected])) == "the counts are not integers and are used as they are"
    noisy = counts + draw.normal(0, 0.3, counts.shape)
    found = counting_of([noisy])
    assert (found.gain, found.offset) == (1, 0)
    assert found.read_noise_e == pytest.approx(0.3, abs=0.03)


def test_a_detector_with_read_noise_and_gain_is_converted() -> None:
    """Values that were once used as they are, with a warning that something blurs."""
    stored = 2.0 * electrons(0.45) + np.random.default_rng(5).normal(0, 0.3, (256, 256))
    found = counting_of([stored])
    assert found.gain == pytest.approx(2, rel=0.06)
    assert found.read_noise_e == pytest.approx(0.15, abs=0.05)


def test_hot_pixels_do_not_change_the_gain() -> None:
    stored = recorded(0.45, offset=0.0)
    plain = counting_of([stored * 1.01])
    stored[100:103, 50] = 30000.0
    found = counting_of([stored * 1.01], outliers=find_outliers(stored).mask)
    assert found.gain == pytest.approx(plain.gain, rel=0.01)


@pytest.mark.slow
def test_a_changed_contrast_is_refused_and_a_picture_is_doubted() -> None:
    counts = electrons(2.0)
    root = np.rint(255 * np.sqrt(counts / counts.max())).astype(np.uint8)
    assert "does not grow with the mean" in refusal(root)
    smooth = counts * 20.0 + np.random.default_rng(2).normal(0, 8, counts.shape)
    said = counting_of([np.clip(np.rint(smooth), 0, 110).astype(np.uint8)]).warnings
    assert any("clipped" in line for line in said)
    assert any("gamma" in line for line in said)


@pytest.mark.slow
def test_correlated_noise_is_said_and_electrons_that_spread_are_electrons() -> None:
    twice = counting_of([doubled(electrons(0.45, side=512), 0.05)])
    assert twice.gain == 1
    assert "counted twice" in told(twice)
    light = scintillated(0.45, side=512)
    assert counting_of([light]).gain == 1
    scaled = counting_of([20 * light])
    assert scaled.gain == pytest.approx(20, rel=0.2)
    assert "an electron reaches its neighbours" in scaled.warnings[0]
    assert "point spread" in scaled.warnings[1]


@pytest.mark.slow
def test_frames_of_a_movie_are_judged_together() -> None:
    frames = [recorded(0.45, seed) for seed in range(4)]
    together, one = counting_of(frames), counting_of(frames[:1])
    assert together.gain_interval is not None
    assert one.gain_interval is not None
    assert np.ptp(together.gain_interval) < np.ptp(one.gain_interval)
    for frame in frames:
        assert together.counts(frame).mean() == pytest.approx(electrons(0.45).mean(), rel=0.2)
