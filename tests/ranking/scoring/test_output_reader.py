"""Outputs are checked against their store before they are scored."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zarr
from ranking_fakes import FakeStore
from spoiled_outputs import assert_refused, edit, rewrite

from tembench.ranking.scoring.output_reader import read_outputs


def nothing(outputs: Path) -> None:
    shutil.rmtree(outputs)


def no_arrays(outputs: Path) -> None:
    shutil.rmtree(outputs / "denoised.zarr")


def two_mistakes(outputs: Path) -> None:
    edit(outputs, "method", kind="magic", colour="red")


def another_recipe(outputs: Path) -> None:
    edit(outputs, "data", recipe_id="0" * 64)


def unknown_split(outputs: Path) -> None:
    edit(outputs, "data", split="random")


def seen_truth(outputs: Path) -> None:
    edit(outputs, "method", input="clean")


def smaller(outputs: Path) -> None:
    rewrite(outputs, lambda denoised: denoised[:, :-1])


def too_few(outputs: Path) -> None:
    rewrite(outputs, lambda denoised: denoised, drop=3)


def unwritten(outputs: Path) -> None:
    shutil.rmtree(outputs / "denoised.zarr" / "denoised" / "c" / "3")


def a_nan(outputs: Path) -> None:
    def change(denoised: np.ndarray) -> np.ndarray:
        denoised[1, 5, 5] = np.nan
        return denoised

    rewrite(outputs, change)


def an_infinity(outputs: Path) -> None:
    def change(denoised: np.ndarray) -> np.ndarray:
        denoised[2, 0, :4] = -np.inf
        return denoised

    rewrite(outputs, change)


def all_nan(outputs: Path) -> None:
    rewrite(
        outputs,
        lambda denoised: (
            np.full_like(denoised, 0.45)
            * np.where(np.arange(len(denoised)) == 1, np.nan, 1).astype("f4")[:, None, None]
        ),
    )


def times_before_zero(outputs: Path) -> None:
    zarr.open_group(outputs / "denoised.zarr", mode="r+")["seconds"][2] = -1.0


def huge_parameter(outputs: Path) -> None:
    edit(outputs, "method", parameters={"a": 10**4000})


def nested_parameter(outputs: Path) -> None:
    edit(outputs, "method", parameters={"a": {"b": 1}})


def test_links_inside_the_folder_are_fine(outputs: Path, store: FakeStore) -> None:
    shutil.move(outputs / "denoised.zarr", outputs / "real.zarr")
    (outputs / "denoised.zarr").symlink_to("real.zarr")
    assert len(read_outputs(outputs, store).images) == 10


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (nothing, "no such folder"),
        (two_mistakes, "2 mistakes.*method.kind.*got 'magic'.*method.colour: unknown key"),
        (another_recipe, f"expected recipe_id {'ab' * 32}.*got {'0' * 64}"),
        (unknown_split, "data.split: expected one of model, paper, .*, got 'random'"),
        (seen_truth, "method.input: expected noisy or series, got clean: only a control"),
        (no_arrays, "denoised.zarr: no such folder"),
        (smaller, r"wrong shape; expected \(images, 72, 72\), got \(10, 71, 72\)"),
        (a_nan, "image 3 has 1 pixels that are NaN or infinite"),
        (an_infinity, "image 4 has 4 pixels"),
        (times_before_zero, "impossible times"),
        (huge_parameter, "method.parameters: expected numbers, text"),
        (nested_parameter, "method.parameters: expected numbers, text"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_outputs_that_disagree_with_their_store_are_refused(
    outputs: Path,
    store: FakeStore,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Path], None],
    message: str,
) -> None:
    spoil(outputs)
    assert_refused(outputs, store, monkeypatch, message)
