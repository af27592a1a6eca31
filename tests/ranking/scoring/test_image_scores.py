"""Images that outputs lack count as the worst; the digest of outputs depends on values alone."""

from __future__ import annotations

import json
import math
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zarr
from ranking_fakes import FakeStore, write_arrays
from spoiled_outputs import edit, rewrite

from tembench.core.errors import OutputError
from tembench.metrics import METRICS, evaluate
from tembench.ranking.scoring.image_scores import missing_scores
from tembench.ranking.scoring.kept_rows import PARTIAL_SCORES
from tembench.ranking.scoring.metric_inputs import metric_inputs
from tembench.ranking.scoring.score import ScoredOutputs, score_outputs
from tembench.ranking.scoring.scores_file import read_scores
from tembench.ranking.untrusted.consistency import contradictions


def recorded(outputs: Path) -> dict[str, object]:
    return tomllib.loads((outputs / "scores.toml").read_text())["scores"]


@pytest.mark.slow
@pytest.mark.parametrize("image", [2, 5, 9])
def test_a_missing_image_is_as_bad_as_nothing_and_as_noise(store: FakeStore, image: int) -> None:
    found = missing_scores(store, image)  # type: ignore[arg-type]
    assert list(found) == list(METRICS)
    assert all(map(math.isfinite, found.values()))
    assert contradictions({name: np.array([value]) for name, value in found.items()}) == {}
    for trivial in (np.zeros(store.shape), store.noisy(image)):
        values = evaluate(metric_inputs(store, image, trivial.astype(np.float32)))  # type: ignore[arg-type]
        for name, metric in METRICS.items():
            better = values[name] >= found[name]
            assert better if metric.direction == "higher" else values[name] <= found[name], name
            assert metric.bounds[0] <= found[name] <= metric.bounds[1]


def too_few(outputs: Path) -> None:
    rewrite(outputs, lambda denoised: denoised, drop=2)


def too_few_and_said_so(outputs: Path) -> None:
    too_few(outputs)
    edit(outputs, "data", images=8)


def unwritten(outputs: Path) -> None:
    for position in (8, 9):
        shutil.rmtree(outputs / "denoised.zarr" / "denoised" / "c" / str(position))


def unwritten_with_another_fill(outputs: Path) -> None:
    unwritten(outputs)
    path = outputs / "denoised.zarr" / "denoised" / "zarr.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"fill_value": 0.45}))


def a_chunk_of_several_images(outputs: Path) -> None:
    """A lost part of the last images, which a fill value would replace."""
    group = zarr.open_group(outputs / "denoised.zarr", mode="r+")
    old = group["denoised"][:]
    shutil.rmtree(outputs / "denoised.zarr" / "denoised")
    group.create_array("denoised", data=old, chunks=(4, 36, 36), fill_value=0.45)
    (outputs / "denoised.zarr" / "denoised" / "c" / "2" / "0" / "1").unlink()


def all_nan(outputs: Path) -> None:
    zarr.open_group(outputs / "denoised.zarr", mode="r+")["denoised"][8:] = np.nan


@pytest.mark.slow
@pytest.mark.parametrize(
    "spoil",
    [
        too_few,
        too_few_and_said_so,
        unwritten,
        unwritten_with_another_fill,
        a_chunk_of_several_images,
        all_nan,
    ],
)
def test_missing_images_are_scored_as_the_worst(
    outputs: Path, store: FakeStore, scored: Path, spoil: Callable[[Path], None]
) -> None:
    whole, before = read_scores(scored / "good" / "scores.csv"), recorded(scored / "good")
    assert before["missing"] == 0
    spoil(outputs)
    made = score_outputs(outputs, store, workers=0)  # type: ignore[arg-type]
    content = tomllib.loads((outputs / "scores.toml").read_text())
    assert made.missing == content["scores"]["missing"] == 2
    assert content["data"]["images"] == content["scores"]["images"] == len(made.scores) == 10
    assert content["scores"]["outputs_sha256"] != before["outputs_sha256"]
    assert made.scores[:8].equals(whole[:8])
    for _, row in made.scores[8:].iterrows():
        assert dict(row[list(METRICS)]) == missing_scores(store, int(row["image"]))  # type: ignore[arg-type]
        assert math.isnan(row["seconds"])
    assert made.warnings == ()
    # What was scored before is reused, with the same record.
    again = score_outputs(outputs, store, workers=0)  # type: ignore[arg-type]
    assert (again.missing, again.warnings) == (2, ())


@pytest.mark.slow
def test_outputs_without_any_image_are_refused(outputs: Path, store: FakeStore) -> None:
    zarr.open_group(outputs / "denoised.zarr", mode="r+")["denoised"][:] = np.nan
    with pytest.raises(OutputError, match="all images are missing"):
        score_outputs(outputs, store, workers=0)  # type: ignore[arg-type]
    assert not (outputs / "scores.csv").exists()
    assert not (outputs / PARTIAL_SCORES).exists()


def test_outputs_that_were_interrupted_are_to_be_resumed(outputs: Path, store: FakeStore) -> None:
    (outputs / "outputs.toml").unlink()
    with pytest.raises(OutputError, match=r"not complete.*run the same tembench denoise again"):
        score_outputs(outputs, store, workers=0)  # type: ignore[arg-type]


def test_another_number_of_images_is_refused(outputs: Path, store: FakeStore) -> None:
    edit(outputs, "data", images=7)
    with pytest.raises(OutputError, match=r"data.images disagrees with the split; expected 10"):
        score_outputs(outputs, store, workers=0)  # type: ignore[arg-type]


def digest_of(scored: ScoredOutputs) -> object:
    return recorded(scored.outputs.path)["outputs_sha256"]


@pytest.mark.slow
def test_the_digest_of_outputs_depends_on_values_alone(
    outputs: Path, store: FakeStore, scored: Path
) -> None:
    first = recorded(scored / "good")["outputs_sha256"]
    old = zarr.open_group(outputs / "denoised.zarr", mode="r")
    images, denoised = old["image"][:], old["denoised"][:]
    shutil.rmtree(outputs / "denoised.zarr")
    # Another order of images, other chunks, no compression, other bytes.
    write_arrays(outputs, images[::-1].copy(), denoised[::-1].copy())
    shutil.rmtree(outputs / "denoised.zarr" / "denoised")
    zarr.open_group(outputs / "denoised.zarr", mode="r+").create_array(
        "denoised",
        data=denoised[::-1].copy(),
        chunks=(3, 40, 72),
        compressors=None,
        serializer=zarr.codecs.BytesCodec(endian="big"),
    )
    assert digest_of(score_outputs(outputs, store, workers=0)) == first  # type: ignore[arg-type]
    zarr.open_group(outputs / "denoised.zarr", mode="r+")["denoised"][4, 7, 7] += np.float32(1e-6)
    assert digest_of(score_outputs(outputs, store, workers=0)) != first  # type: ignore[arg-type]
