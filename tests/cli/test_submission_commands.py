"""`tembench submit` and `check`: options, questions at a terminal, and messages."""

from __future__ import annotations

import json
import re
import shutil
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from tembench.cli import cli
from tembench.cli.submission_commands import metadata_options
from tembench.core.errors import OutputError
from tembench.core.files import write_toml
from tembench.dataset import open_store
from tembench.methods import TRAINED_ON
from tembench.methods.method_toml import INPUTS, KINDS
from tembench.ranking import check_submission
from tembench.ranking.submission_parts.submission_metadata import QUESTIONS

SUBMISSIONS = Path(__file__).parents[2] / "submissions"
STATED = (
    "--title", "Mine", "--authors", "A. Person", "--kind", "learned", "--licence", "MIT",
    "--trained-on", "other simulations", "--training-data", "my simulations", "--supervised",
)  # fmt: skip


def tembench(*arguments: str | Path, typed: str | None = None) -> Result:
    return CliRunner().invoke(cli, ["--quiet", *map(str, arguments)], input=typed)


@pytest.fixture
def images(tiny_store_path: Path, tmp_path: Path) -> Path:
    """A folder of blurred counts, named by number."""
    from scipy.ndimage import gaussian_filter

    store, folder = open_store(tiny_store_path), tmp_path / "mine"
    folder.mkdir()
    for image in store.images().tolist():
        np.save(folder / f"{image}.npy", gaussian_filter(store.noisy(image).astype("f4"), 2))
    return folder


def test_the_options_offer_what_a_method_may_state() -> None:
    assert metadata_options._TRAINED_ON == TRAINED_ON
    assert set(metadata_options._KINDS) == set(KINDS)
    assert metadata_options._INPUTS == INPUTS
    options = {f"--{name}" for name in metadata_options._OPTIONS}
    named = {option for one in QUESTIONS for option in one.option.split(" or ")}
    assert named - {"--supervised", "--unsupervised"} <= options


def test_a_folder_of_images_is_submitted(
    images: Path, tiny_store_path: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "all"
    arguments = ("submit", images, tiny_store_path, "--name", "mine", "--folder", folder)
    tried = tembench(*arguments, *STATED, "--dry-run")
    assert tried.exit_code == 0, tried.exception
    assert "4 of 4 images" in tried.output
    assert "Mean of 4 images: PSNR" in tried.output
    assert not folder.exists()
    stated = tmp_path / "mine.toml"
    write_toml(stated, {"title": "Other", "paper": "2010.12970", "hardware": "a laptop"})
    result = tembench(*arguments, *STATED, "--metadata", stated, "--workers", 0)
    assert result.exit_code == 0, result.exception
    assert result.output.splitlines()[-1] == f"{folder / 'mine'}: written"
    found = check_submission(folder / "mine").description
    assert (found.method.title, found.method.supervised) == ("Mine", True)
    assert (found.method.paper, found.run.device) == ({"arxiv": "2010.12970"}, "a laptop")
    checked = tembench("check", folder / "mine")
    assert "valid; mine on 4 images of tiny" in checked.output


def test_all_that_is_not_stated_is_reported_without_a_terminal(
    images: Path, tiny_store_path: Path, tmp_path: Path
) -> None:
    result = tembench("submit", images, tiny_store_path, "--name", "mine", "--title", "Mine")
    assert isinstance(result.exception, OutputError)
    assert result.exception.what == (
        "not stated: kind (--kind), authors (--authors), licence (--licence), trained_on "
        "(--trained-on), supervised (--supervised or --unsupervised), training_data "
        "(--training-data)"
    )
    assert "--metadata" in str(result.exception)


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (
            ["Mine", "learned", "A. Person", "MIT", "this track", "yes", "the training part",
             "A network.", "2010.12970", "", "a laptop", "0.5"],
            {"title": "Mine", "kind": "learned", "trained_on": "this track", "supervised": True,
             "training_data": "the training part", "seconds_per_image": 0.5},
        ),
        (
            ["Mine", "classical", "A. Person", "", "MIT", "", "", "", "", ""],
            {"title": "Mine", "kind": "classical", "authors": "A. Person", "licence": "MIT"},
        ),
        (
            ["Mine", "learned", "A. Person", "MIT", "nothing", "", "", "", "", ""],
            {"kind": "learned", "trained_on": "nothing", "licence": "MIT"},
        ),
    ],
)  # fmt: skip
def test_what_is_not_stated_is_asked_at_a_terminal(
    typed: list[str], expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answers: dict[str, Any] = {}

    def kept(*arguments: Any, metadata: dict[str, Any], **options: Any) -> Any:
        answers.update(metadata)
        raise OutputError("enough")

    monkeypatch.setattr("tembench.ranking.submit_images", kept)
    monkeypatch.setattr(metadata_options, "_at_a_terminal", lambda: True)
    np.save(tmp_path / "mine.npy", np.zeros((2, 4, 4)))
    result = tembench(
        "submit", tmp_path / "mine.npy", "--name", "mine", typed="\n".join([*typed, ""])
    )
    assert str(result.exception) == "enough", result.output
    assert expected.items() <= answers.items()
    assert "" not in answers.values()
    if "training_data" not in expected:
        assert not {"supervised", "training_data"} & set(answers)


@pytest.mark.slow
def test_nothing_is_asked_about_what_is_stated(tmp_path: Path) -> None:
    source = shutil.copytree(SUBMISSIONS / "ptceo2-18k" / "unet", tmp_path / "unet")
    shutil.move(source / "submission.toml", source / "scores.toml")
    text = (source / "scores.toml").read_text().replace('name = "unet"\n\n[method]', "[method]", 1)
    (source / "scores.toml").write_text(text)
    result = tembench("submit", source, "--name", "again", "--folder", tmp_path / "all")
    assert result.exit_code == 0, result.exception
    assert check_submission(tmp_path / "all" / "again").description.method.authors


def test_check_lists_all_that_is_wrong(tmp_path: Path) -> None:
    folder = shutil.copytree(SUBMISSIONS / "ptceo2-18k" / "noisy", tmp_path / "noisy")
    assert tembench("check", folder).exit_code == 0
    (folder / "run.py").write_text("1")
    one = tembench("check", folder)
    assert "run.py does not belong in a submission" in str(one.exception)
    (folder / "panel.png").write_text("<svg/>")
    write_toml(folder / "submission.toml", {"format": 1, "name": "noisy", "method": {}})
    result = tembench("check", folder)
    lines = result.output.splitlines()
    beginnings = ("- run.py does not belong", "- submission.toml: ", "- panel.png: ")
    assert all(map(str.startswith, lines, beginnings)), lines
    assert len(lines) == len(beginnings)
    assert str(result.exception).startswith(f"{folder}: 3 things are wrong. ")
    content = json.loads(tembench("check", folder, "--json").output)
    assert content["valid"] is False
    assert len(content["mistakes"]) == 3


def test_images_are_checked_before_they_are_submitted(images: Path, tiny_store_path: Path) -> None:
    result = tembench("check", images, tiny_store_path)
    assert result.exit_code == 0, result.exception
    assert "a folder of files, 4 of 4 images" in result.output
    for path in images.iterdir():
        np.save(path, 255 * np.load(path))
    assert "Warning: the mean of the outputs" in tembench("check", images, tiny_store_path).output


def test_a_submission_says_what_was_accepted(
    images: Path, tiny_store_path: Path, tmp_path: Path
) -> None:
    for path in images.iterdir():
        np.save(path, 3 * np.load(path))
    first = sorted(images.iterdir())[0]
    first.unlink()
    arguments = (
        "submit", images, tiny_store_path, "--name", "mine", "--folder", tmp_path / "all", *STATED,
        "--workers", "0",
    )  # fmt: skip
    assert "--accept-warnings" in str(tembench(*arguments).exception)
    result = tembench(*arguments, "--accept-warnings")
    assert result.exit_code == 0, result.exception
    assert "Warning: 1 of 4 images are missing and count as the worst" in result.output
    assert "Warning: accepted, and recorded in the submission: the mean" in result.output
    checked = tembench("check", tmp_path / "all" / "mine")
    assert "4 images, 1 of them missing of tiny" in checked.output
    assert "Warning: accepted by the submitter: the mean" in checked.output
    # Scores that change are refused, and named where they are replaced.
    np.save(first, np.load(sorted(images.iterdir())[0]))
    refused = tembench(*arguments, "--accept-warnings")
    assert "images that are missing and count as the worst: 1 -> 0" in str(refused.exception)
    replaced = tembench(*arguments, "--accept-warnings", "--replace")
    assert "Warning: the scores have changed: images that are missing" in replaced.output


def test_the_walk_of_the_page_leads_to_a_submission(
    tiny_drawn_path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (SUBMISSIONS.parent / "docs" / "submit.md").read_text()
    blocks = dict(re.findall(r"```(\w*)\n(.*?)```", page, re.DOTALL)[::-1])
    monkeypatch.chdir(tmp_path)
    (tmp_path / "open.zarr").symlink_to(tiny_drawn_path)
    assert tembench("inputs", "open.zarr", "--out", "inputs.zarr").exit_code == 0
    exec(compile(blocks["python"], "submit.md", "exec"), {})
    (tmp_path / "my-method.toml").write_text(blocks["toml"])
    arguments = ("submit", "denoised", "open.zarr", "--name", "my-method")
    stated = ("--metadata", "my-method.toml", "--workers", "0", "--accept-warnings")
    tried = tembench(*arguments, *stated, "--dry-run")
    assert tried.exit_code == 0, tried.exception
    assert "images are taken by their numbers" in tried.output
    result = tembench(*arguments, *stated)
    assert result.exit_code == 0, result.exception
    found = check_submission(tmp_path / "submissions" / "my-method")
    assert found.missing == 0
    assert found.description.method.paper == {"doi": "10.1000/example"}
    needed = [one.key for one in QUESTIONS if one.needed]
    assert set(list(tomllib.loads(blocks["toml"]))[: len(needed)]) == set(needed)
