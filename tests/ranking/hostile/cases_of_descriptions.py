"""Hostile ``submission.toml``: bytes, sizes, types, and claims of what a row is."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path
from typing import Any

from hostile_case import folder_case, submission_case
from spoiled_submissions import edit

from tembench.recipe import load_recipe, recipe_id


def _content(submission: Path) -> bytes:
    return (submission / "submission.toml").read_bytes()


def _write(submission: Path, content: bytes) -> None:
    (submission / "submission.toml").write_bytes(content)


def _before(submission: Path, text: str) -> None:
    _write(submission, text.encode() + b"\n" + _content(submission))


@submission_case(refused="not valid TOML; got Cannot overwrite a value")
def key_twice(submission: Path) -> None:
    """A key that is given twice."""
    _before(submission, 'name = "twin"')


@submission_case()
def byte_order_mark(submission: Path) -> None:
    """A byte order mark before the first key."""
    _write(submission, b"\xef\xbb\xbf" + _content(submission))


@submission_case()
def line_ends_of_windows(submission: Path) -> None:
    """Lines that end as on Windows."""
    _write(submission, _content(submission).replace(b"\n", b"\r\n"))


@submission_case(refused="not valid TOML; got Illegal character")
def null_byte(submission: Path) -> None:
    """A null byte in a text."""
    _write(submission, _content(submission).replace(b'"good"', b'"go\x00od"'))


@submission_case(refused="not a text file; expected TOML in UTF-8")
def sixteen_bits(submission: Path) -> None:
    """The file in UTF-16."""
    _write(submission, _content(submission).decode().encode("utf-16"))


@submission_case(refused="not a text file; expected TOML in UTF-8")
def half_a_character(submission: Path) -> None:
    """A byte that is no UTF-8."""
    _write(submission, _content(submission).replace(b"Good", b"G\xffd"))


@submission_case(refused="24000 mistakes: a0: unknown key")
def thousands_of_keys(submission: Path) -> None:
    """24,000 unknown keys."""
    _before(submission, "".join(f"a{number}=1\n" for number in range(24_000)))


@submission_case(refused="15000 mistakes: forma0: unknown key, did you mean 'format'")
def thousands_of_misspelt_keys(submission: Path) -> None:
    """15,000 keys that are nearly right, each compared with all known ones."""
    _before(submission, "".join(f"forma{number}=1\n" for number in range(15_000)))


@submission_case(refused="10000 mistakes: metrics.a0: unknown metric")
def thousands_of_metrics(submission: Path) -> None:
    """10,000 unknown metrics."""
    edit(submission, "metrics", **{f"a{number}": 1 for number in range(10_000)})


@submission_case(refused="submission.toml has .* bytes, more than 262144")
def a_million_keys(submission: Path) -> None:
    """A million keys."""
    _before(submission, "".join(f"k{number}=1\n" for number in range(1_000_000)))


@submission_case(refused="lines of at most 4096 bytes")
def key_of_five_thousand_parts(submission: Path) -> None:
    """A dotted key of 5,000 parts, which takes hours to parse."""
    _before(submission, ".".join("a" * 5000) + " = 1")


@submission_case(refused="at most 16384 dots")
def many_long_keys(submission: Path) -> None:
    """20 dotted keys of 1,000 parts."""
    _before(submission, "\n".join(f"k{n}." + ".".join("a" * 1000) + "=1" for n in range(20)))


@submission_case(refused="nested too deeply; expected plain tables")
def list_in_lists(submission: Path) -> None:
    """A list in 1,500 lists."""
    _before(submission, "a = " + "[" * 1500 + "]" * 1500)


@submission_case(refused="lines of at most 4096 bytes")
def number_of_many_digits(submission: Path) -> None:
    """A whole number of 5,000 digits."""
    _write(submission, _content(submission).replace(b"threads = 1", b"threads = " + b"9" * 5000))


@submission_case(refused="run.threads: expected a number of at most 64 bits, got a huge number")
def number_of_four_thousand_digits(submission: Path) -> None:
    """A whole number of 4,000 digits, which Python parses."""
    _write(submission, _content(submission).replace(b"threads = 1", b"threads = " + b"9" * 4000))


@submission_case(
    refused="3 mistakes.*seconds_per_image: expected a finite number, got nan.*got inf.*got inf"
)
def numbers_that_are_none(submission: Path) -> None:
    """Not a number, infinity, and a number that is infinite once it is read."""
    edit(submission, "run", seconds_per_image=float("nan"), training_seconds=float("inf"))
    text = _content(submission).replace(b"peak_memory_MB = 300.0", b"peak_memory_MB = 1e999")
    _write(submission, text)


@submission_case(refused="run.seconds_per_image: expected at least 0")
def time_before_zero(submission: Path) -> None:
    """Denoised in less than no time."""
    edit(submission, "run", seconds_per_image=-1.0)


@submission_case(refused=r"format: expected a whole number, got datetime\.date")
def date_for_a_number(submission: Path) -> None:
    """A date in the place of a number."""
    edit(submission, None, format=date(1979, 5, 27))


@submission_case(refused="data.images: expected a whole number, got True")
def truth_for_a_number(submission: Path) -> None:
    """True in the place of a number."""
    edit(submission, "data", images=True)


@submission_case(refused="method.title: expected a string, got {")
def table_for_a_text(submission: Path) -> None:
    """A table in the place of a title."""
    edit(submission, "method", title={"a": 1})


@submission_case(refused="method: expected a table, got 1")
def number_for_a_table(submission: Path) -> None:
    """A number in the place of a table."""
    edit(submission, None, method=1)


@submission_case(refused="method.parameters: expected at most 200 entries, got 5000")
def thousands_of_parameters(submission: Path) -> None:
    """5,000 parameters."""
    edit(submission, "method", parameters={f"p{number}": 1 for number in range(5000)})


@submission_case(refused="method.parameters: expected numbers, text, true, false and lists")
def table_for_a_parameter(submission: Path) -> None:
    """A parameter that is a table."""
    edit(submission, "method", parameters={"a": {"b": 1}})


@submission_case(refused="2 mistakes: method.__init__: unknown key.*; __class__: unknown key")
def names_of_python(submission: Path) -> None:
    """Keys named as Python's own attributes."""
    edit(submission, None, __class__="os")
    edit(submission, "method", __init__="os")


@submission_case(refused="method.code: expected a web address, https://...*javascript")
def address_that_runs_code(submission: Path) -> None:
    """An address of the code that is code."""
    edit(submission, "method", code="javascript:alert(1)")


@submission_case(refused="method.code: expected a web address")
def address_that_ends_an_attribute(submission: Path) -> None:
    """An address of the code that ends the attribute that it is in."""
    edit(submission, "method", code='https://a.example/"onmouseover="alert(1)')


@submission_case(refused="method.trained_on: expected one of this track")
def training_of_another_kind(submission: Path) -> None:
    """Training data of a kind that there is not."""
    edit(submission, "method", trained_on="the images under test")


@submission_case(refused="submitted: expected a date such as")
def date_that_there_is_not(submission: Path) -> None:
    """A date that there is not."""
    edit(submission, None, submitted="2027-02-31")


@submission_case(refused="scores.missing: expected less than 10 images, got 10")
def more_missing_than_there_are(submission: Path) -> None:
    """All images missing, which count as the worst."""
    edit(submission, "scores", missing=10)


@submission_case(refused="scores.warnings: expected at most 20 lines of plain text")
def thousands_of_warnings(submission: Path) -> None:
    """5,000 warnings."""
    edit(submission, "scores", warnings=["odd"] * 5000)


def _titled(submission: Path, title: str) -> None:
    edit(submission, "method", title=title)


_UNSEEN = "method.title: expected text without control characters or invisible ones"


@submission_case(refused="method.title: expected text that matches")
def title_of_two_lines(submission: Path) -> None:
    """A title of two lines."""
    _titled(submission, "Good\nBetter")


@submission_case(refused=_UNSEEN)
def title_that_clears_a_terminal(submission: Path) -> None:
    """A title with the code that clears a terminal."""
    _titled(submission, "\x1b[2JGood")


@submission_case(refused=_UNSEEN)
def title_right_to_left(submission: Path) -> None:
    """A title with a mark that turns the direction of writing."""
    _titled(submission, "\u202edooG")


@submission_case(refused=_UNSEEN)
def title_with_nothing_between(submission: Path) -> None:
    """A title with a space of no width."""
    _titled(submission, "Tw\u200bin")


@submission_case(refused=_UNSEEN)
def title_of_tags(submission: Path) -> None:
    """A title with the invisible tags of Unicode, which hide text."""
    _titled(submission, "Good" + "".join(chr(0xE0000 + ord(sign)) for sign in "evil"))


@submission_case(refused=_UNSEEN)
def title_over_other_rows(submission: Path) -> None:
    """A title with towers of accents, drawn over the rows above."""
    _titled(submission, "G" + "\u0301" * 40)


@submission_case(refused="method.title: expected at most 80 characters, got 3000")
def title_without_end(submission: Path) -> None:
    """A title of 3,000 letters."""
    _titled(submission, "x" * 3000)


@submission_case(said="≈ A title that looks like another row's: good = twin")
def title_of_another_row(submission: Path) -> None:
    """The title of another row."""
    _titled(submission, "Twin")


@submission_case(said="≈ A title that looks like another row's: good = twin")
def title_in_another_script(submission: Path) -> None:
    """The title of another row with a Cyrillic i."""
    _titled(submission, "Tw\u0456n")


@submission_case(said="≈ A title that looks like another row's: good = twin")
def title_in_mathematical_letters(submission: Path) -> None:
    """The title of another row in mathematical letters and with a space more."""
    _titled(submission, "\U0001d413\U0001d430\U0001d422\U0001d427 ")


@submission_case(said="≈ A title that looks like another row's: clean = good")
def title_of_a_control(submission: Path) -> None:
    """The title of the oracle, in capitals."""
    _titled(submission, "CLEAN")


@submission_case(refused="method.kind: controls are clean, noisy, vacuum")
def own_control(submission: Path) -> None:
    """A control of one's own, which would not be ranked but frame the table."""
    edit(submission, "method", kind="control")


@folder_case(refused="got control 'clean' in 'oracle'")
def oracle_under_another_name(folder: Path) -> None:
    """The oracle under another name."""
    edit(Path(shutil.copytree(folder / "clean", folder / "oracle")), None, name="oracle")


@folder_case(refused="'dictionary' is the name of a control")
def name_of_the_look_up(folder: Path) -> None:
    """A method named as the look-up: above BM3D, it would take all ranks away."""
    edit(Path(shutil.copytree(folder / "good", folder / "dictionary")), None, name="dictionary")


@submission_case(refused="'recipe-oracle' is the name of a control")
def method_of_a_control(submission: Path) -> None:
    """The method of a control, submitted under another name."""
    edit(submission, "method", name="recipe-oracle")


@submission_case(refused="method.input: expected noisy or series, got clean")
def method_that_sees_the_truth(submission: Path) -> None:
    """A method that says that it sees the clean image."""
    edit(submission, "method", input="clean")


@submission_case(refused="expected quickstart .*, which has that recipe_id, got tiny 1.0.0")
def name_of_no_recipe(submission: Path) -> None:
    """The id of a known recipe under another name."""
    edit(submission, "data", recipe_id=recipe_id(load_recipe("quickstart")))


@submission_case(refused="quickstart .* has another recipe_id than abab")
def name_of_another_recipe(submission: Path) -> None:
    """The name and version of a known recipe with another id."""
    known = load_recipe("quickstart")
    edit(submission, "data", recipe="quickstart", version=known.version)


@submission_case(refused="data.version: expected text that matches")
def version_with_a_claim(submission: Path) -> None:
    """A version that calls itself official."""
    edit(submission, "data", version="9.9.9 official")


@folder_case(said="^accepted$")
def version_of_ones_own(folder: Path) -> None:
    """A version that nobody knows of a recipe that nobody knows: a table of its own."""
    edit(folder / "good", "data", version="9.9.9")


@submission_case(refused="data.recipe_id: expected text that matches")
def id_in_capitals(submission: Path) -> None:
    """The recipe's id in capitals."""
    edit(submission, "data", recipe_id="AB" * 32)


@submission_case(refused="data.part: expected test.* got train: only images under test are ranked")
def images_of_the_training(submission: Path) -> None:
    """Scores of the images of the training."""
    edit(submission, "data", part="train")


@submission_case(refused="data.split: expected one of model")
def unknown_split(submission: Path) -> None:
    """A split that there is not."""
    edit(submission, "data", split="mine")


@submission_case(refused=r"data.images: expected at most 1e\+06")
def a_billion_images(submission: Path) -> None:
    """A billion images, for which memory might be allocated."""
    edit(submission, "data", images=10**9)
    edit(submission, "scores", images=10**9)


@submission_case(refused="metrics.psnr_db: unknown version 99; this tembench knows 1")
def metric_of_the_future(submission: Path) -> None:
    """A version of a metric that there is not yet."""
    edit(submission, "metrics", psnr_db=99)


@submission_case(refused="metric versions of .* differ")
def metric_of_the_past(submission: Path) -> None:
    """An old version of a metric, beside rows of the new one."""
    edit(submission, "metrics", position_error_pm=1)


@submission_case(refused="metrics.beauty: unknown metric")
def metric_of_ones_own(submission: Path) -> None:
    """A metric of one's own."""
    edit(submission, "metrics", beauty=1)


@submission_case(refused="differs from the file that was submitted; expected sha256 0000")
def forged_digest(submission: Path) -> None:
    """A digest that is not that of the scores."""
    edit(submission, "scores", sha256="0" * 64)


@submission_case(refused="scores.sha256: expected text that matches")
def digest_in_capitals(submission: Path) -> None:
    """A digest in capitals."""
    edit(submission, "scores", sha256="AB" * 32)


@submission_case(refused="scores.models disagrees with the scores; expected 4, got 9")
def more_models_than_there_are(submission: Path) -> None:
    """More models than the scores have: the interval would seem narrower."""
    edit(submission, "scores", models=9)


@submission_case(refused="format: expected 1, got 2")
def format_of_the_future(submission: Path) -> None:
    """A format that there is not yet."""
    edit(submission, None, format=2)


@submission_case(refused="'good' is a further training of 'good', which is not here")
def training_of_itself(submission: Path) -> None:
    """A further training of itself: its row would vanish."""
    edit(submission, None, seed_of="good")


@folder_case(refused="is a further training of '(good|poor)', which is not here")
def trainings_of_each_other(folder: Path) -> None:
    """Two further trainings of each other."""
    edit(folder / "good", None, seed_of="poor")
    edit(folder / "poor", None, seed_of="good")


@folder_case(refused="'second' is a further training of 'first', which is not here")
def training_of_a_training(folder: Path) -> None:
    """A chain of further trainings."""
    for name, of in (("first", "good"), ("second", "first")):
        edit(Path(shutil.copytree(folder / "good", folder / name)), None, name=name, seed_of=of)


@submission_case(refused="'good' is a further training of 'nobody', which is not here")
def training_of_nobody(submission: Path) -> None:
    """A further training of a submission that there is not."""
    edit(submission, None, seed_of="nobody")


@submission_case(refused="'good' is a further training of 'twin', which is a submission of twin")
def training_of_another_method(submission: Path) -> None:
    """A further training of another's row, which would lower it."""
    edit(submission, None, seed_of="twin")


@submission_case(refused="'good' is a further training of 'twin', which has other parameters")
def training_with_other_parameters(submission: Path) -> None:
    """A further training of another's row with other parameters."""
    values: dict[str, Any] = {"name": "twin", "parameters": {"sigma_px": 99.0}}
    edit(submission, "method", **values)
    edit(submission, None, seed_of="twin")
