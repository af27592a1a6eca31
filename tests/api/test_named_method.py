"""Methods found by name or folder, or given."""

from __future__ import annotations

import pytest

from tembench.api.named_method import method_source, single_image_methods
from tembench.core.errors import MethodError
from tembench.methods import load_method
from tembench.micrographs.domain import ReadyMethod
from tembench.micrographs.selection import AutoMethod


def test_a_method_is_found_by_name_or_given() -> None:
    method = load_method("gaussian").with_parameters(sigma_px=3.0)
    for found in (method_source("gaussian"), method_source(load_method("gaussian").folder)):
        assert found.name == "gaussian"
    assert method_source(method) == ReadyMethod(method=method)


def test_a_method_that_does_not_exist_is_refused() -> None:
    with pytest.raises(MethodError, match="no-such-method"):
        method_source("no-such-method")


def test_methods_that_need_no_training_are_offered() -> None:
    names = single_image_methods()
    assert {"bm3d", "unet-open", "spectral-wiener"} <= set(names)
    assert {load_method(name).input for name in names} == {"noisy"}


def test_a_choice_has_no_weights() -> None:
    assert isinstance(method_source("auto"), AutoMethod)
    with pytest.raises(MethodError, match="method auto: has no weights"):
        method_source("auto", "somewhere")
