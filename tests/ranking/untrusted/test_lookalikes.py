"""Texts that look alike have one key, and others do not."""

from __future__ import annotations

import pytest

from tembench.ranking.untrusted.lookalikes import lookalike_key


@pytest.mark.parametrize(
    "text",
    [
        "bm3d, binned",
        "BM3D,binned ",
        "\u0412\u041c3D, binned",
        "\uff22\uff2d\uff13\uff24, binned",
        "BM3D, b\u0456nned",
        "BM3D, binn\u00e9d",
        "BM3D, b1nned",
    ],
)
def test_texts_that_look_alike(text: str) -> None:
    assert lookalike_key(text) == lookalike_key("BM3D, binned")


def test_kinds_of_hyphens_look_alike() -> None:
    assert len({lookalike_key(f"U{sign}Net") for sign in "-\u2010\u2011\u2013\u2014\u2212"}) == 1


@pytest.mark.parametrize("other", ["BM3D", "BM4D, binned", "BM3D, binned twice", ""])
def test_other_texts_do_not(other: str) -> None:
    assert lookalike_key(other) != lookalike_key("BM3D, binned")


def test_titles_of_the_benchmark_differ() -> None:
    from tembench.core import list_methods
    from tembench.methods.method import load_method

    titles = [load_method(name).title for name in list_methods()]
    assert len(set(map(lookalike_key, titles))) == len(titles)
