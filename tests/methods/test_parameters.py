"""Parameters of a method: finite, and in their range."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from tembench.cli import cli
from tembench.core import list_methods
from tembench.core.errors import ImageError, MethodError
from tembench.methods.method import load_method
from tembench.methods.parameters import least_of
from tembench.micrographs.reading.file_options import FileOptions


@pytest.mark.parametrize("name", list_methods())
def test_impossible_values_of_parameters_are_refused(name: str) -> None:
    method = load_method(name)
    for parameter, usual in method.parameters.items():
        if isinstance(usual, bool) or not isinstance(usual, int | float):
            continue
        least = least_of(usual, method.least.get(parameter))
        wrong = [-1, -(10**9)] if least == 0 else [0, -1]
        if type(usual) is float:
            wrong = [-0.5, math.nan, math.inf, -math.inf]
        for value in wrong:
            with pytest.raises(MethodError, match=f"impossible parameter {parameter}; expected"):
                method.settings(**{parameter: value})
        method.settings(**{parameter: usual})


def test_numbers_in_lists_are_checked_too() -> None:
    with pytest.raises(MethodError, match="impossible parameter kept"):
        load_method("thinning").settings(kept=[0.5, math.nan])


def test_a_method_may_declare_a_lower_minimum(write_method, good_toml: str) -> None:
    method = load_method(write_method(toml=good_toml + "[least]\nscale = -2\n"))
    assert method.settings(scale=-1.5)["scale"] == -1.5
    with pytest.raises(MethodError, match="impossible parameter scale; expected -2 or more"):
        method.settings(scale=-3.0)
    assert load_method("thinning").settings(images=0)["images"] == 0
    for wrong, message in (("skale = 0", "least.skale"), ('scale = "a"', "least.scale")):
        with pytest.raises(MethodError, match=message):
            load_method(write_method(toml=good_toml + f"[least]\n{wrong}\n"))


@pytest.mark.parametrize("name", ["pixel_size_A", "dose_e_per_px", "gain", "vacuum"])
@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0, 0.0])
def test_files_have_finite_positive_numbers(name: str, value: float) -> None:
    with pytest.raises(ImageError, match=f"impossible {name}; expected a finite number above 0"):
        FileOptions(**{name: value})


@pytest.mark.parametrize("option", ["--pixel-size-A", "--dose", "--gain", "--vacuum"])
@pytest.mark.parametrize("value", ["nan", "inf", "-1", "0", "1e999"])
def test_an_option_is_a_finite_positive_number(tmp_path: Path, option: str, value: str) -> None:
    np.save(tmp_path / "a.npy", np.ones((9, 9), np.uint8))
    arguments = ["apply", "gaussian", str(tmp_path / "a.npy"), "--add-noise", option, value]
    result = CliRunner().invoke(cli, [*arguments, "--out", str(tmp_path / "out")])
    assert result.exit_code == 2
    assert option in result.output
    assert not (tmp_path / "out").exists()
