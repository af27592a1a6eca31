"""Parameters given as NAME=VALUE."""

from __future__ import annotations

import pytest

from tembench.errors import MethodError
from tembench.methods.protocol import Method
from tembench.study.settings import overrides


def test_values_are_read_as_in_toml(method: Method) -> None:
    assert overrides(method, ["steps=5", "offset=1", "loud=true"]) == {
        "steps": 5,
        "offset": 1.0,
        "loud": True,
    }
    assert overrides(method, []) == {}


@pytest.mark.parametrize(
    ("setting", "what"),
    [
        ("steps", "expected NAME=VALUE"),
        ("=5", "expected NAME=VALUE"),
        ("size=5", "unknown parameter size"),
        ("steps=many", "parameter steps is of another type; expected a whole number, such as 10"),
        ("steps=1.5", "parameter steps is of another type"),
        ("offset=true", "parameter offset is of another type; expected a number"),
        ("loud=1", "parameter loud is of another type; expected true or false"),
    ],
)
def test_mistakes_are_one_line(method: Method, setting: str, what: str) -> None:
    with pytest.raises(MethodError, match=what) as caught:
        overrides(method, [setting])
    assert "\n" not in str(caught.value)
