"""Hostile ``scores.csv``: bytes, values, images, and scores that were not computed."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from hostile_case import submission_case
from spoiled_submissions import (
    COLUMNS,
    change_scores,
    edit,
    set_score,
    without_shown_images,
    write_scores,
)

Lines = list[list[str]]


def _content(submission: Path) -> bytes:
    return (submission / "scores.csv").read_bytes()


def _heading() -> bytes:
    return (",".join(COLUMNS) + "\n").encode()


def _column(name: str, change: Callable[[float], float]) -> Callable[[Lines], None]:
    at = COLUMNS.index(name)

    def changed(lines: Lines) -> None:
        for line in lines[1:]:
            line[at] = repr(change(float(line[at])))

    return changed


@submission_case(refused="wrong columns|not a CSV file")
def sixteen_megabytes_of_lines(submission: Path) -> None:
    """16 MB of empty lines."""
    write_scores(submission, b"\n" * ((1 << 24) - 1))


@submission_case(refused="scores.csv: .*line 2: expected .* values, got 0")
def sixteen_megabytes_of_rows(submission: Path) -> None:
    """A heading and 16 MB of empty lines."""
    write_scores(submission, _heading() + b"\n" * ((1 << 24) - 1000))


@submission_case(refused="not a CSV file; got line 2: more than")
def sixteen_megabytes_of_commas(submission: Path) -> None:
    """A heading and a line of 16 million commas."""
    write_scores(submission, _heading() + b"," * ((1 << 24) - 1000))


@submission_case(refused="not a CSV file; got line 2: more than")
def sixteen_megabytes_of_quotes(submission: Path) -> None:
    """A heading and a line of 16 million quotes."""
    write_scores(submission, _heading() + b'"' * ((1 << 24) - 1000))


@submission_case(refused="scores.csv has .* bytes, more than 16777216")
def file_of_many_megabytes(submission: Path) -> None:
    """A file of 20 MB."""
    write_scores(submission, _content(submission) * 2000 + b" " * (20 << 20))


@submission_case(refused="scores.csv: ")
def null_bytes(submission: Path) -> None:
    """A null byte in a number."""
    write_scores(submission, _content(submission).replace(b"0.25\n", b"0.2\x005\n", 1))


@submission_case(refused="wrong columns")
def byte_order_mark_of_scores(submission: Path) -> None:
    """A byte order mark, as spreadsheets write it."""
    write_scores(submission, b"\xef\xbb\xbf" + _content(submission))


@submission_case(refused="not a CSV file; got line 1")
def scores_of_sixteen_bits(submission: Path) -> None:
    """The file in UTF-16."""
    write_scores(submission, _content(submission).decode().encode("utf-16"))


@submission_case()
def scores_with_line_ends_of_windows(submission: Path) -> None:
    """Lines that end as on Windows."""
    write_scores(submission, _content(submission).replace(b"\n", b"\r\n"))


@submission_case(refused="not a CSV file; got line 2")
def line_break_in_quotes(submission: Path) -> None:
    """A cell in quotes that goes on in the next line."""
    write_scores(submission, _content(submission).replace(b"alpha", b'"al\npha"', 1))


@submission_case(refused="model: expected a name, got '=1 \\+1'")
def formula_for_a_model(submission: Path) -> None:
    """A formula in the place of a model's name."""
    change_scores(submission, lambda lines: lines[1].__setitem__(1, "=1 +1"))


@submission_case(refused="expected 10 images, got 9")
def hard_image_left_out(submission: Path) -> None:
    """A row less, of an image that the method does badly on."""
    change_scores(submission, lambda lines: lines.pop(3))


@submission_case(refused="images of .* differ; expected 10 images .* got 9 images")
def hard_image_left_out_everywhere(submission: Path) -> None:
    """A row less, in the description too."""
    change_scores(submission, lambda lines: lines.pop(3))
    edit(submission, "data", images=9)
    edit(submission, "scores", images=9)
    without_shown_images(submission)


@submission_case(refused="expected 10 images, got more")
def image_too_many(submission: Path) -> None:
    """A row more."""
    change_scores(submission, lambda lines: lines.append(["99", *lines[1][1:]]))


@submission_case(refused="an image appears more than once")
def easy_image_twice(submission: Path) -> None:
    """The easiest image twice, in the place of the hardest."""
    change_scores(submission, lambda lines: lines.__setitem__(3, lines[2]))


@submission_case(refused="image 11 is in one of them only")
def image_of_another_number(submission: Path) -> None:
    """An image under another number."""
    change_scores(submission, lambda lines: lines[-1].__setitem__(0, "500"))


@submission_case(refused="line 2: image: expected a number, got '-1'")
def image_before_zero(submission: Path) -> None:
    """An image of number -1."""
    change_scores(submission, lambda lines: lines[1].__setitem__(0, "-1"))


@submission_case(refused="image: expected a number, got '99999999999999999999'")
def image_of_a_huge_number(submission: Path) -> None:
    """An image whose number has more than 64 bits."""
    change_scores(submission, lambda lines: lines[1].__setitem__(0, "9" * 20))


@submission_case(refused="image 3 has two models")
def image_of_another_model(submission: Path) -> None:
    """An image counted to another model: the interval would seem narrower."""
    change_scores(submission, lambda lines: lines[2].__setitem__(1, lines[-1][1]))


@submission_case(refused="were scored against different clean images")
def rows_swapped(submission: Path) -> None:
    """The scores of two images swapped."""

    def swap(lines: Lines) -> None:
        first, last = lines[1], lines[-1]
        first[2:], last[2:] = last[2:], first[2:]

    change_scores(submission, swap)


@submission_case()
def rows_in_another_order(submission: Path) -> None:
    """The rows in another order."""
    change_scores(submission, lambda lines: lines.append(lines.pop(1)))


@submission_case(refused="wrong columns; expected image, model, psnr_db")
def columns_in_another_order(submission: Path) -> None:
    """Columns in another order."""
    change_scores(submission, lambda lines: [line.reverse() for line in lines])


@submission_case(refused="wrong columns")
def column_too_many(submission: Path) -> None:
    """A column more."""
    change_scores(submission, lambda lines: [line.append("1") for line in lines])


@submission_case(refused="ssim: expected a number from -1 to 1, got 'nan'")
def score_that_is_no_number(submission: Path) -> None:
    """A score that is not a number."""
    set_score(submission, 2, "ssim", "nan")


@submission_case(refused="psnr_db: infinite, but mse is")
def perfect_by_decree(submission: Path) -> None:
    """An infinite PSNR beside an error."""
    set_score(submission, 2, "psnr_db", "inf")


@submission_case(refused="psnr_db: 20 is less than mse = .* allows")
def worse_than_its_error(submission: Path) -> None:
    """A PSNR that the error rules out."""
    set_score(submission, 2, "psnr_db", "20.0")


@submission_case(refused="skill: 0.999 contradicts mse")
def more_skill_than_its_error(submission: Path) -> None:
    """A skill that the error rules out."""
    change_scores(submission, _column("mse", lambda value: 0.5))
    change_scores(submission, _column("psnr_db", lambda value: 3.1))
    set_score(submission, 2, "skill", "0.999")


@submission_case(refused="columns_missed: 1.5 is not a whole number")
def half_a_column(submission: Path) -> None:
    """A column and a half missed."""
    set_score(submission, 2, "columns_missed", "1.5")


@submission_case(refused="columns_missed: expected a number from .* got '1e308'")
def more_columns_than_atoms(submission: Path) -> None:
    """More columns than there are atoms, which overflows."""
    set_score(submission, 2, "columns_missed", "1e308")


@submission_case(refused="psnr_db: expected a number from .* got '5000'")
def psnr_of_no_image(submission: Path) -> None:
    """A PSNR that no image of these numbers has."""
    set_score(submission, 2, "psnr_db", "5000")


@submission_case(refused="seconds: expected a number from 0 to 1e\\+09, got '-1'")
def image_before_its_time(submission: Path) -> None:
    """An image denoised in less than no time."""
    set_score(submission, 2, "seconds", "-1")


@submission_case(refused="metrics.mse: missing; metrics.skill: missing")
def scores_that_cannot_contradict(submission: Path) -> None:
    """The PSNR alone, which nothing can contradict."""
    change_scores(submission, lambda lines: lines.__setitem__(slice(None), _only_psnr(lines)))
    edit(submission, None, metrics={"psnr_db": 1})


def _only_psnr(lines: Lines) -> Lines:
    at = [0, 1, COLUMNS.index("psnr_db"), COLUMNS.index("seconds")]
    return [[line[position] for position in at] for line in lines]


@submission_case(
    refused="column_precision of image 2 is empty; expected a score: alpha has columns"
)
def scores_left_empty(submission: Path) -> None:
    """All that need columns left empty, for an image that has them."""

    def empty(lines: Lines) -> None:
        from tembench.metrics import METRICS

        for name, metric in METRICS.items():
            if metric.needs == "columns":
                lines[1][COLUMNS.index(name)] = ""

    change_scores(submission, empty)


@submission_case(refused="were scored against different clean images")
def scores_of_another_truth(submission: Path) -> None:
    """Scores against other clean images under the same recipe."""
    change_scores(submission, _column("skill", lambda value: 1 - 1.01 * (1 - value)))


@submission_case(refused="were scored against different clean images")
def another_truth_behind_a_perfect_image(submission: Path) -> None:
    """The same, and one perfect image, which does not show the truth that it was scored against."""
    scores_of_another_truth(submission)
    for name, text in (("psnr_db", "inf"), ("mse", "0.0"), ("skill", "1.0")):
        set_score(submission, 1, name, text)


def _scores_of(submission: Path, name: str) -> Lines:
    content = (submission.parent / name / "scores.csv").read_text()
    return [line.split(",") for line in content.splitlines()]


@submission_case(said="good §.*As good as the clean image itself")
def scores_of_the_oracle(submission: Path) -> None:
    """The scores of the oracle."""
    write_scores(submission, (submission.parent / "clean" / "scores.csv").read_bytes())


@submission_case(said="good §.*As good as the clean image itself")
def scores_of_the_oracle_for_one_image(submission: Path) -> None:
    """The oracle's scores for one of ten images, the method's own for the others."""
    theirs = _scores_of(submission, "clean")
    change_scores(submission, lambda lines: lines.__setitem__(1, theirs[1]))


@submission_case(said="good ¶.*Same images as another row.*good = twin")
def scores_of_another_row(submission: Path) -> None:
    """The scores of another row."""
    write_scores(submission, (submission.parent / "twin" / "scores.csv").read_bytes())


@submission_case(said="good ¶.*Same images as another row.*good = twin")
def scores_of_another_row_for_most_images(submission: Path) -> None:
    """Another row's scores for six of ten images, the method's own for the others."""
    theirs = _scores_of(submission, "twin")
    change_scores(submission, lambda lines: lines.__setitem__(slice(1, 7), theirs[1:7]))


@submission_case(said="good ¶.*Same images as another row.*good = twin")
def scores_of_another_row_changed_a_little(submission: Path) -> None:
    """Another row's scores, each changed by half a thousandth of a decibel."""
    scores_of_another_row(submission)
    change_scores(submission, _column("psnr_db", lambda value: value + 5e-4))


@submission_case(refused="differs from the file that was submitted")
def scores_changed_later(submission: Path) -> None:
    """A score changed without the digest."""
    text = (submission / "scores.csv").read_text()
    (submission / "scores.csv").write_text(text.replace("0.25\n", "0.24\n", 1))


def _audited(submission: Path, content: bytes, **changes: str) -> None:
    values = {"method": "good", "recipe_id": "ab" * 32} | changes
    (submission / "audit.csv").write_bytes(content)
    (submission / "audit.toml").write_text(
        f'format = 1\nmethod = "{values["method"]}"\n[data]\nrecipe = "tiny"\nversion = "1.0.0"\n'
        f'recipe_id = "{values["recipe_id"]}"\npart = "test"\n[scores]\nspecimens = 1\nimages = 1\n'
        f'sha256 = "{hashlib.sha256(content).hexdigest()}"\n'
    )


def _audit_rows(psnr_db: str = "30.0") -> bytes:
    from tembench.ranking.untrusted.audit_file import AUDIT_CASES, AUDIT_COLUMNS

    rows = [f"test-00001,4,{case},{psnr_db},0.5" for case in ("base", *AUDIT_CASES)]
    return "\n".join([",".join(AUDIT_COLUMNS), *rows, ""]).encode()


@submission_case()
def audit_of_its_own(submission: Path) -> None:
    """An audit that fits, for comparison with the next ones."""
    _audited(submission, _audit_rows())


@submission_case(refused="the audit is of another method or recipe; expected good")
def audit_of_another_method(submission: Path) -> None:
    """The audit of another method."""
    _audited(submission, _audit_rows(), method="twin")


@submission_case(refused="the audit is of another method or recipe.*got good, recipe cdcd")
def audit_of_another_recipe(submission: Path) -> None:
    """The audit of another recipe."""
    _audited(submission, _audit_rows(), recipe_id="cd" * 32)


@submission_case(refused="line 2: psnr_db: not expected, 'nan'")
def audit_that_is_no_number(submission: Path) -> None:
    """An audit of scores that are not numbers."""
    _audited(submission, _audit_rows("nan"))


@submission_case(refused="audit.csv: too long; expected at most 12001 lines")
def audit_of_lines(submission: Path) -> None:
    """An audit of a megabyte of empty lines."""
    _audited(submission, _audit_rows() + b"\n" * ((1 << 20) - 2000))


@submission_case(refused="audit.toml: no such file")
def audit_without_a_description(submission: Path) -> None:
    """An audit without its description."""
    (submission / "audit.csv").write_bytes(_audit_rows())
