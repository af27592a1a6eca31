"""A whole adaptation: trained, judged, resumed, refused, and used."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile

from tembench.core import MethodError, read_toml
from tembench.methods import FIT, TRAINING, Method, load_method, write_new_method
from tembench.micrographs.adapting.adapt import Adaptation
from tembench.micrographs.adapting.held_out_frames import Judgement
from tembench.micrographs.reading import FileOptions

pytest.importorskip("torch")

SHORT = {"steps": 8, "batch": 2, "crop": 12, "validate_every": 4, "device": "cpu", "channels": 4}


def scene() -> np.ndarray:
    y, x = np.mgrid[:96, :96]
    return np.asarray(0.6 * (1 + 0.4 * np.cos(x / 4.5) * np.cos(y / 4)))


@pytest.fixture
def movie(tmp_path: Path) -> Path:
    """Ten frames of 96 x 96 px of 0.1 A that do not move."""
    path = tmp_path / "movie.tif"
    frames = np.random.default_rng(0).poisson(scene(), (10, 96, 96)).astype(np.uint8)
    tifffile.imwrite(
        path, frames, imagej=True, resolution=(100, 100), metadata={"axes": "TYX", "unit": "nm"}
    )
    return path


@pytest.fixture
def method(tmp_path: Path) -> Method:
    """A small network without weights of its own."""
    write_new_method(tmp_path / "mine", trained=True)
    method = load_method(str(tmp_path / "mine"))
    short = {name: value for name, value in SHORT.items() if name in method.parameters}
    return method.with_parameters(**short)


def lines() -> tuple[list[str], Callable[[str], None]]:
    said: list[str] = []
    return said, said.append


def adapt(adaptation: Adaptation, movie: Path, out: Path) -> tuple[Judgement | None, str, str]:
    (said, say), (warned, warn) = lines(), lines()
    judged = adaptation.run([movie], out, say=say, warn=warn)
    return judged, "\n".join(said), "\n".join(warned)


@pytest.mark.slow
def test_weights_are_trained_recorded_and_used(method: Method, movie: Path, tmp_path: Path) -> None:
    out = tmp_path / "weights"
    judged, said, _ = adapt(Adaptation(method=method), movie, out)
    assert judged is None
    assert "10 frames of 96 x 96 px of 0.1 Å with" in said
    assert "frames predicted from one another" in said
    record, fit = (read_toml(out / name, MethodError) for name in (TRAINING, FIT))
    assert record["complete"]
    assert record["adapted"]["way"] == "frames"
    assert fit["steps"] == 8
    assert fit["identity"]["loss"] == "poisson-of-means"
    # What `apply` compares images with.
    assert fit["identity"]["pixel_size_A"] == pytest.approx(0.1)
    assert fit["identity"]["dose_e_per_px"] == pytest.approx(0.6, rel=0.3)
    assert (out / "curve.png").is_file()
    _again, said, _ = adapt(Adaptation(method=method), movie, out)
    assert "done already" in said
    # Further, from there: compared with the start.
    further = Adaptation(method=method, start=out, way="counts")
    judged, said, warned = adapt(further, movie, tmp_path / "further")
    assert judged is not None
    assert judged.is_better == ("than before" in said)
    assert judged.is_better == ("NOT BETTER THAN BEFORE" not in warned)
    assert read_toml(tmp_path / "further" / TRAINING, MethodError)["held_out"]["z"] == judged.z


@pytest.mark.slow
def test_an_interrupted_training_resumes_with_the_same_result(
    method: Method, movie: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tembench.methods.training import loop

    whole, parts = tmp_path / "whole", tmp_path / "parts"
    adapt(Adaptation(method=method), movie, whole)
    advance = loop._TrainingRun.advance

    def interrupted(run: loop._TrainingRun, *batch: object) -> None:
        advance(run, *batch)  # type: ignore[arg-type]
        if run.step == 5:
            run.save()
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(loop._TrainingRun, "advance", interrupted)
        with pytest.raises(KeyboardInterrupt):
            adapt(Adaptation(method=method), movie, parts)
    assert not read_toml(parts / TRAINING, MethodError)["complete"]
    _, said, _ = adapt(Adaptation(method=method), movie, parts)
    assert "resumed, 8 steps in all" in said
    one, other = ((folder / "weights.safetensors").read_bytes() for folder in (whole, parts))
    assert one == other


@pytest.mark.slow
def test_a_time_becomes_a_number_of_steps(method: Method, movie: Path, tmp_path: Path) -> None:
    timed = Adaptation(method=replace(method, chosen=method.chosen - {"steps"}), minutes=0.02)
    _, said, _ = adapt(timed, movie, tmp_path / "weights")
    assert "of at most 0.02 minutes" in said
    planned = read_toml(tmp_path / "weights" / TRAINING, MethodError)["parameters"]["steps"]
    assert f"Plan: {planned:,} steps of" in said


@pytest.mark.slow
def test_another_training_is_refused(method: Method, movie: Path, tmp_path: Path) -> None:
    out = tmp_path / "weights"
    adapt(Adaptation(method=method), movie, out)
    other = Adaptation(method=method.with_parameters(steps=9))
    for changed in (other, Adaptation(method=method, options=FileOptions(frame=(0, 8)))):
        with pytest.raises(MethodError, match="holds the training of something else: adapted"):
            adapt(changed, movie, out)


def test_outputs_over_inputs_and_methods_are_refused(
    method: Method, movie: Path, tmp_path: Path
) -> None:
    for out in (movie, method.folder):
        with pytest.raises(MethodError):
            adapt(Adaptation(method=method), movie, out)


@pytest.mark.slow
def test_a_start_of_another_network_is_refused(method: Method, movie: Path, tmp_path: Path) -> None:
    adapt(Adaptation(method=method), movie, tmp_path / "small")
    larger = method.with_parameters(channels=6)
    with pytest.raises(MethodError, match="weights of another network"):
        adapt(Adaptation(method=larger, start=tmp_path / "small"), movie, tmp_path / "large")


@pytest.mark.slow
def test_a_movie_improves_a_network_of_its_sums(movie: Path, tmp_path: Path) -> None:
    adaptation = Adaptation(
        method=load_method("unet-movie"), training={"steps": 4, "validate_every": 2, "crop": 16}
    )
    judged, _said, _ = adapt(adaptation, movie, tmp_path / "weights")
    assert judged is not None
    record = read_toml(tmp_path / "weights" / TRAINING, MethodError)
    assert record["method"] == "unet-open"
    assert record["adapted"]["reach"] == 8
