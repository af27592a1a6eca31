"""docs/outputs.md against the code that reads the files."""

from __future__ import annotations

import copy
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tembench.core.errors import OutputError
from tembench.core.files import write_toml
from tembench.core.toml_reader import Reader
from tembench.ranking.scoring.output_reader import read_outputs
from tembench.ranking.submission import check_submission
from tembench.ranking.submission_parts.submission_toml import read_submission_record
from tembench.ranking.untrusted.run_info import read_run_description

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "outputs.md").read_text()
OUTPUTS, SUBMISSION = PAGE.split("## Keys of `submission.toml`")
FULL = tomllib.loads((ROOT / "submissions" / "ptceo2-18k" / "unet" / "submission.toml").read_text())
# That table belongs to two files, whose reader is tested with them.
FULL.pop("shown", None)

OPTIONAL = {
    "submitted": "2027-03-14",
    "seed_of": "unet-small",
    "scores.outputs_sha256": "ab" * 32,
    "scores.tembench": "0.1.0",
    "scores.missing": 3,
    "scores.warnings": ["the outputs look shifted"],
}


def described(text: str) -> dict[str, bool]:
    """Keys of the tables of a text, and whether they are needed."""
    rows = re.findall(r"^\| `([a-z_.A-Z0-9]+)` \| (yes|no) \|", text, re.MULTILINE)
    return {key: needed == "yes" for key, needed in rows}


def problems(content: dict[str, Any]) -> list[str]:
    reader = Reader(content)
    reader.integer("format")
    read_run_description(reader, content)
    reader.finish()
    return reader.problems


def outputs() -> dict[str, Any]:
    return copy.deepcopy({key: FULL[key] for key in ("format", "method", "data", "run")})


def without(content: dict[str, Any], dotted: str) -> dict[str, Any]:
    *tables, key = dotted.split(".")
    table = content
    for name in tables:
        table = table[name]
    table.pop(key, None)
    return content


def test_the_page_lists_the_keys_that_are_known() -> None:
    content = outputs()
    for table in ("method", "data", "run"):
        content[table]["no_such_key"] = 1
    content["no_such_key"] = 1
    known = set()
    for problem in problems(content):
        place, listed = problem.split(": unknown key; expected one of ")
        prefix = place.removesuffix("no_such_key")
        known |= {prefix + name for name in listed.split(", ")}
    assert known - {"method", "data", "run"} == set(described(OUTPUTS))


@pytest.mark.parametrize("key", described(OUTPUTS))
def test_a_key_is_needed_where_the_page_says_so(key: str) -> None:
    found = problems(without(outputs(), key))
    assert found == ([f"{key}: missing"] if described(OUTPUTS)[key] else [])


def test_the_smallest_file_of_the_page_is_read() -> None:
    text = re.search(r"```toml\n(.*?)```", OUTPUTS, re.DOTALL)
    assert text
    content = tomllib.loads(text[1])
    assert problems(content) == []
    flat = {"format", *(f"{t}.{key}" for t in ("method", "data", "run") for key in content[t])}
    assert flat == {key for key, needed in described(OUTPUTS).items() if needed}


@pytest.mark.parametrize(
    ("key", "value", "message"),
    [
        ("submitted", "14 March", "submitted: expected a date such as 2027-03-14, got '14 March'"),
        ("submitted", "2027-02-30", "submitted: expected a date"),
        ("outputs_sha256", "xyz", "scores.outputs_sha256: expected text that matches"),
        ("tembench", 1, "scores.tembench: expected a string"),
        ("missing", -1, "scores.missing: expected at least 0"),
        ("missing", 500, "scores.missing: expected less than 500 images, got 500"),
        ("warnings", "odd", "scores.warnings: expected a list of strings"),
        ("warnings", ["a\nb"], "scores.warnings: expected at most 20 lines of plain text"),
        ("warnings", ["a"] * 21, "scores.warnings: expected at most 20 lines"),
        ("authors", "a\u202eb", "method.authors"),
        ("code", "javascript:alert(1)", "method.code: expected a web address, https://..., got"),
        ("code", "https://a.b/<i>", "method.code: expected a web address"),
        ("trained_on", "my data", "method.trained_on: expected one of this track, other"),
        ("supervised", "yes", "method.supervised: expected true or false, got 'yes'"),
    ],
)
def test_what_a_submission_may_state_is_checked(
    key: str, value: Any, message: str, tmp_path: Path
) -> None:
    content = copy.deepcopy(FULL)
    tables = {"submitted": content}
    tables |= dict.fromkeys(("authors", "code", "trained_on", "supervised"), content["method"])
    tables.get(key, content["scores"])[key] = value
    reader = Reader(content)
    read_submission_record(reader, content)
    assert [problem for problem in reader.problems if problem.startswith(message)], reader.problems
    assert len(reader.problems) == 1


def test_a_method_trained_on_nothing_is_not_supervised() -> None:
    content = outputs()
    content["method"] |= {"trained_on": "nothing", "supervised": True}
    assert problems(content) == [
        "method.supervised: expected false for a method that is trained on nothing, got true"
    ]


@pytest.mark.parametrize("key", [key for key in described(SUBMISSION) if key[:6] != "shown."])
def test_keys_of_a_submission(key: str, tmp_path: Path) -> None:
    folder = tmp_path / "unet"
    folder.mkdir()
    for name in ("scores.csv", "panel.png"):
        (folder / name).write_bytes(
            (ROOT / "submissions" / "ptceo2-18k" / "unet" / name).read_bytes()
        )
    write_toml(folder / "submission.toml", copy.deepcopy(FULL))
    assert check_submission(folder).name == "unet"
    needed = [name for name, is_needed in described(SUBMISSION).items() if is_needed]
    assert set(FULL) - set(OPTIONAL) == {"format", "method", "data", "run"} | {
        name.split(".")[0] for name in needed
    }
    if key not in needed:
        content, *tables = copy.deepcopy(FULL), *key.split(".")
        (content[tables[0]] if tables[1:] else content)[tables[-1]] = OPTIONAL[key]
        write_toml(folder / "submission.toml", content)
        field = {"tembench": "scored_with"}.get(tables[-1], tables[-1])
        found = getattr(check_submission(folder), field)
        assert (list(found) if isinstance(found, tuple) else found) == OPTIONAL[key]
        return
    write_toml(folder / "submission.toml", without(copy.deepcopy(FULL), key))
    with pytest.raises(OutputError, match=rf"{re.escape(key)}.*missing"):
        check_submission(folder)


def test_all_mistakes_of_a_file_come_at_once(store: Any, tmp_path: Path) -> None:
    (tmp_path / "denoised.zarr").mkdir()
    (tmp_path / "outputs.toml").write_text("[method]\nkind = 'magic'\ncolour = 'red'\n[data]\n")
    with pytest.raises(OutputError) as caught:
        read_outputs(tmp_path, store)
    line = str(caught.value)
    for key, needed in described(OUTPUTS).items():
        table, _, name = key.rpartition(".")
        said = f"{key}: " in line or (f"{table}: missing (a table" in line and f"{name}" in line)
        assert said == (needed or key in ("method.kind",)), key
    assert "method.colour: unknown key" in line
    assert "docs/outputs.md" in line
