"""Images of any format become a submission: numbered, imported, described, scored."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import tifffile
import zarr
from ranking_fakes import FakeStore, denoisers
from spoiled_outputs import edit

from tembench import __version__
from tembench.core.errors import OutputError
from tembench.dataset import opaque_numbers
from tembench.ranking import submission_trial, submit_images
from tembench.ranking.scoring.scores_file import read_scores
from tembench.ranking.submission import check_submission
from tembench.ranking.submitting import image_import, submit_images as submitting
from tembench.ranking.submitting.image_numbers import LEFT_OUT, PartImages, numbers_in_store
from tembench.ranking.submitting.unscored import unscored_images
from tembench.ranking.untrusted_images.image_stack import ImageStack

STORE: Any = FakeStore()
OWN = STORE.images().tolist()
SHUFFLED = [n for _, n in sorted(zip(opaque_numbers(STORE, OWN), OWN, strict=True))]
OPAQUE = dict(zip(OWN, opaque_numbers(STORE, OWN), strict=True))
STATED = {
    "title": "Mine",
    "authors": "A. Person",
    "paper": "https://doi.org/10.1109/TCI.2022.3176536",
    "code": "https://github.com/a/b",
    "licence": "MIT",
    "trained_on": "this track",
    "training_data": "the training part",
    "supervised": True,
    "kind": "learned",
    "hardware": "a laptop",
    "seconds_per_image": 0.5,
    "summary": "A network.",
}


def denoised(image: int) -> np.ndarray:
    return denoisers(STORE)["good"][1](image).astype(np.float32)


def stack_of(order: list[int]) -> np.ndarray:
    return np.stack([denoised(image) for image in order])


def shuffled_array(path: Path) -> Path:
    np.save(path / "mine.npy", stack_of(SHUFFLED))
    return path / "mine.npy"


def folder_by_own_number(path: Path) -> Path:
    (path / "mine").mkdir()
    for image in OWN:
        np.save(path / "mine" / f"denoised_{image:05d}.npy", denoised(image))
    return path / "mine"


def folder_by_opaque_number(path: Path) -> Path:
    (path / "mine").mkdir()
    for image in OWN:
        tifffile.imwrite(path / "mine" / f"{OPAQUE[image]}.tif", denoised(image))
    return path / "mine"


def enumerated_archive(path: Path) -> Path:
    np.savez(path / "mine.npz", *stack_of(SHUFFLED))
    return path / "mine.npz"


def zarr_group(path: Path) -> Path:
    group = zarr.create_group(path / "mine.zarr", zarr_format=3)
    group.create_array("denoised", data=stack_of(OWN[::-1]), chunks=(1, *STORE.shape))
    group.create_array("image", data=np.array(OWN[::-1]))
    return path / "mine.zarr"


@pytest.mark.slow
@pytest.mark.parametrize(
    "write",
    [
        shuffled_array,
        folder_by_own_number,
        folder_by_opaque_number,
        enumerated_archive,
        zarr_group,
    ],
)
def test_images_of_every_format_get_the_scores_of_their_outputs(
    write: Callable[[Path], Path], tmp_path: Path, scored: Path
) -> None:
    source, folder = write(tmp_path), tmp_path / "submissions"
    before = [(path, path.stat().st_mtime_ns) for path in sorted(tmp_path.rglob("*"))]
    made = submit_images(source, STORE, "mine", folder, metadata=STATED, workers=0)
    found = check_submission(folder / "mine")
    expected = read_scores(scored / "good" / "scores.csv")
    pd.testing.assert_frame_equal(
        found.scores.drop(columns="seconds"), expected.drop(columns="seconds"), check_exact=True
    )
    assert found.outputs_sha256 == made.submission.outputs_sha256 != ""
    assert (found.missing, found.warnings, found.scored_with) == (0, (), __version__)
    method, run = found.description.method, found.description.run
    assert (method.name, method.title, method.authors) == ("mine", "Mine", "A. Person")
    assert (method.trained_on, method.supervised) == ("this track", True)
    assert method.paper == {"doi": "10.1109/TCI.2022.3176536"}
    assert (run.device, run.seconds_per_image) == ("a laptop", 0.5)
    # Nothing else is left behind, and the images are untouched.
    assert [path.name for path in folder.iterdir()] == ["mine"]
    assert [(path, path.stat().st_mtime_ns) for path, _ in before] == before


@pytest.mark.slow
def test_scored_outputs_need_no_store_and_unscored_ones_are_scored(
    outputs: Path, scored: Path, tmp_path: Path
) -> None:
    first = submit_images(scored / "good", None, "good", tmp_path / "a").submission
    second = submit_images(outputs, STORE, "good", tmp_path / "b", workers=0).submission
    pd.testing.assert_frame_equal(first.scores, second.scores)
    assert (outputs / "scores.toml").exists()
    assert first.description.method.paper["title"] == "A paper"


@pytest.mark.slow
def test_an_interrupted_submission_is_resumed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, folder = folder_by_own_number(tmp_path), tmp_path / "submissions"
    write = image_import.write_toml

    def interrupted(*arguments: Any, **options: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(image_import, "write_toml", interrupted)
    with pytest.raises(KeyboardInterrupt):
        submit_images(source, STORE, "mine", folder, metadata=STATED, workers=0)
    monkeypatch.setattr(image_import, "write_toml", write)
    working = folder / ".mine.outputs"
    chunks = sorted((working / "denoised.zarr" / "denoised" / "c").rglob("*"))
    (working / "denoised.zarr" / "denoised" / "c" / "3" / "0" / "0").unlink()
    kept = {path: path.stat().st_mtime_ns for path in chunks if path.is_file()}
    assert len(kept) == len(OWN) - 1
    monkeypatch.setattr(submitting, "score_outputs", interrupted)
    with pytest.raises(KeyboardInterrupt):
        submit_images(source, STORE, "mine", folder, metadata=STATED, workers=0)
    monkeypatch.undo()
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    # Another image under the same name is imported again.
    time.sleep(0.01)
    np.save(source / "denoised_00004.npy", denoised(4) + np.float32(0.1))
    made = submit_images(source, STORE, "mine", folder, metadata=STATED, workers=0)
    assert float(made.submission.scores.set_index("image")["psnr_db"][4]) < 25
    assert [path.name for path in folder.iterdir()] == ["mine"]


@pytest.mark.slow
def test_missing_images_are_marked(tmp_path: Path) -> None:
    source = folder_by_own_number(tmp_path)
    (source / "denoised_00005.npy").unlink()
    np.save(source / "denoised_00006.npy", np.full(STORE.shape, np.nan, np.float32))
    made = submit_images(source, STORE, "mine", tmp_path / "all", metadata=STATED, workers=0)
    assert made.submission.missing == check_submission(tmp_path / "all" / "mine").missing == 2


def test_implausible_images_are_refused_before_they_are_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*arguments: Any, **options: Any) -> None:
        raise AssertionError("scored")

    monkeypatch.setattr(submitting, "score_outputs", never)
    np.save(tmp_path / "mine.npy", 255 * stack_of(SHUFFLED))
    with pytest.raises(OutputError, match=r"as if multiplied by 25.*--accept-warnings"):
        submit_images(tmp_path / "mine.npy", STORE, "mine", tmp_path / "all", metadata=STATED)
    assert not (tmp_path / "all").exists()


@pytest.mark.slow
def test_accepted_warnings_are_recorded(tmp_path: Path) -> None:
    np.save(tmp_path / "mine.npy", 2 * stack_of(SHUFFLED))
    made = submit_images(
        tmp_path / "mine.npy", STORE, "mine", tmp_path, metadata=STATED, workers=0,
        accept_warnings=True,
    )  # fmt: skip
    assert len(made.submission.warnings) == 1
    assert "as if multiplied by 2." in made.submission.warnings[0].replace("1.99", "2.")
    # Outputs that were scored with a warning are refused without their store, too.
    outputs = tmp_path / "outputs"
    shutil.copytree(tmp_path / "mine", outputs)
    content = (outputs / "submission.toml").read_text()
    (outputs / "scores.toml").write_text(content.replace('name = "mine"\n', "", 1))
    with pytest.raises(OutputError, match=r"as if multiplied by .*--accept-warnings"):
        submit_images(outputs, None, "again", tmp_path)


@pytest.mark.slow
def test_changed_scores_are_refused_and_named(outputs: Path, tmp_path: Path) -> None:
    first = submit_images(outputs, STORE, "good", tmp_path, workers=0).submission
    again = submit_images(outputs, STORE, "good", tmp_path, metadata={"title": "Better"})
    assert again.changed == ()
    assert again.submission.description.method.title == "Better"
    zarr.open_group(outputs / "denoised.zarr", mode="r+")["denoised"][4] += np.float32(0.01)
    before = (tmp_path / "good" / "scores.csv").read_bytes()
    message = (
        rf"scores of a submission would change: psnr_db changed in 1 image of 10, most in image 6: "
        rf"{float(first.scores['psnr_db'][4]):.10g} dB -> .*the outputs differ: sha256 "
        rf"{first.outputs_sha256[:12]} -> .*--replace"
    )
    with pytest.raises(OutputError, match=message):
        submit_images(outputs, STORE, "good", tmp_path, workers=0)
    assert (tmp_path / "good" / "scores.csv").read_bytes() == before
    made = submit_images(outputs, STORE, "good", tmp_path, workers=0, replace=True)
    assert made.changed[0].startswith("psnr_db changed in 1 image")
    assert check_submission(tmp_path / "good").outputs_sha256 != first.outputs_sha256


@pytest.mark.slow
def test_the_date_stays_while_the_scores_do(scored: Path, tmp_path: Path) -> None:
    outputs = shutil.copytree(scored / "good", tmp_path / "outputs")
    submit_images(outputs, None, "good", tmp_path)
    record = tmp_path / "good" / "submission.toml"
    text = record.read_text()
    assert f'submitted = "{time.strftime("%Y")}' in text
    record.write_text(text.replace(f'submitted = "{time.strftime("%Y")}', 'submitted = "2020'))
    made = submit_images(outputs, None, "good", tmp_path, metadata={"licence": "MIT"})
    assert made.submission.submitted.startswith("2020-")
    assert check_submission(tmp_path / "good").submitted == made.submission.submitted


@pytest.mark.parametrize(
    ("stated", "message"),
    [
        (
            {"colour": "red", "title": "", "kind": "magic"},
            "3 mistakes: method.title.*kind.*run.col",
        ),
        ({"paper": "my thesis"}, r"method.paper: expected a DOI \(10.1109/...\), an arXiv id"),
        ({"supervised": "yes", "code": "ftp://x"}, "2 mistakes"),
        ({"seconds_per_image": -1}, "run.seconds_per_image: expected at least 0"),
    ],
)
def test_mistakes_of_the_metadata_come_at_once_and_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, stated: dict[str, Any], message: str
) -> None:
    monkeypatch.setattr(submitting, "score_outputs", None)
    with pytest.raises(OutputError, match=message):
        submit_images(shuffled_array(tmp_path), STORE, "mine", tmp_path, metadata=stated)


@pytest.mark.parametrize(
    ("text", "table"),
    [
        ("10.1109/TCI.2022.3176536", {"doi": "10.1109/TCI.2022.3176536"}),
        ("doi: 10.1000/x(1)", {"doi": "10.1000/x(1)"}),
        ("2010.12970", {"arxiv": "2010.12970"}),
        ("arXiv:2010.12970v2", {"arxiv": "2010.12970"}),
        ("https://arxiv.org/abs/2010.12970", {"arxiv": "2010.12970"}),
        ("https://arxiv.org/pdf/2010.12970v3.pdf", {"arxiv": "2010.12970"}),
        ("cond-mat/0512345", {"arxiv": "cond-mat/0512345"}),
        ("https://example.org/paper", {"url": "https://example.org/paper"}),
        ({"title": "A", "year": 2020}, {"title": "A", "year": 2020}),
    ],
)
def test_papers_are_recognised(text: Any, table: dict[str, Any]) -> None:
    from tembench.ranking.submission_parts.submission_metadata import metadata_tables

    assert metadata_tables({"paper": text})[0]["paper"] == table


def stack(count: int, numbers: list[int] | None = None) -> ImageStack:
    given = None if numbers is None else tuple(numbers)
    return ImageStack(
        path=Path("mine"), kind="", shape=(count, *STORE.shape), read=denoised, numbers=given
    )


PART = PartImages(images=np.array(OWN), inputs=np.array(SHUFFLED))
# A closed recipe's inputs contain the other images of each series.
CLOSED = PartImages(images=np.array([3, 5, 8]), inputs=np.array([2, 3, 4, 5, 8, 9]))


@pytest.mark.parametrize(
    ("part", "given", "order", "expected", "said"),
    [
        (PART, stack(10), "inputs", SHUFFLED, "taken to be that of tembench inputs"),
        (PART, stack(10), "store", OWN, "ascending numbers of the store"),
        (PART, stack(10, list(range(10))), "inputs", SHUFFLED, "have no numbers of the store"),
        (PART, stack(10, list(range(1, 11))), "inputs", SHUFFLED, "have no numbers"),
        (PART, stack(2, [7, 4]), "inputs", [7, 4], "taken by their numbers"),
        (CLOSED, stack(3), "inputs", [3, 5, 8], "that of tembench inputs"),
        (CLOSED, stack(6), "inputs", [-1, 3, -1, 5, 8, -1], "that of tembench inputs"),
        (CLOSED, stack(3, [9, 8, 3]), "inputs", [-1, 8, 3], "by their numbers"),
    ],
)
def test_images_are_taken_by_number_or_by_order(
    part: PartImages, given: ImageStack, order: str, expected: list[int], said: str
) -> None:
    numbers, sentence = numbers_in_store(given, STORE, part, order)
    assert numbers.tolist() == expected
    assert said in sentence
    assert LEFT_OUT == -1


@pytest.mark.parametrize(
    ("given", "order", "message"),
    [
        (
            stack(9),
            "inputs",
            "another number of images, and nothing says which.*expected 10, got 9",
        ),
        (stack(9, list(range(9))), "inputs", "another number of images"),
        (stack(3, [3, 4, 99]), "inputs", "1 of 3 images are not of this part: 99"),
        (stack(3, [3, 4, 3]), "inputs", "images appear more than once: 3"),
    ],
)
def test_images_that_cannot_be_told_are_refused(
    given: ImageStack, order: str, message: str
) -> None:
    with pytest.raises(OutputError, match=message):
        numbers_in_store(given, STORE, PART, order)


def test_the_images_of_a_part_include_their_series() -> None:
    class InSeries(FakeStore):
        def series(self, image: int) -> list[int]:
            return [image - image % 3, image - image % 3 + 1, image - image % 3 + 2]

    found = PartImages.of(InSeries(), "model", "test-subset")  # type: ignore[arg-type]
    assert found.images.tolist() == OWN[::2]
    assert sorted(found.inputs.tolist()) == list(range(12))


@pytest.mark.slow
def test_a_trial_writes_nothing(tmp_path: Path, scored: Path) -> None:
    source = folder_by_own_number(tmp_path)
    (source / "denoised_00005.npy").unlink()
    before = sorted(tmp_path.rglob("*"))
    lines = list(submission_trial(source, STORE, "mine", tmp_path / "all", metadata=STATED))
    assert sorted(tmp_path.rglob("*")) == before
    assert lines[0] == f"{source}: a folder of files, 9 of 10 images"
    assert lines[1].endswith("images are taken by their numbers")
    assert lines[2] == "Warning: 1 images are missing and would count as the worst"
    assert lines[3].startswith("Mean of 4 images: PSNR ")
    assert lines[4] == f"{tmp_path / 'all' / 'mine'}: nothing was written"
    lines = list(submission_trial(scored / "good", None, "good", tmp_path / "all"))
    assert [line.split(":")[0] for line in lines[1:]] == [
        "Mean of all images", str(tmp_path / "all" / "good"),
    ]  # fmt: skip
    assert not (tmp_path / "all").exists()


@pytest.mark.slow
def test_a_trial_reports_what_submitting_would(tmp_path: Path) -> None:
    np.save(tmp_path / "mine.npy", stack_of(SHUFFLED)[:, :, ::-1])
    lines = list(submission_trial(tmp_path / "mine.npy", STORE, "mine", tmp_path))
    assert any(line.startswith("Warning: ") for line in lines), lines
    with pytest.raises(OutputError, match="kind"):
        list(
            submission_trial(
                tmp_path / "mine.npy", STORE, "mine", tmp_path, metadata={"kind": "magic"}
            )
        )


def test_images_without_their_store_are_not_scored(tmp_path: Path, outputs: Path) -> None:
    for source in (shuffled_array(tmp_path), outputs):
        with pytest.raises(OutputError, match=r"not scored yet.*name the data set too"):
            submit_images(source, None, "mine", tmp_path)
    with pytest.raises(OutputError, match="no such file or folder"):
        submit_images(tmp_path / "none", None, "mine", tmp_path)


def test_nothing_is_written_over_the_images(tmp_path: Path) -> None:
    source = folder_by_own_number(tmp_path)
    with pytest.raises(OutputError, match="would overwrite an input"):
        submit_images(source, STORE, "mine", tmp_path)


def test_a_nan_in_an_image_is_an_error(tmp_path: Path) -> None:
    images = stack_of(SHUFFLED)
    images[0, 5, 5] = np.nan
    np.save(tmp_path / "mine.npy", images)
    found = unscored_images(tmp_path / "mine.npy", STORE)
    with pytest.raises(OutputError, match=f"image {SHUFFLED[0]} has 1 pixels that are NaN"):
        found.read(SHUFFLED[0])


def test_outputs_state_their_part(outputs: Path) -> None:
    edit(outputs, "method", kind="control", name="noisy", input="noisy")
    found = unscored_images(outputs, STORE, part="test-subset")
    assert found.is_control
    assert found.numbers.tolist() == found.expected.tolist() == OWN
    assert found.stack is None
