"""Method that is a network: trained, built, applied, and the weights that it refuses."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch

from tembench.core.errors import MethodError
from tembench.methods.method import Method, load_method
from tembench.methods.protocol import NoisyImage, TrainingData
from tembench.methods.training import checkpoint

DOSE = 0.45


QUICK = {
    "scales": 2,
    "channels": 4,
    "steps": 6,
    "batch": 2,
    "crop": 8,
    "samples": "images",
    "device": "cpu",
}


@pytest.fixture(scope="module")
def method() -> Method:
    return load_method("unet")


@pytest.fixture(scope="module")
def weights(method: Method, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Train six steps on a lattice."""
    y, x = np.mgrid[:128, :128]
    image = (DOSE * (1 + 0.3 * np.sin(x / 8) * np.sin(y / 9))).astype(np.float32)
    data = TrainingData(
        train=[image], validation=[image], pixel_size_A=0.0625, dose_e_per_px=DOSE, seed=1
    )
    folder = tmp_path_factory.mktemp("unet")
    method.train(data, folder, **QUICK)
    return folder


def noisy(height: int, width: int) -> NoisyImage:
    counts = np.random.default_rng(2).poisson(DOSE, (height, width)).astype(np.uint8)
    return NoisyImage(counts=counts, pixel_size_A=0.0625, dose_e_per_px=DOSE)


@pytest.mark.slow
def test_a_network_is_trained_built_and_applied(method: Method, weights: Path) -> None:
    denoiser = method.build(weights, **QUICK)
    for shape in ((128, 128), (97, 131), (5, 9)):
        first = denoiser.denoise(noisy(*shape))
        assert first.shape == shape
        assert first.dtype == np.float32
        assert np.isfinite(first).all()
        assert np.array_equal(first, denoiser.denoise(noisy(*shape)))


@pytest.mark.slow
def test_a_network_works_at_native_sampling(method: Method, tmp_path: Path) -> None:
    clean = np.full((40, 48), DOSE, np.float32)
    data = TrainingData(
        train=[clean], validation=[clean], pixel_size_A=0.0625, dose_e_per_px=DOSE, seed=1
    )
    native = {**QUICK, "binning": 1}
    method.train(data, tmp_path, **native)
    denoised = method.build(tmp_path, **native).denoise(noisy(37, 45))
    assert denoised.shape == (37, 45)
    # Near the dose after six steps already, for the network begins at its deviation from it.
    assert denoised.mean() == pytest.approx(DOSE, rel=0.5)


@pytest.mark.slow
def test_without_weights_the_error_names_the_training_command(
    method: Method, tmp_path: Path
) -> None:
    bare = tmp_path / "unet"
    bare.mkdir()
    for name in ("method.toml", "method.py"):
        shutil.copy(method.folder / name, bare / name)
    with pytest.raises(MethodError, match="tembench train unet STORE"):
        load_method(bare).build()
    with pytest.raises(MethodError, match=r"safetensors: no such file.*tembench train"):
        method.build(tmp_path)


@pytest.mark.slow
def test_impossible_parameters_are_refused(method: Method, weights: Path) -> None:
    with pytest.raises(MethodError, match=r"shifts.*1, 2 or 4, got 3"):
        method.build(weights, **{**QUICK, "shifts": 3})
    with pytest.raises(MethodError, match="no such device"):
        method.build(weights, **{**QUICK, "device": "abacus"})


def damaged(weights: Path, folder: Path, content: bytes) -> Path:
    folder.mkdir()
    (folder / checkpoint.WEIGHTS).write_bytes(content)
    return folder


@pytest.mark.slow
def test_weights_that_cannot_be_used_are_refused_in_one_line(
    method: Method, weights: Path, tmp_path: Path
) -> None:
    good = (weights / checkpoint.WEIGHTS).read_bytes()
    cases = {"cut": good[: len(good) // 2], "empty": b"", "text": b"weights, surely"}
    for name, content in cases.items():
        with pytest.raises(MethodError, match=r"not readable .*Train it first") as caught:
            method.build(damaged(weights, tmp_path / name, content), **QUICK)
        assert "\n" not in str(caught.value)
    with pytest.raises(MethodError, match="weights of another network"):
        method.build(weights, **{**QUICK, "channels": 5})


@pytest.mark.slow
def test_weights_with_code_or_nan_inside_are_refused(
    method: Method, weights: Path, tmp_path: Path
) -> None:
    (tmp_path / "nan").mkdir()
    content = checkpoint.read_weights(weights / checkpoint.WEIGHTS, "")
    content["last.weight"] = content["last.weight"] * np.nan
    checkpoint.save_weights(tmp_path / "nan", content)
    with pytest.raises(MethodError, match="not finite"):
        method.build(tmp_path / "nan", **QUICK)
    (tmp_path / "code").mkdir()
    torch.save({"code": Path}, tmp_path / "code" / checkpoint.WEIGHTS)
    with pytest.raises(MethodError, match="not readable as weights"):
        method.build(tmp_path / "code", **QUICK)
