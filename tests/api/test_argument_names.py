"""Messages about files in the words of Python."""

from __future__ import annotations

import pytest

from tembench.api.argument_names import naming_arguments, with_arguments
from tembench.core.errors import ImageError


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
