"""Frames of a movie: one counting rule, one dose, in any thread or process."""

from __future__ import annotations

import pickle
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from micrograph_files import ready_with

from tembench.core.errors import ImageError
from tembench.methods import NoisyImage, load_method
from tembench.micrographs.denoising import frame_denoiser
from tembench.micrographs.denoising.frame_denoiser import FrameDenoiser, sampled_numbers
from tembench.micrographs.domain.ready_method import ReadyMethod
from tembench.micrographs.reading.file_options import FileOptions
from tembench.micrographs.reading.read_image import Micrograph

DOSE = 0.45
OPTIONS = FileOptions(dose_e_per_px=DOSE)


@pytest.fixture(autouse=True)
def _none_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_denoiser, "_built", {})


def frame(seed: int = 0, dose: float = DOSE, size_A: float = 0.0625, gain: int = 1) -> Micrograph:
    values = np.random.default_rng(seed).poisson(dose, (160, 160)).astype(np.uint16) * gain
    return Micrograph(path=Path(f"frame {seed}"), values=values, pixel_sizes_A=(size_A, size_A))


def gaussian() -> ReadyMethod:
    return ReadyMethod(method=load_method("gaussian"))


def test_the_first_and_the_last_frame_are_sampled() -> None:
    assert sampled_numbers(1) == [0]
    assert sampled_numbers(4) == [0, 1, 2, 3]
    assert sampled_numbers(101) == [0, 25, 50, 75, 100]


def test_the_dose_is_the_median_of_those_of_the_frames() -> None:
    samples = [frame(seed, dose) for seed, dose in enumerate([0.4, 0.44, 5.0])]
    denoiser = FrameDenoiser.of(gaussian(), samples, FileOptions())
    assert denoiser.options.dose_e_per_px == pytest.approx(0.44, rel=0.05)


def test_a_frame_unlike_the_sampled_ones_is_counted_by_their_rule() -> None:
    denoiser = FrameDenoiser.of(gaussian(), [frame(gain=20)], replace(OPTIONS, gain=20))
    bright = frame(1, dose=30, gain=20)
    assert denoiser.denoise(bright).mean() == pytest.approx(bright.values.mean() / 20, rel=0.01)


def test_the_dose_reaches_the_method_on_its_own_pixels() -> None:
    doses = []

    class Watching:
        def denoise(self, image: NoisyImage) -> np.ndarray:
            doses.append(image.dose_e_per_px)
            return image.counts.astype(np.float32)

    ready = ready_with(Watching())
    oblong = replace(frame(), pixel_sizes_A=(0.0625, 0.125))
    denoiser = FrameDenoiser.of(ready, [oblong], OPTIONS)
    assert denoiser.options.dose_e_per_px == pytest.approx(DOSE)
    denoiser.denoise(oblong)
    assert doses == [pytest.approx(DOSE / 2)]


def test_a_frame_without_electrons_is_zero() -> None:
    blank = replace(frame(), values=np.zeros((160, 160), np.uint8))
    denoiser = FrameDenoiser.of(gaussian(), [blank, frame()], FileOptions())
    assert denoiser.options.dose_e_per_px == pytest.approx(DOSE, rel=0.05)
    assert not denoiser.denoise(blank).any()
    with pytest.raises(ImageError, match="contains no counts"):
        FrameDenoiser.of(gaussian(), [blank], FileOptions())


def test_an_error_names_its_frame() -> None:
    denoiser = FrameDenoiser.of(gaussian(), [frame()], OPTIONS)
    broken = replace(frame(3), values=np.full((160, 160), np.nan))
    with pytest.raises(ImageError, match="frame 3: has values that are not finite"):
        denoiser.denoise(broken)


def test_warnings_that_differ_in_their_numbers_are_given_once() -> None:
    samples = [replace(frame(seed, size_A=0.2, dose=9.0), notes=("a note",)) for seed in range(3)]
    lines = FrameDenoiser.of(gaussian(), samples, FileOptions()).warnings
    assert lines.count("a note") == 1
    assert sum("pixel size of 0.2 Å" in line for line in lines) == 1
    assert sum("may be off by several per cent" in line for line in lines) <= 1


def test_electrons_of_each_frame_have_places_of_their_own() -> None:
    denoiser = FrameDenoiser.of(gaussian(), [frame(size_A=0.09)], OPTIONS)
    first, again, other = (denoiser.denoise(frame(size_A=0.09), n) for n in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_a_copy_leaves_the_built_method_behind_and_uses_that_of_its_process() -> None:
    class Unpicklable:
        lock = threading.Lock()
        calls = 0

        def __init__(self) -> None:
            self.own = threading.Lock()

        def denoise(self, image: NoisyImage) -> np.ndarray:
            Unpicklable.calls += 1
            return image.counts.astype(np.float32)

    denoiser = FrameDenoiser.of(ready_with(Unpicklable()), [frame()], OPTIONS)
    denoiser.denoise(frame())
    copy = pickle.loads(pickle.dumps(denoiser))
    assert "denoiser" not in copy.ready.__dict__
    assert copy.options == denoiser.options
    np.testing.assert_array_equal(copy.denoise(frame()), denoiser.denoise(frame()))
    assert Unpicklable.calls == 3


def test_threads_take_turns() -> None:
    inside, most = [0], [0]

    class Counting:
        def denoise(self, image: NoisyImage) -> np.ndarray:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            threading.Event().wait(0.005)
            inside[0] -= 1
            return image.counts.astype(np.float32)

    denoiser = FrameDenoiser.of(ready_with(Counting()), [frame()], OPTIONS)
    threads = [threading.Thread(target=denoiser.denoise, args=(frame(n), n)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_few_methods_are_kept() -> None:
    for sigma_px in (2.0, 3.0, 4.0, 5.0, 6.0):
        method = load_method("gaussian").with_parameters(sigma_px=sigma_px)
        FrameDenoiser.of(ReadyMethod(method=method), [frame()], OPTIONS).denoise(frame())
    assert len(frame_denoiser._built) == 4


def test_the_record_says_what_was_decided() -> None:
    record = FrameDenoiser.of(gaussian(), [frame()], OPTIONS).record
    assert record["method"][0]["name"] == "gaussian"
    assert record["dose_e_per_px"] == DOSE
    assert record["gain"] == 1
    assert record["pixel_sizes_A"] == [0.0625, 0.0625]
