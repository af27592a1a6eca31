"""Arrays and functions scored, written and submitted through `tembench`'s names."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import gaussian_filter

import tembench as tb
from tembench.methods import denoise
from tembench.ranking import check_submission, score_outputs


def smoothed(image: tb.NoisyImage) -> np.ndarray:
    return gaussian_filter(image.counts.astype("float32"), 6)


class NotAnArray:
    def __array__(self, *_: object, **__: object) -> np.ndarray:
        raise TypeError("moved to another planet")


@pytest.fixture(scope="module")
def store(tiny_store_path: Path) -> tb.Store:
    return tb.open_store(tiny_store_path)


@pytest.fixture(scope="module")
def drawn(tiny_drawn_path: Path) -> tb.Store:
    return tb.open_store(tiny_drawn_path)


@pytest.mark.parametrize("part", ["test", "validation"])
def test_a_function_and_its_arrays_have_the_same_scores(store: tb.Store, part: str) -> None:
    by_function = tb.score_all(smoothed, store, part=part)
    numbers = store.images("model", part).tolist()
    assert by_function.index.tolist() == numbers
    assert (by_function["seconds"] > 0).all()
    arrays = [smoothed(store.noisy_image(number)) for number in numbers]
    for given in (arrays, np.stack(arrays).astype("f8"), dict(zip(numbers, arrays, strict=True))):
        scores = tb.score_all(given, store, part=part)
        assert scores["seconds"].isna().all()
        pd.testing.assert_frame_equal(
            scores.drop(columns="seconds"), by_function.drop(columns="seconds"), rtol=1e-6
        )
    one = tb.score(arrays[0], store, numbers[0])
    assert one["psnr_db"] == by_function["psnr_db"].iloc[0]


def test_validation_images_of_drawn_stores_are_scored(drawn: tb.Store) -> None:
    scores = tb.score_all(smoothed, drawn, part="validation")
    assert np.isfinite(scores["psnr_db"]).all()


def test_a_method_object_is_scored(store: tb.Store) -> None:
    scores = tb.score_all(tb.load_method("gaussian").build(), store)
    assert (scores["psnr_db"] > 15).all()


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda a: a[:-1], "another number of images; expected 4"),
        (lambda a: [x[:5] for x in a], "has the wrong shape"),
        (lambda a: [x * np.nan for x in a], "pixels that are NaN"),
        (lambda a: [np.ma.masked_less(x, 99) for x in a], "pixels that are NaN"),
        (lambda a: [x.astype(complex) for x in a], "not an array of real numbers"),
        (lambda a: [NotAnArray() for x in a], "is not an array; got moved to another planet"),
        (lambda a: [x.astype(str) for x in a], "not an array of real numbers"),
        (lambda a: {1: a[0]}, "4 of 4 images are missing"),
        (lambda a: 3.0, "cannot be read as denoised images; .* got float"),
        (lambda a: lambda image: None, "not an array of real numbers"),
        (lambda a: lambda image: image.counts[None], "has the wrong shape"),
    ],
)
def test_wrong_arrays_are_refused_in_a_line(
    store: tb.Store, spoil: Any, message: str, tmp_path: Path
) -> None:
    arrays = [store.noisy(number) for number in store.images()]
    with pytest.raises(tb.TembenchError, match=message):
        tb.score_all(spoil(arrays), store)
    with pytest.raises(tb.TembenchError, match=message):
        tb.write_outputs(tmp_path / "out", store, spoil(arrays))
    assert not list(tmp_path.iterdir())


def test_arrays_become_a_row(store: tb.Store, tmp_path: Path) -> None:
    metadata = {"title": "My filter", "kind": "classical", "parameters": {"sigma": 6.0}}
    outputs = tb.write_outputs(tmp_path / "My Filter", store, smoothed, metadata)
    tb.submit(outputs, store, name="mine", folder=tmp_path / "submissions")
    table = tb.leaderboard(tmp_path / "submissions")
    row = table.to_dataframe().loc["mine"]
    assert (row["title"], row["kind"], row["rank"]) == ("My filter", "classical", 1)
    assert row["psnr_db"] == pytest.approx(tb.score_all(smoothed, store)["psnr_db"].mean())
    assert row["psnr_db_low"] <= row["psnr_db"] <= row["psnr_db_high"]
    assert "My filter" in table._repr_html_()


def test_outputs_of_a_function_are_those_of_the_method(store: tb.Store, tmp_path: Path) -> None:
    method = tb.load_method("gaussian")
    theirs = denoise(method, store, tmp_path / "method", workers=0)
    ours = tb.write_outputs(tmp_path / "function", store, method.build())
    scores = [score_outputs(folder, store, workers=0).scores for folder in (theirs, ours)]
    pd.testing.assert_frame_equal(*(one.drop(columns="seconds") for one in scores))


def test_nothing_is_overwritten_unless_asked(store: tb.Store, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    tb.write_outputs(folder, store, smoothed)
    with pytest.raises(tb.TembenchError, match=r"exists already.*overwrite=True"):
        tb.write_outputs(folder, store, smoothed)
    tb.write_outputs(folder, store, smoothed, overwrite=True)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("")
    with pytest.raises(tb.TembenchError, match="exists already"):
        tb.write_outputs(tmp_path / "other", store, smoothed, overwrite=True)
    with pytest.raises(tb.TembenchError, match="would overwrite an input"):
        tb.write_outputs(store.path / "out", store, smoothed)


def test_all_wrong_keys_of_the_metadata_are_told_at_once(store: tb.Store, tmp_path: Path) -> None:
    wrong = {"name": "My Filter", "kind": "clever", "licence": 3, "colour": "red"}
    with pytest.raises(tb.TembenchError) as caught:
        tb.write_outputs(tmp_path / "out", store, smoothed, wrong)
    for key in ("method.name", "method.kind", "method.licence", "run.colour"):
        assert key in str(caught.value)


def test_several_tables_are_told_apart() -> None:
    with pytest.raises(tb.TembenchError, match=r"tables.*recipe="):
        tb.leaderboard("submissions")


def test_a_store_shows_itself(store: tb.Store, drawn: tb.Store) -> None:
    for one in (store, drawn):
        page = one._repr_html_()
        assert page.count("<tr>") == 1 + sum(c.startswith("split_") for c in one.table)
        tree = one.to_xarray()
        for number in one.images("model", "validation")[:2].tolist():
            clean = tree["clean"].sel(image=number)
            assert clean.dtype == np.float32
            np.testing.assert_array_equal(clean.to_numpy(), one.clean(number))
        number = int(one.images()[0])
        place = tree["test_image"].to_numpy().tolist().index(number)
        noisy = tree["noisy"].isel(test_image=place)
        assert noisy.dtype == np.float32
        np.testing.assert_array_equal(noisy.to_numpy(), one.noisy(number))
        assert len(tree["columns"].to_dataset(inherit=False).to_dataframe())


def test_a_noisy_image_has_no_truth(store: tb.Store) -> None:
    number = int(store.images()[0])
    image = store.noisy_image(number, series=True)
    assert image.series is not None
    np.testing.assert_array_equal(image.counts, store.noisy(number))
    assert vars(image).keys() == {"counts", "pixel_size_A", "dose_e_per_px", "series"}


def test_files_of_any_format_become_a_row(store: tb.Store, tmp_path: Path) -> None:
    numbers = store.images().tolist()
    arrays = [smoothed(store.noisy_image(number)) for number in numbers]
    np.savez(tmp_path / "smooth.npz", **dict(zip(map(str, numbers), arrays, strict=True)))
    stated = {"title": "Smooth", "kind": "classical", "authors": "A", "hardware": "a laptop"}
    folder = tmp_path / "submissions"
    made = tb.submit(tmp_path / "smooth.npz", store, folder=folder, metadata=stated)
    assert made == folder / "smooth"
    found = check_submission(made)
    assert found.description.method.trained_on == "nothing"
    assert found.description.run.device == "a laptop"
    expected = tb.score_all(dict(zip(numbers, arrays, strict=True)), store)
    assert found.scores["psnr_db"].tolist() == expected["psnr_db"].tolist()
    np.savez(tmp_path / "smooth.npz", **dict(zip(map(str, numbers), arrays[::-1], strict=True)))
    with pytest.raises(tb.TembenchError, match=r"--accept-warnings|--replace"):
        tb.submit(tmp_path / "smooth.npz", store, folder=folder, metadata=stated)
    changed = tb.submit(
        tmp_path / "smooth.npz", store, folder=folder, metadata=stated, replace=True,
        accept_warnings=True,
    )  # fmt: skip
    assert check_submission(changed).outputs_sha256 != found.outputs_sha256
