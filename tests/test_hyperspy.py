"""Signals of HyperSpy: axes and metadata kept, lazy signals lazy, everything else refused."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tembench.core.errors import ImageError, MethodError
from tembench.hyperspy import QUANTITY, DenoisingWarning, denoise

hs = pytest.importorskip("hyperspy.api", reason="needs HyperSpy")
DOSE, SIZE_NM = 0.45, 0.00625
SHAPE = (2, 3, 64, 80)


def counts(shape: tuple[int, ...] = SHAPE, dose: float = DOSE) -> np.ndarray:
    return np.random.default_rng(0).poisson(dose, shape).astype(np.uint8)


def movie(data: np.ndarray | None = None, units: str = "nm", scale: float = SIZE_NM) -> Any:
    signal = hs.signals.Signal2D(counts() if data is None else data)
    signal.metadata.General.title = "movie"
    for axis, name in zip(signal.axes_manager.signal_axes, "xy", strict=True):
        axis.name, axis.units, axis.scale, axis.offset = name, units, scale, 3.0
    return signal


def denoised(signal: Any, **options: Any) -> Any:
    return denoise(signal, "gaussian", **{"dose_e_per_px": DOSE, **options})


def refusal(signal: Any, kind: type[Exception] = ImageError, **options: Any) -> str:
    with pytest.raises(kind) as caught:
        denoised(signal, **options)
    return str(caught.value)


def test_axes_and_metadata_are_kept() -> None:
    signal = movie()
    time, place = signal.axes_manager.navigation_axes
    time.name, time.units, time.scale, time.offset = "time", "s", 0.5, 2.0
    place.name = "position"
    signal.metadata.set_item("Acquisition_instrument.TEM.beam_energy", 300)
    signal.metadata.set_item("Signal.Noise_properties.variance", 0.45)
    signal.original_metadata.add_dictionary({"Camera": {"name": "K3"}})
    made = denoised(signal)
    assert type(made) is type(signal)
    assert made.data.dtype == np.float32
    assert made.data.shape == SHAPE
    for axis, before in zip(made.axes_manager._axes, signal.axes_manager._axes, strict=True):
        assert axis.get_axis_dictionary() == before.get_axis_dictionary()
    assert made.metadata.Acquisition_instrument.TEM.beam_energy == 300
    assert made.original_metadata.Camera.name == "K3"
    assert made.metadata.Signal.quantity == QUANTITY
    assert not made.metadata.has_item("Signal.Noise_properties")
    assert made.metadata.General.title == "movie denoised (gaussian)"
    # The signal that was given is as before.
    assert signal.metadata.General.title == "movie"
    assert signal.metadata.has_item("Signal.Noise_properties")
    assert signal.data.dtype == np.uint8


def test_the_record_survives_a_file(tmp_path: Path) -> None:
    denoised(movie()).save(tmp_path / "a.hspy")
    record = hs.load(tmp_path / "a.hspy").metadata.tembench
    assert record.dose_e_per_px.value == DOSE
    assert record.gain.value == 1
    assert record.pixel_size_A.value == pytest.approx(0.0625)
    assert record.method[0]["name"] == "gaussian"
    assert record.weights_sha256 is None
    assert list(record.warnings) == []


def test_electrons_are_kept() -> None:
    made = denoised(movie())
    np.testing.assert_allclose(made.data.mean(axis=(2, 3)), counts().mean(axis=(2, 3)), rtol=0.02)


@pytest.mark.parametrize(
    ("units", "scale"), [("Å", 0.0625), ("pm", 6.25), ("µm", 6.25e-6), ("um", 6.25e-6)]
)
def test_units_of_the_axes(units: str, scale: float) -> None:
    made = denoised(movie(units=units, scale=scale))
    assert made.metadata.tembench.pixel_size_A.value == pytest.approx(0.0625)
    np.testing.assert_array_equal(made.data, denoised(movie()).data)


@pytest.mark.slow
def test_a_lazy_signal_stays_lazy_and_has_the_same_images() -> None:
    made = denoised(movie().as_lazy())
    assert made._lazy
    assert type(made) is type(movie().as_lazy())
    assert made.data.chunksize == (1, 1, 64, 80)
    assert made.data.dtype == np.float32
    made.compute(show_progressbar=False)
    np.testing.assert_array_equal(made.data, denoised(movie()).data)


@pytest.mark.slow
def test_a_lazy_signal_reads_only_a_few_frames_beforehand() -> None:
    import dask.array as da

    read = []

    def block(block_id: tuple[int, ...]) -> np.ndarray:
        read.append(block_id[0])
        return np.random.default_rng(block_id[0]).poisson(DOSE, (1, 64, 80)).astype(np.uint8)

    chunks = ((1,) * 100, (64,), (80,))
    data = da.map_blocks(block, chunks=chunks, dtype=np.uint8, meta=counts((0, 0, 0)))
    signal = movie(counts((1, 64, 80))).as_lazy()
    lazy = type(signal)(data)
    for axis in lazy.axes_manager.signal_axes:
        axis.scale, axis.units = SIZE_NM, "nm"
    made = denoised(lazy)
    beforehand = set(read)
    assert len(beforehand) <= 17
    assert 9 not in beforehand
    made.inav[9].compute(show_progressbar=False)
    assert set(read) == beforehand | {9}


@pytest.mark.slow
def test_the_method_is_chosen_on_the_movie_and_recorded(tmp_path: Path) -> None:
    y = np.arange(96)[:, None] * 0.0625
    clean = DOSE * (1 + 0.5 * np.sin(2 * np.pi * y / 2) * np.ones((1, 96)))
    data = np.random.default_rng(0).poisson(clean, (3, 96, 96)).astype(np.uint8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DenoisingWarning)
        made = denoise(movie(data))
    choice = made.metadata.tembench.choice
    assert choice.method == made.metadata.tembench.method[0]["name"]
    assert f"({choice.method})" in made.metadata.General.title
    error = [np.mean((found - clean) ** 2) for found in made.data]
    assert max(error) < 0.1 * np.mean((data - clean) ** 2)
    made.save(tmp_path / "a.hspy")
    assert hs.load(tmp_path / "a.hspy").metadata.tembench.choice.judged_by == choice.judged_by


@pytest.mark.slow
def test_tasks_of_other_processes_have_the_same_images() -> None:
    import dask

    # Resampled, so that the seed of each frame counts.
    signal = movie(scale=0.005, data=counts((3, 64, 80)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        expected = denoised(signal).data
        lazy = denoised(signal.as_lazy()).data
        with dask.config.set(scheduler="processes", num_workers=2):
            found = lazy.compute()
    np.testing.assert_array_equal(found, expected)


@pytest.mark.slow
def test_threads_have_the_images_of_one_after_the_other() -> None:
    signal = movie(counts((8, 64, 80)))
    lazy = denoise(signal.as_lazy(), "bm3d", dose_e_per_px=DOSE)
    threads = lazy.data.compute(scheduler="threads", num_workers=4)
    one = lazy.data.compute(scheduler="synchronous")
    np.testing.assert_array_equal(threads, one)


@pytest.mark.slow
def test_one_dose_holds_for_all_images() -> None:
    data = counts((3, 256, 256))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DenoisingWarning)
        made = denoised(movie(data), dose_e_per_px=None)
    assert made.metadata.tembench.dose_e_per_px.value == pytest.approx(DOSE, rel=0.05)


@pytest.mark.slow
def test_gain_and_offset_are_undone() -> None:
    scaled = counts().astype(np.int16) * 20 + 100
    made = denoised(movie(scaled), gain=20, offset=100)
    np.testing.assert_allclose(made.data, denoised(movie()).data, rtol=1e-5)
    assert made.metadata.tembench.gain.value == 20
    assert made.metadata.tembench.offset.value == 100
    with pytest.warns(DenoisingWarning, match="multiples of 20, .*; override it with gain"):
        found = denoised(movie(counts().astype(np.int16) * 20))
    assert found.metadata.tembench.gain.value == 20


def test_an_image_without_electrons_is_zero_and_said() -> None:
    data = counts((3, 64, 80))
    data[1] = 0
    with pytest.warns(DenoisingWarning, match="movie, image 1: contains no electron"):
        made = denoised(movie(data))
    assert not made.data[1].any()
    assert made.data[2].all()


def test_warnings_name_the_signal_and_the_arguments_of_functions() -> None:
    with pytest.warns(DenoisingWarning) as caught:
        made = denoise(movie(counts((64, 80))), "gaussian")
    (line,) = (str(one.message) for one in caught if "vacuum" in str(one.message))
    assert line.startswith("movie: ")
    assert "dose_e_per_px" in line
    assert "--" not in line
    # The caller's line, not one of the package.
    assert all(one.filename == __file__ for one in caught)
    assert list(made.metadata.tembench.warnings)


def test_a_calibration_that_was_not_applied_is_said() -> None:
    signal = movie()
    tags = {"Brightness": {"Scale": 0.05, "Origin": 100.0, "Units": "e-"}}
    path = "ImageList.TagGroup0.ImageData.Calibrations"
    signal.original_metadata.set_item(path, tags)
    with pytest.warns(DenoisingWarning, match="states 0.05 e- .* gain=20, offset=100"):
        denoised(signal)


@pytest.mark.slow
def test_other_signals_are_refused() -> None:
    assert "is not a signal of HyperSpy" in refusal(counts())
    assert "expected signal dimension 2" in refusal(hs.signals.Signal1D(counts()))
    assert "complex numbers" in refusal(movie().as_lazy().fft())
    assert "reciprocal space" in refusal(movie(units="1/nm"))
    assert "has no pixel size; " not in refusal(movie(units=""))
    assert "Give it with pixel_size_A" in refusal(movie(units=""))
    pattern = movie()
    pattern.metadata.Signal.signal_type = "electron_diffraction"
    assert "is a diffraction pattern" in refusal(pattern)
    spectra = movie()
    spectra.axes_manager.navigation_axes[0].units = "eV"
    assert "is a set of spectra" in refusal(spectra)
    assert "atoms are not visible" in refusal(movie(scale=5))


def test_a_pixel_size_given_replaces_that_of_the_axes() -> None:
    made = denoised(movie(units="", scale=1), pixel_size_A=0.0625)
    np.testing.assert_array_equal(made.data, denoised(movie()).data)
    assert made.axes_manager.signal_axes[0].scale == 1


@pytest.mark.slow
def test_a_method_of_series_denoises_movies_lazily_too() -> None:
    signal = movie(counts((6, 64, 80)))
    made = denoise(signal, "mppca", dose_e_per_px=DOSE)
    lazy = denoise(signal.as_lazy(), "mppca", dose_e_per_px=DOSE)
    assert lazy._lazy
    lazy.compute(show_progressbar=False)
    np.testing.assert_array_equal(lazy.data, made.data)
    with pytest.raises(ImageError, match="frames along one axis"):
        denoise(movie(), "mppca")


def test_methods_that_do_not_exist_are_refused() -> None:
    with pytest.raises(MethodError, match="no-such-method"):
        denoise(movie(), "no-such-method")
