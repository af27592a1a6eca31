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
from tembench.ranking.untrusted.run_info import read_run_description

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs" / "outputs.md").read_text()
OUTPUTS, SUBMISSION = PAGE.split("## Keys of `submission.toml`")
FULL = tomllib.loads((ROOT / "submissions" / "ptceo2-18k" / "unet" / "submission.toml").read_text())


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


@pytest.mark.parametrize("key", described(SUBMISSION))
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
    assert set(FULL) == {"format", "method", "data", "run"} | {
        name.split(".")[0] for name in needed
    }
    if key not in needed:
        write_toml(folder / "submission.toml", copy.deepcopy(FULL) | {key: "unet-small"})
        assert getattr(check_submission(folder), key) == "unet-small"
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
