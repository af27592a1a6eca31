"""Outputs are checked as a stranger's, then scored; scores stand whole and are reused."""

from __future__ import annotations

import json
import os
import pickle
import re
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import zarr
from leaderboard_fakes import FakeStore, write_arrays
from numcodecs import blosc, zstd

from tembench.core.errors import OutputError
from tembench.core.files import write_toml
from tembench.leaderboard.scoring import score as scoring
from tembench.leaderboard.scoring.metric_inputs import metric_inputs
from tembench.leaderboard.scoring.output_reader import read_outputs
from tembench.leaderboard.scoring.score import read_scores, score
from tembench.metrics import METRICS, evaluate, versions

BLOSC = {
    "name": "blosc",
    "configuration": {
        "typesize": 4,
        "cname": "zstd",
        "clevel": 1,
        "shuffle": "shuffle",
        "blocksize": 0,
    },
}


def edit(outputs: Path, table: str, **values: Any) -> None:
    content = tomllib.loads((outputs / "outputs.toml").read_text())
    content[table].update(values)
    write_toml(outputs / "outputs.toml", content)


def rewrite(outputs: Path, change: Callable[[np.ndarray], np.ndarray], drop: int = 0) -> None:
    """Replace the arrays by changed ones, without the last `drop` images."""
    old = zarr.open_group(outputs / "denoised.zarr", mode="r")
    images, denoised = old["image"][:], old["denoised"][:]
    shutil.rmtree(outputs / "denoised.zarr")
    keep = len(images) - drop
    write_arrays(outputs, images[:keep], change(denoised)[:keep])


def compressed(outputs: Path, codecs: list[dict[str, Any]]) -> None:
    old = zarr.open_group(outputs / "denoised.zarr", mode="r")["denoised"][:]
    shutil.rmtree(outputs / "denoised.zarr" / "denoised")
    array = zarr.create_array(
        outputs / "denoised.zarr" / "denoised", data=old, chunks=(1, 72, 72), compressors=codecs
    )
    assert array.metadata.zarr_format == 3


def edit_metadata(outputs: Path, **values: Any) -> None:
    path = outputs / "denoised.zarr" / "denoised" / "zarr.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def test_scores_are_the_metrics_of_each_image(outputs: Path, store: FakeStore) -> None:
    scores = score(outputs, store, workers=0).scores
    assert list(scores.columns) == ["image", "model", *METRICS, "seconds"]
    assert list(scores["image"]) == list(store.images())
    assert list(scores["model"]) == list(store.table["model"][store.images()])
    image = int(scores["image"][4])
    denoised = zarr.open_group(outputs / "denoised.zarr", mode="r")["denoised"][4]
    expected = evaluate(metric_inputs(store, image, denoised))
    assert dict(scores.loc[4, list(METRICS)]) == expected
    summary = tomllib.loads((outputs / "scores.toml").read_text())
    assert summary["metrics"] == versions()
    assert summary["method"]["name"] == "good"
    assert (outputs / "panel.png").read_bytes().startswith(b"\x89PNG")


def test_workers_change_no_value(
    outputs: Path, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    score(outputs, store, workers=0)
    alone = (outputs / "scores.csv").read_bytes()
    (outputs / "scores.toml").unlink()
    monkeypatch.setattr(scoring, "_FEWEST_FOR_PROCESSES", 0)
    score(outputs, store, workers=2)
    assert (outputs / "scores.csv").read_bytes() == alone


# Estimated from noisy recordings: by chance the clean image need not be the best.
ESTIMATED = {name for name in METRICS if name.startswith(("llr_", "umse"))}
# Read off by a rule that fits the clean image only nearly: it is the best in the mean.
FITTED = {"occupancy_correlation", "occupancy_error_atoms", "site_accuracy"}


@pytest.fixture(scope="module")
def frames(scored: Path) -> dict[str, pd.DataFrame]:
    return {path.name: read_scores(path / "scores.csv") for path in scored.iterdir()}


def loss(values: Any, name: str) -> Any:
    """Lower is better."""
    return -values if METRICS[name].direction == "higher" else values


@pytest.mark.parametrize("name", [name for name in METRICS if name not in ESTIMATED | FITTED])
def test_nothing_is_better_than_the_clean_image(frames: dict[str, pd.DataFrame], name: str) -> None:
    assert frames["clean"][name].to_numpy() == pytest.approx(METRICS[name].ideal)
    best = loss(frames["clean"][name], name)
    assert all((loss(frame[name], name) >= best).all() for frame in frames.values())


@pytest.mark.parametrize("name", sorted(FITTED))
def test_the_clean_image_is_the_best_in_the_mean(
    frames: dict[str, pd.DataFrame], name: str
) -> None:
    means = {method: loss(frame[name].mean(), name) for method, frame in frames.items()}
    assert means["clean"] == pytest.approx(loss(METRICS[name].ideal, name), abs=0.01)
    assert min(means.values()) == means["clean"]


@pytest.mark.parametrize("name", sorted(ESTIMATED - {"llr_called", "llr_invented"}))
def test_estimates_tell_the_clean_image_from_poor_ones(
    frames: dict[str, pd.DataFrame], name: str
) -> None:
    means = {method: loss(frame[name].mean(), name) for method, frame in frames.items()}
    # By columns' discs, "poor" is as good as clean: its noise averages out.
    others = {"noisy", "vacuum"} if name == "llr_columns" else {"noisy", "vacuum", "poor"}
    assert all(means["clean"] < means[other] for other in others)


@pytest.mark.parametrize("name", METRICS)
def test_scores_are_in_the_declared_range(frames: dict[str, pd.DataFrame], name: str) -> None:
    low, high = METRICS[name].range
    assert all(frame[name].between(low, high).all() for frame in frames.values())


@pytest.mark.parametrize(
    "name",
    [
        "psnr_db",
        "ssim",
        "mse",
        "skill",
        "particle_skill",
        "frc_resolution_A",
        "vacuum_ripple",
        "vacuum_false_per_nm2",
        "columns_invented",
        "occupancy_error_atoms",
        "llr_pixels",
        "umse",
        "umse_product",
        "umse_paired",
    ],
)
def test_the_noisy_image_is_the_worst(frames: dict[str, pd.DataFrame], name: str) -> None:
    losses = {method: loss(frame[name].mean(), name) for method, frame in frames.items()}
    assert max(losses.values()) == losses["noisy"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("skill", 0.0),
        ("particle_skill", 0.0),
        ("vacuum_false_per_nm2", 0.0),
        ("column_precision", 0.0),
        ("column_recall", 0.0),
        ("column_f1", 0.0),
        ("surface_jaccard", 0.0),
        ("columns_invented", 0.0),
        ("position_error_pm", 124.0),
        ("occupancy_correlation", 0.0),
        ("released_f1", 0.0),
        ("llr_columns", 0.0),
        ("llr_called", 0.0),
        ("llr_invented", 0.0),
        ("llr_pixels", 0.0),
    ],
)
def test_the_constant_image_scores_exactly(
    frames: dict[str, pd.DataFrame], name: str, value: float
) -> None:
    assert (frames["vacuum"][name] == value).all()


def test_the_constant_image_adds_no_ripple_to_vacuum(frames: dict[str, pd.DataFrame]) -> None:
    assert (frames["vacuum"]["vacuum_ripple"] < 1e-4).all()


def test_complete_scores_are_reused(
    outputs: Path, store: FakeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = score(outputs, store, workers=0).scores

    def never(*arguments: Any) -> None:
        raise AssertionError("scored again")

    with monkeypatch.context() as patch:
        patch.setattr(scoring, "score_image", never)
        second = score(outputs, store, workers=0).scores
    assert first.equals(second)


@pytest.mark.parametrize("spoil", ["scores", "summary", "versions", "outputs"])
def test_incomplete_or_stale_scores_are_made_again(
    outputs: Path, store: FakeStore, monkeypatch: pytest.MonkeyPatch, spoil: str
) -> None:
    first = score(outputs, store, workers=0).scores
    if spoil == "scores":
        (outputs / "scores.csv").write_text("image\n")
    elif spoil == "summary":
        (outputs / "scores.toml").write_text("nonsense = [")
    elif spoil == "versions":
        write_toml(
            outputs / "scores.toml",
            {**tomllib.loads((outputs / "scores.toml").read_text()), "metrics": {"psnr_db": 99}},
        )
    else:
        rewrite(outputs, lambda denoised: denoised + np.float32(0.01))
    again = score(outputs, store, workers=0).scores
    assert again.equals(first) == (spoil != "outputs")


def nothing(outputs: Path) -> None:
    shutil.rmtree(outputs)


def no_toml(outputs: Path) -> None:
    (outputs / "outputs.toml").unlink()


def no_arrays(outputs: Path) -> None:
    shutil.rmtree(outputs / "denoised.zarr")


def bad_toml(outputs: Path) -> None:
    (outputs / "outputs.toml").write_text("[method\n")


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


def double(outputs: Path) -> None:
    rewrite(outputs, lambda denoised: denoised.astype("f8"))


def complex_numbers(outputs: Path) -> None:
    rewrite(outputs, lambda denoised: denoised.astype("c8"))


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


def link_out(outputs: Path) -> None:
    (outputs.parent / "secret").write_text("x")
    (outputs / "denoised.zarr" / "leak").symlink_to(outputs.parent / "secret")


def linked_folder(outputs: Path) -> None:
    target = outputs.parent / "elsewhere"
    shutil.move(outputs / "denoised.zarr", target)
    (outputs / "denoised.zarr").symlink_to(target)


def a_pipe(outputs: Path) -> None:
    os.mkfifo(outputs / "pipe")


def pickled_array(outputs: Path) -> None:
    """A Zarr v2 array of objects, whose codec unpickles."""
    shutil.rmtree(outputs / "denoised.zarr" / "denoised")
    array = outputs / "denoised.zarr" / "denoised"
    array.mkdir()
    (array / ".zarray").write_text(
        json.dumps(
            {
                "zarr_format": 2,
                "shape": [1],
                "chunks": [1],
                "dtype": "|O",
                "order": "C",
                "fill_value": None,
                "compressor": None,
                "filters": [{"id": "pickle"}],
            }
        )
    )
    (array / "0").write_bytes(pickle.dumps(["boom"]))


def pickle_codec(outputs: Path) -> None:
    edit_metadata(outputs, codecs=[{"name": "numcodecs.pickle", "configuration": {}}])


def object_dtype(outputs: Path) -> None:
    edit_metadata(outputs, data_type="object")


def huge_chunks(outputs: Path) -> None:
    grid = {"name": "regular", "configuration": {"chunk_shape": [10**6, 72, 72]}}
    edit_metadata(outputs, chunk_grid=grid)


def nonsense_metadata(outputs: Path) -> None:
    edit_metadata(outputs, codecs=["bytes"], shape="many")


def filled(outputs: Path) -> None:
    """An image that was never written, and a fill value that would stand for it."""
    unwritten(outputs)
    edit_metadata(outputs, fill_value=0.45)


def filled_in_part(outputs: Path) -> None:
    old = zarr.open_group(outputs / "denoised.zarr", mode="r")["denoised"][:]
    shutil.rmtree(outputs / "denoised.zarr" / "denoised")
    group = zarr.open_group(outputs / "denoised.zarr", mode="r+")
    group.create_array("denoised", data=old, chunks=(4, 36, 36), fill_value=0.45)
    (outputs / "denoised.zarr" / "denoised" / "c" / "1" / "0" / "1").unlink()


def countless_images(outputs: Path) -> None:
    for name, shape in (("denoised", [10**12, 72, 72]), ("image", [10**12]), ("seconds", [10**12])):
        path = outputs / "denoised.zarr" / name / "zarr.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"shape": shape}))


def bomb(outputs: Path, codec: str, data: bytes) -> None:
    edit_metadata(outputs, codecs=[{"name": "bytes"}, {"name": codec}])
    chunk = outputs / "denoised.zarr" / "denoised" / "c" / "4" / "0" / "0"
    chunk.write_bytes(data)


def zstd_bomb(outputs: Path) -> None:
    bomb(outputs, "zstd", zstd.compress(bytes(1 << 24), 1))


def zstd_bomb_of_unknown_size(outputs: Path) -> None:
    # Magic number, a descriptor without a content size, a window, one last empty block.
    bomb(outputs, "zstd", b"\x28\xb5\x2f\xfd\x00\x58\x01\x00\x00")


def zstd_bomb_behind_a_frame(outputs: Path) -> None:
    frame = zstd.compress(bytes(4 * 72 * 72), 1)
    bomb(outputs, "zstd", frame + zstd.compress(bytes(1 << 24), 1))


def blosc_bomb(outputs: Path) -> None:
    compressed(outputs, [BLOSC])
    chunk = outputs / "denoised.zarr" / "denoised" / "c" / "4" / "0" / "0"
    chunk.write_bytes(blosc.compress(bytes(1 << 24), b"zstd", 1, 1))


def compressed_twice(outputs: Path) -> None:
    edit_metadata(outputs, codecs=[{"name": "bytes"}, {"name": "zstd"}, {"name": "zstd"}])


def a_shard(outputs: Path) -> None:
    edit_metadata(outputs, codecs=[{"name": "sharding_indexed", "configuration": {}}])


def other_keys(outputs: Path) -> None:
    edit_metadata(outputs, chunk_key_encoding={"name": "v2"})


def a_type_that_is_no_name(outputs: Path) -> None:
    path = outputs / "denoised.zarr" / "image" / "zarr.json"
    data_type = {"name": "struct", "configuration": {}}
    path.write_text(json.dumps(json.loads(path.read_text()) | {"data_type": data_type}))


def a_type_that_is_a_riddle(outputs: Path) -> None:
    edit_metadata(outputs, data_type="(99999999999999,)f4")


def link_to_itself(outputs: Path) -> None:
    (outputs / "denoised.zarr" / "loop").symlink_to("loop")


def link_to_nothing(outputs: Path) -> None:
    (outputs / "denoised.zarr" / "gone").symlink_to("nowhere")


def times_before_zero(outputs: Path) -> None:
    zarr.open_group(outputs / "denoised.zarr", mode="r+")["seconds"][2] = -1.0


def append(outputs: Path, text: str) -> None:
    path = outputs / "outputs.toml"
    path.write_text(text + "\n" + path.read_text())


def long_key(outputs: Path) -> None:
    append(outputs, ".".join("a" * 5000) + " = 1")


def deep_table(outputs: Path) -> None:
    append(outputs, ".".join("a" * 1500) + " = 1")


def deep_list(outputs: Path) -> None:
    append(outputs, "a = " + "[" * 1500 + "]" * 1500)


def much_text(outputs: Path) -> None:
    append(outputs, "# nothing\n" * 40_000)


def huge_parameter(outputs: Path) -> None:
    edit(outputs, "method", parameters={"a": 10**4000})


def nested_parameter(outputs: Path) -> None:
    edit(outputs, "method", parameters={"a": {"b": 1}})


def damaged_chunk(outputs: Path) -> None:
    chunk = outputs / "denoised.zarr" / "denoised" / "c" / "4" / "0" / "0"
    chunk.write_bytes(b"\x00" * 40)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (nothing, "no such folder"),
        (no_toml, "outputs.toml: no such file"),
        (bad_toml, "outputs.toml: not valid TOML"),
        (two_mistakes, "2 mistakes.*method.kind.*got 'magic'.*method.colour: unknown key"),
        (another_recipe, f"expected recipe_id {'ab' * 32}.*got {'0' * 64}"),
        (unknown_split, "data.split: expected one of model, paper, .*, got 'random'"),
        (seen_truth, "method.input: only a control"),
        (no_arrays, "denoised.zarr: no such folder"),
        (smaller, r"wrong shape; expected \(images, 72, 72\), got \(10, 71, 72\)"),
        (double, "wrong data type; expected float32, got float64"),
        (complex_numbers, "wrong data type; expected float32, got complex64"),
        (too_few, "3 of 10 images missing: 9, 10, 11"),
        (unwritten, "1 of 10 images missing: 5"),
        (a_nan, "image 3 has 1 pixels that are NaN or infinite"),
        (an_infinity, "image 4 has 4 pixels"),
        (all_nan, "image 3 is missing|images missing: 3"),
        (link_out, "leak is a link that leads out of the folder"),
        (linked_folder, "denoised.zarr is a link that leads out"),
        (a_pipe, "pipe is neither a file nor a folder"),
        (pickled_array, "no Zarr v3 array"),
        (pickle_codec, "a codec that is not opened here.*got numcodecs.pickle"),
        (object_dtype, "wrong data type; expected float32, got object"),
        (huge_chunks, "chunks too large"),
        (nonsense_metadata, "not the metadata of a Zarr v3 array"),
        (damaged_chunk, "cannot be read"),
        (filled, "1 of 10 images missing: 5"),
        (filled_in_part, "4 of 10 images missing: 6, 7, 8, 9"),
        (countless_images, "too many images; expected 10, got 1000000000000"),
        (zstd_bomb, "c/4/0/0: cannot be read.*expected at most 20740 bytes, got 16777216 bytes"),
        (zstd_bomb_of_unknown_size, "c/4/0/0: cannot be read.*got an unknown size"),
        (zstd_bomb_behind_a_frame, "c/4/0/0: cannot be read.*got an unknown size"),
        (blosc_bomb, "c/4/0/0: cannot be read.*expected at most 20740 bytes, got 16777216 bytes"),
        (compressed_twice, "compressed more than once"),
        (a_shard, "a codec that is not opened here.*got sharding_indexed"),
        (other_keys, "not a plain Zarr v3 array"),
        (a_type_that_is_no_name, "wrong data type"),
        (a_type_that_is_a_riddle, "wrong data type; expected float32"),
        (link_to_itself, "loop is a link that leads out of the folder or nowhere"),
        (link_to_nothing, "gone is a link that leads out of the folder or nowhere"),
        (times_before_zero, "impossible times"),
        (long_key, "lines of at most 4096 bytes"),
        (deep_table, "tables at most 16 deep"),
        (deep_list, "outputs.toml: nested too deeply"),
        (much_text, "at most 256 KiB"),
        (huge_parameter, "method.parameters: expected numbers, text"),
        (nested_parameter, "method.parameters: expected numbers, text"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_bad_outputs_get_one_line_and_no_scores(
    outputs: Path,
    store: FakeStore,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Path], None],
    message: str,
) -> None:
    def never(*arguments: Any, **options: Any) -> None:
        raise AssertionError("unpickled")

    spoil(outputs)
    monkeypatch.setattr(pickle, "loads", never)
    before = {path.name for path in outputs.iterdir()} if outputs.exists() else set()
    with pytest.raises(OutputError) as caught:
        score(outputs, store, workers=0)
    assert re.search(message, str(caught.value)), str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 6
    assert before == ({path.name for path in outputs.iterdir()} if outputs.exists() else set())


@pytest.mark.parametrize(
    "codecs",
    [
        [],
        [{"name": "zstd", "configuration": {"level": 3, "checksum": False}}],
        [{"name": "zstd", "configuration": {"level": 3, "checksum": True}}],
        [{"name": "zstd", "configuration": {"level": 3, "checksum": False}}, {"name": "crc32c"}],
        [{"name": "crc32c"}, BLOSC],
    ],
)
def test_plain_codecs_are_read(
    outputs: Path, store: FakeStore, codecs: list[dict[str, Any]]
) -> None:
    expected = score(outputs, store, workers=0).scores
    compressed(outputs, codecs)
    assert score(outputs, store, workers=0).scores.equals(expected)


def test_links_inside_the_folder_are_fine(outputs: Path, store: FakeStore) -> None:
    shutil.move(outputs / "denoised.zarr", outputs / "real.zarr")
    (outputs / "denoised.zarr").symlink_to("real.zarr")
    assert len(read_outputs(outputs, store).images) == 10


def test_images_may_come_in_any_order(outputs: Path, store: FakeStore) -> None:
    expected = score(outputs, store, workers=0).scores
    old = zarr.open_group(outputs / "denoised.zarr", mode="r")
    images, denoised = old["image"][:], old["denoised"][:]
    shutil.rmtree(outputs / "denoised.zarr")
    write_arrays(outputs, images[::-1].copy(), denoised[::-1].copy())
    assert score(outputs, store, workers=0).scores.equals(expected)


def test_times_that_were_not_measured_stay_unknown(outputs: Path, store: FakeStore) -> None:
    shutil.rmtree(outputs / "denoised.zarr" / "seconds")
    scores = score(outputs, store, workers=0).scores
    assert scores["seconds"].isna().all()
    assert not scores[list(METRICS)].isna().any().any()
