"""Methods for the frames of an array: one rule, one dose, in any thread or process."""

from __future__ import annotations

import pickle
import threading
from typing import Any

import numpy as np
import pytest

from tembench.api import frame_method
from tembench.api.array_frames import ArrayFrames
from tembench.api.frame_method import FrameDenoiser
from tembench.core.errors import ImageError
from tembench.methods import Denoiser, NoisyImage, load_method
from tembench.micrographs.domain import ReadyMethod
from tembench.micrographs.reading import FileOptions

DOSE = 0.45
COUNTS = np.random.default_rng(0).poisson(DOSE, (5, 160, 160)).astype(np.uint8)
OPTIONS = FileOptions(dose_e_per_px=DOSE)


@pytest.fixture(autouse=True)
def _none_built(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_method, "_built", {})


def ready(denoiser: Denoiser | None = None, method: str = "gaussian") -> ReadyMethod:
    found = ReadyMethod(method=load_method(method))
    if denoiser is not None:
        found.__dict__["denoiser"] = denoiser
    return found


class Copying:
    """A method that returns the counts, and notes what it saw."""

    def __init__(self) -> None:
        self.seen: list[NoisyImage] = []

    def denoise(self, image: NoisyImage) -> np.ndarray:
        self.seen.append(image)
        return image.counts.astype(np.float32)


def made(
    data: np.ndarray = COUNTS,
    found: ReadyMethod | None = None,
    options: FileOptions = OPTIONS,
    sizes_A: tuple[float, float] = (0.0625, 0.0625),
    **details: Any,
) -> FrameDenoiser:
    frames = ArrayFrames(
        title="movie", shape=data.shape, dtype=data.dtype, pixel_sizes_A=sizes_A, **details
    )
    return FrameDenoiser.of(found or ready(), frames, frames.stack(data), options)


def denoised(denoiser: FrameDenoiser, data: np.ndarray, number: int) -> np.ndarray:
    return denoiser.denoise(denoiser.frames.stack(data), number)


def test_the_dose_is_that_of_all_frames() -> None:
    bright = COUNTS.copy()
    bright[2] = np.random.default_rng(1).poisson(3 * DOSE, (160, 160))
    assert made(bright, options=FileOptions()).rule.dose_e_per_px == pytest.approx(0.63, rel=0.05)


def test_a_frame_unlike_the_others_is_counted_by_their_rule() -> None:
    scaled = COUNTS.astype(np.uint16) * 20
    denoiser = made(scaled, options=FileOptions(dose_e_per_px=DOSE, gain=20))
    other = scaled.copy()
    other[1] = 20 * np.random.default_rng(1).poisson(30, (160, 160))
    assert denoised(denoiser, other, 1).mean() == pytest.approx(30, rel=0.01)


def test_the_dose_reaches_the_method_on_its_own_pixels() -> None:
    copying = Copying()
    denoiser = made(found=ready(copying), sizes_A=(0.0625, 0.125))
    assert denoiser.record["dose_e_per_px"]["value"] == pytest.approx(DOSE)
    denoised(denoiser, COUNTS, 0)
    assert copying.seen[-1].dose_e_per_px == pytest.approx(DOSE / 2)


def test_a_frame_without_electrons_is_zero() -> None:
    blanked = COUNTS.copy()
    blanked[0] = 0
    denoiser = made(blanked)
    assert not denoised(denoiser, blanked, 0).any()
    assert denoised(denoiser, blanked, 1).all()
    with pytest.raises(ImageError, match="movie: contains no counts"):
        made(np.zeros_like(COUNTS))


def test_an_error_names_its_frame() -> None:
    broken = COUNTS.astype(np.float32)
    denoiser = made(broken)
    broken[3, 5, 5] = np.nan
    with pytest.raises(ImageError, match=r"movie, \(3,\): has values that are not finite"):
        denoised(denoiser, broken, 3)


def test_a_single_image_is_as_one_of_a_file() -> None:
    image = COUNTS[0]
    lines = made(image, options=FileOptions(), notes=("a note",)).warnings
    assert "a note" in lines
    assert denoised(made(image), image, 0).shape == (160, 160)


def test_a_method_of_series_sees_neighbours() -> None:
    copying = Copying()
    denoiser = made(found=ready(copying, "mppca"))
    denoised(denoiser, COUNTS, 1)
    series = copying.seen[-1].series
    assert series is not None
    np.testing.assert_array_equal(series.counts, COUNTS[:4])
    assert series.position == 1
    with pytest.raises(ImageError, match="frames along one axis"):
        made(COUNTS.reshape(5, 1, 160, 160), ready(copying, "mppca"))


def test_a_copy_leaves_the_built_method_behind_and_uses_that_of_its_process() -> None:
    class Unpicklable(Copying):
        def __init__(self) -> None:
            super().__init__()
            self.lock = threading.Lock()

    unpicklable = Unpicklable()
    denoiser = made(found=ready(unpicklable))
    first = denoised(denoiser, COUNTS, 0)
    copy = pickle.loads(pickle.dumps(denoiser))
    assert "denoiser" not in copy.ready.__dict__
    np.testing.assert_array_equal(denoised(copy, COUNTS, 0), first)
    assert len(unpicklable.seen) == 2


def test_threads_take_turns() -> None:
    inside, most = [0], [0]

    class Counting:
        def denoise(self, image: NoisyImage) -> np.ndarray:
            inside[0] += 1
            most[0] = max(most[0], inside[0])
            threading.Event().wait(0.005)
            inside[0] -= 1
            return image.counts.astype(np.float32)

    denoiser = made(found=ready(Counting()))
    threads = [
        threading.Thread(target=denoised, args=(denoiser, COUNTS, number)) for number in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_few_methods_are_kept() -> None:
    for sigma_px in (2.0, 3.0, 4.0, 5.0, 6.0):
        method = load_method("gaussian").with_parameters(sigma_px=sigma_px)
        denoised(made(found=ReadyMethod(method=method)), COUNTS, 0)
    assert len(frame_method._built) == 4


def test_the_record_says_what_was_decided() -> None:
    record = made().record
    assert record["method"][0]["name"] == "gaussian"
    assert record["dose_e_per_px"] == {"value": DOSE, "from": "option"}
    assert record["gain"]["value"] == 1
    assert record["offset"]["value"] == 0
    assert record["pixel_size_A"]["value"] == 0.0625
    assert record["frames"] == 5
    assert made(COUNTS[0], options=FileOptions()).record["dose_e_per_px"]["from"] != "option"
