"""Parsers of ``[splits]`` and ``[tracks]``."""

from __future__ import annotations

from typing import Any

from tembench.core import Reader
from tembench.recipe.model import CONTRASTS, Splits
from tembench.recipe.parse_factors import defoci, distinct, tilts


def splits(reader: Reader) -> Splits:
    """Read ``[splits]``."""
    parsed = Splits(
        validation_models=reader.texts("validation_models"),
        test_models=reader.texts("test_models"),
        test_images=reader.integer("test_images", at_least=1)
        if reader.has("test_images")
        else None,
        paper_validation_share=reader.number(
            "paper_validation_share", default=0.05, at_least=0, at_most=0.5
        ),
        paper_test_share=reader.number("paper_test_share", default=0.05, at_least=0, at_most=0.5),
    )
    # A benchmark needs a test; without training images, only trained methods are missing.
    if reader.is_empty("test_models"):
        reader.problem("test_models", "expected at least one model")
    reader.finish()
    return parsed


def tracks(reader: Reader) -> dict[str, tuple[Any, ...]]:
    """Read ``[tracks]``: the values that each track holds out, by its name."""
    held_out = {
        "contrast": reader.texts("contrast", default=(), choices=CONTRASTS),
        "structure": reader.texts("structure", default=()),
        "defect": reader.texts("defect", default=()),
        "thickness": reader.numbers("thickness_A", default=()),
        "tilt": tilts(reader, ()),
        "defocus": defoci(reader, ()),
    }
    for track, key in (
        ("contrast", "contrast"),
        ("structure", "structure"),
        ("defect", "defect"),
        ("thickness", "thickness_A"),
    ):
        distinct(reader, key, held_out[track])
    reader.finish()
    return {track: values for track, values in held_out.items() if values}
