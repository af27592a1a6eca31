"""Methods for a caller's frames, and messages in the words of Python."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tembench.api.frame_method import frame_denoiser, naming_arguments, with_arguments
from tembench.core.errors import ImageError, MethodError
from tembench.methods import load_method
from tembench.micrographs.reading.file_options import FileOptions
from tembench.micrographs.reading.read_image import Micrograph

OPTIONS = FileOptions(dose_e_per_px=0.45)


def frame() -> Micrograph:
    values = np.random.default_rng(0).poisson(0.45, (128, 128)).astype(np.uint8)
    return Micrograph(path=Path("movie"), values=values, pixel_sizes_A=(0.0625, 0.0625))


def test_a_method_is_found_by_name_or_given() -> None:
    method = load_method("gaussian").with_parameters(sigma_px=3.0)
    assert frame_denoiser("gaussian", [frame()], OPTIONS).ready.method.name == "gaussian"
    assert frame_denoiser(method, [frame()], OPTIONS).ready.method == method


def test_a_method_of_series_is_refused_before_anything_is_read() -> None:
    with pytest.raises(MethodError, match="does not denoise single noisy images"):
        frame_denoiser("udvd", [], OPTIONS)


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("Give it with --pixel-size-A, in angstrom", "Give it with pixel_size_A, in angstrom"),
        ("vacuum with --dose", "vacuum with dose_e_per_px"),
        ("with --gain, perhaps 7", "with gain, perhaps 7"),
        ("use --gain 2.5", "use gain=2.5"),
        ("accept read noise with --allow-negative", "accept read noise with allow_negative=True"),
        ("tembench apply bm3d FILE, or", 'method="bm3d", or'),
        ("--gains", "--gains"),
    ],
)
def test_options_are_named_as_arguments(said: str, meant: str) -> None:
    assert with_arguments(said) == meant


def test_errors_keep_their_kind_and_place() -> None:
    with pytest.raises(ImageError) as caught, naming_arguments():
        raise ImageError("is dark", where="a", got="b", remedy="Use --gain 2") from KeyError("c")
    assert str(caught.value) == "a: is dark; got b. Use gain=2"
    assert isinstance(caught.value.__cause__, KeyError)
