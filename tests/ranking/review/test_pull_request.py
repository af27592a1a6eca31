"""Pull requests, good and hostile: what is refused, and what is left to a person."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr
from pull_requests import PullRequest, pull_request
from ranking_fakes import FakeStore, write_outputs
from spoiled_outputs import edit as edit_outputs, rewrite
from spoiled_submissions import edit, set_score

from tembench.core.errors import OutputError
from tembench.ranking import check_submission, review_markdown, review_pull_request
from tembench.ranking.review import Review


@pytest.fixture
def request_(submitted: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PullRequest:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return pull_request(submitted, tmp_path)


def review(request_: PullRequest, *stores: FakeStore) -> Review:
    given: Any = stores
    return review_pull_request(request_.base, request_.head, given, workers=0)


def test_nothing_changed(request_: PullRequest) -> None:
    found = review(request_)
    assert not any((found.refusals, found.for_a_person, found.rows, found.outside))
    assert "**Nothing is refused: 0 submissions touched.**" in review_markdown(found)


@pytest.mark.slow
def test_a_good_submission_has_its_row(request_: PullRequest, submitted: Path) -> None:
    request_.add(submitted / "twin", "twin")
    found = review(request_)
    assert not any((found.refusals, found.for_a_person, found.outside))
    (one,) = found.rows
    assert (one.folder, one.row.rank, one.table.reference) == ("submissions/tiny/twin", 1, "bm3d")
    assert one.difference is not None
    assert one.difference.low > 5
    text = review_markdown(found)
    row = next(line for line in text.splitlines() if "tiny/twin" in line)
    assert re.search(r"\| Twin \| 1 \| 39\.\d+ \| 39.* to .* \| 9\.\d+ \(.* to .*\) \|", row)
    assert "Difference to bm3d" in text


@pytest.mark.slow
def test_ranks_that_move_are_listed(request_: PullRequest, submitted: Path) -> None:
    for name in ("good", "bm3d"):
        shutil.rmtree(request_.base / "submissions" / "tiny" / name)
        if name == "good":
            shutil.rmtree(request_.submissions / name)
    shutil.rmtree(request_.submissions / "bm3d")
    request_.add(submitted / "twin", "twin")
    found = review(request_)
    assert [(one.name, one.before, one.after) for one in found.moved] == [("poor", 1, 2)]
    assert "- poor: 1 → 2" in review_markdown(found)


def code_in_a_submission(request_: PullRequest) -> None:
    (request_.submissions / "good" / "run.py").write_text("import os")


def code_beside_submissions(request_: PullRequest) -> None:
    (request_.head / "submissions" / "conftest.py").write_text("raise SystemExit")


def hidden_submission(request_: PullRequest) -> None:
    request_.add(request_.submissions / "good", ".mine")


def submission_too_deep(request_: PullRequest) -> None:
    place = request_.submissions / "a" / "b" / "mine"
    shutil.copytree(request_.submissions / "good", place)
    edit(place, None, name="mine")


def link_in_a_submission(request_: PullRequest) -> None:
    (request_.submissions / "good" / "README.md").symlink_to("scores.csv")


def link_to_a_secret(request_: PullRequest) -> None:
    (request_.submissions / "good" / "panel.png").unlink()
    (request_.submissions / "good" / "panel.png").symlink_to("/etc/passwd")


def link_to_a_folder(request_: PullRequest) -> None:
    (request_.submissions / "best").symlink_to("good")


def pipe(request_: PullRequest) -> None:
    os.mkfifo(request_.submissions / "good" / "README.md")


def changed_score(request_: PullRequest) -> None:
    set_score(request_.submissions / "good", 1, "ssim", "0.5")


def another_method(request_: PullRequest) -> None:
    edit(request_.submissions / "good", "method", name="mine")


def scores_without_a_digest(request_: PullRequest) -> None:
    path = request_.submissions / "good" / "scores.csv"
    path.write_text(path.read_text().replace("0.25\n", "0.24\n"))


def removed(request_: PullRequest) -> None:
    shutil.rmtree(request_.submissions / "poor")


def emptied(request_: PullRequest) -> None:
    (request_.submissions / "poor" / "submission.toml").unlink()


def huge_file(request_: PullRequest) -> None:
    os.truncate(request_.submissions / "good" / "panel.png", 1 << 40)


def title_of_another(request_: PullRequest) -> None:
    # With a Cyrillic letter.
    request_.add(request_.submissions / "good", "mine", "\u0412M3D")


def name_in_capitals(request_: PullRequest) -> None:
    request_.add(request_.submissions / "good", "GOOD", "Other")


def name_of_another_in_a_new_folder(request_: PullRequest) -> None:
    place = request_.head / "submissions" / "else" / "good"
    shutil.copytree(request_.submissions / "poor", place)
    edit(place, None, name="good")
    edit(place, "method", title="Other")


def bad_outputs(request_: PullRequest) -> None:
    folder = write_outputs(request_.head / "incoming" / "mine", FakeStore(), "good")
    (folder / "method.py").write_text("raise SystemExit")


def forged_scores(request_: PullRequest) -> None:
    folder = write_outputs(request_.head / "incoming" / "mine", FakeStore(), "good")
    (folder / "scores.toml").write_text("")


def images_with_code(request_: PullRequest) -> None:
    folder = request_.head / "incoming" / "mine"
    folder.mkdir(parents=True)
    for name in ("images.npy", "metadata.toml", "run.py"):
        (folder / name).write_text("")


def linked_outputs(request_: PullRequest) -> None:
    (request_.head / "incoming").mkdir()
    (request_.head / "incoming" / "mine").symlink_to("../submissions")


def other_incoming_file(request_: PullRequest) -> None:
    (request_.head / "incoming").mkdir()
    (request_.head / "incoming" / "setup.py").write_text("")


HOSTILE: dict[Callable[[PullRequest], None], str] = {
    code_in_a_submission: "tiny/good: run.py does not belong in a submission",
    code_beside_submissions: "submissions/conftest.py belongs to no submission",
    hidden_submission: r"tiny/.mine/.* belongs to no submission",
    submission_too_deep: r"tiny/a/b/mine/.* belongs to no submission",
    link_in_a_submission: "tiny/good/README.md is a link",
    link_to_a_secret: "tiny/good/panel.png is a link",
    link_to_a_folder: "tiny/best is a link",
    pipe: "tiny/good/README.md is not a plain file",
    changed_score: "good: changed scores: ssim changed in 1 image of 10, .*; the outputs are",
    another_method: "good: changes what was submitted: good on .* → mine on",
    scores_without_a_digest: "good: scores.csv: differs from the file that was submitted",
    removed: "tiny/poor: removes a submission",
    emptied: "tiny/poor: removes a submission",
    huge_file: "good: panel.png has 1099511627776 bytes, more than",
    title_of_another: "tiny/mine: the titles of 'bm3d' and 'mine' look the same",
    name_in_capitals: "GOOD/.* differs from submissions/tiny/good/.* in case or composition alone",
    name_of_another_in_a_new_folder: "else/good: two submissions are named 'good'",
    bad_outputs: "incoming/mine: method.py does not belong to outputs",
    images_with_code: "incoming/mine: run.py does not belong to outputs",
    forged_scores: "incoming/mine: scores.toml does not belong to outputs",
    linked_outputs: "incoming/mine is a link",
    other_incoming_file: "incoming/setup.py belongs to no outputs",
}


@pytest.mark.slow
@pytest.mark.parametrize("do", HOSTILE, ids=lambda do: do.__name__)
def test_a_hostile_pull_request_is_refused(
    request_: PullRequest, do: Callable[[PullRequest], None]
) -> None:
    do(request_)
    found = review(request_, FakeStore())
    assert re.search(HOSTILE[do], "\n".join(found.refusals)), found.refusals
    assert not found.rows
    assert "**Refused: " in review_markdown(found)


def other_workflow(request_: PullRequest) -> None:
    (request_.head / ".github" / "workflows" / "ci.yml").write_text("on: pull_request_target\n")


def other_code(request_: PullRequest) -> None:
    (request_.head / "tembench" / "__init__.py").unlink()


def other_page(request_: PullRequest) -> None:
    (request_.head / "submissions" / "README.md").write_text("Mine is the best.\n")


def other_title(request_: PullRequest) -> None:
    edit(request_.submissions / "good", "method", title="Better", licence="MIT")


def other_picture(request_: PullRequest) -> None:
    rows = request_.submissions
    shutil.copy(rows / "poor" / "panel.png", rows / "good" / "panel.png")


def further_training(request_: PullRequest) -> None:
    path = request_.add(request_.submissions / "good", "good-seed2")
    edit(path, None, seed_of="good")


def new_table(request_: PullRequest) -> None:
    path = request_.add(request_.submissions / "good", "mine")
    edit(path, "data", recipe="official", recipe_id="cd" * 32)


def linked_code(request_: PullRequest) -> None:
    (request_.head / "docs").symlink_to("/etc")


FOR_A_PERSON: dict[Callable[[PullRequest], None], str] = {
    other_workflow: "ci.yml is changed, outside submissions",
    other_code: "__init__.py is removed, outside submissions",
    other_page: "submissions/README.md is changed, outside submissions",
    other_title: "tiny/good: edits the description of a row: method.licence, method.title",
    other_picture: "tiny/good/panel.png is changed",
    further_training: "good-seed2: is a further training of good, whose row it changes",
    new_table: r"a new table, of recipe official 1.0.0 \(cdcdcdcd\)",
    linked_code: "docs is added, outside submissions",
}


@pytest.mark.slow
@pytest.mark.parametrize("do", FOR_A_PERSON, ids=lambda do: do.__name__)
def test_what_data_cannot_show_needs_a_person(
    request_: PullRequest, do: Callable[[PullRequest], None]
) -> None:
    do(request_)
    found = review(request_)
    assert not found.refusals
    text = review_markdown(found).replace("\\", "")
    assert re.search(FOR_A_PERSON[do], text), text
    assert "**Nothing is refused; needs a person: " in text


@pytest.mark.slow
def test_the_truth_and_copies_are_marked(request_: PullRequest, submitted: Path) -> None:
    path = request_.add(submitted / "clean", "mine")
    edit(path, "method", name="mine", kind="learned", input="noisy")
    found = review(request_)
    (one,) = found.rows
    assert one.row.is_as_clean
    text = review_markdown(found)
    assert "Mine §" in text
    assert "- § As good as the clean image itself" in text


@pytest.mark.slow
def test_outputs_are_scored_on_a_given_store(request_: PullRequest, submitted: Path) -> None:
    store = FakeStore()
    write_outputs(request_.head / "incoming" / "twin", store, "twin")
    before = set(request_.head.rglob("*"))
    assert review(request_).not_scored == ["incoming/twin"]
    found = review(request_, store)
    assert not any((found.refusals, found.for_a_person, found.not_scored))
    (one,) = found.rows
    assert one.folder == "incoming/twin"
    expected = (submitted / "twin" / "scores.csv").read_text().splitlines()[1].split(",")[2]
    assert one.row.submission.scores["psnr_db"][0] == float(expected)
    assert before == set(request_.head.rglob("*"))


@pytest.mark.slow
def test_images_are_scored_too(request_: PullRequest, submitted: Path) -> None:
    store, folder = FakeStore(), request_.head / "incoming" / "twin"
    outputs = write_outputs(request_.head.parent / "outputs", store, "twin")
    (folder / "images").mkdir(parents=True)
    denoised = zarr.open_array(outputs / "denoised.zarr" / "denoised", mode="r")
    for number, image in zip(store.images(), denoised, strict=True):
        np.save(folder / "images" / f"{number}.npy", image)
    (folder / "metadata.toml").write_text('title = "Twin"\nkind = "classical"\nlicence = "MIT"\n')
    (one,) = review(request_, store).rows
    scores = check_submission(submitted / "twin").scores
    assert np.allclose(one.row.submission.scores["psnr_db"], scores["psnr_db"], rtol=1e-9)
    assert "which data set they are of" in review(request_, store, store).refusals[0]


@pytest.mark.slow
def test_implausible_outputs_need_a_person(request_: PullRequest) -> None:
    store = FakeStore()
    outputs = write_outputs(request_.head / "incoming" / "mine", store, "twin")
    rewrite(outputs, lambda denoised: denoised[:, :, ::-1])
    found = review(request_, store)
    assert re.search(r"incoming/mine: .* mirrored", found.for_a_person[0])
    assert re.search(r"was accepted with the warning: .* mirrored", review_markdown(found))


@pytest.mark.slow
def test_outputs_of_another_recipe_are_refused_or_not_scored(request_: PullRequest) -> None:
    folder = write_outputs(request_.head / "incoming" / "mine", FakeStore(), "good")
    edit_outputs(folder, "data", images=9)
    found = review(request_, FakeStore())
    assert "data.images disagrees with the split" in found.refusals[0]
    assert str(request_.head) not in found.refusals[0]


@pytest.mark.slow
def test_several_rows_are_judged_one_by_one(request_: PullRequest, submitted: Path) -> None:
    request_.add(submitted / "twin", "twin")
    bad = request_.add(submitted / "twin", "bad")
    edit(bad, "metrics", position_error_pm=1)
    found = review(request_)
    assert [one.folder for one in found.rows] == ["submissions/tiny/twin"]
    assert [text.split(":")[0] for text in found.refusals] == ["submissions/tiny/bad"]


@pytest.mark.slow
def test_folders_of_submissions_do_too(request_: PullRequest, submitted: Path) -> None:
    request_.add(submitted / "twin", "twin")
    other_code(request_)
    base, head = request_.base / "submissions", request_.head / "submissions"
    found = review_pull_request(base, head, workers=0)
    assert [one.folder for one in found.rows] == ["submissions/tiny/twin"]
    assert not found.outside


def test_what_is_no_checkout_is_an_error(request_: PullRequest) -> None:
    with pytest.raises(OutputError, match="no such folder"):
        review_pull_request(request_.base, request_.head / "nowhere")
    with pytest.raises(OutputError, match="is not a checkout"):
        review_pull_request(request_.base, request_.head / "tembench")
    (request_.head / "submissions").rename(request_.head / "others")
    (request_.head / "submissions").symlink_to("others")
    with pytest.raises(OutputError, match="is not a checkout"):
        review_pull_request(request_.base, request_.head)
