"""Commands, options and parameters named in the pages, checked against the program."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest

from tembench.cli import cli
from tembench.core import list_methods
from tembench.core.errors import MethodError
from tembench.core.paths import list_recipes
from tembench.methods.method import load_method
from tembench.metrics import METRICS
from tembench.micrographs import AUTO

ROOT = Path(__file__).parent.parent
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "submissions/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "recipes").rglob("*.md")),
]
TRAINED_ON_WAVES = [
    n for n in list_methods() if load_method(n).parameters.get("samples") == "waves"
]


def fenced(page: Path) -> list[tuple[str, str]]:
    """Language and content of the code blocks of a page."""
    parts = re.split(r"^```", page.read_text(), flags=re.MULTILINE)[1::2]
    return [(part.split("\n", 1)[0], part.split("\n", 1)[1]) for part in parts]


def lines() -> Iterator[str]:
    """Command lines of all pages, with continued lines joined."""
    for page in PAGES:
        for language, content in fenced(page):
            if language in ("", "sh", "bash"):
                for line in content.replace("\\\n", " ").splitlines():
                    if line.startswith("tembench "):
                        yield line


def spans() -> Iterator[str]:
    """Inline code of all pages."""
    for page in PAGES:
        text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
        yield from (" ".join(span.split()) for span in re.findall(r"`([^`]+)`", text))


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """The command that these words call, and its arguments."""
    command: click.Command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        assert words[0] in command.commands, words
        command, words = command.commands[words[0]], words[1:]
    return command, words


def is_placeholder(name: str) -> bool:
    """Return whether a name stands for a choice, or one of the reader's: METHOD, OTHER.toml."""
    return name == AUTO or name.split(".")[0].isupper() or name.startswith("my-")


@pytest.mark.parametrize("line", sorted(set(lines())))
def test_a_command_of_a_page_parses(line: str) -> None:
    command, words = command_of(shlex.split(line, comments=True)[1:])
    try:
        given = command.make_context("tembench", words).params
    except click.exceptions.Exit:  # of --help and --version
        return
    chosen = [given["method"]] if given.get("method") else list(given.get("chosen") or ())
    for name in (name for name in chosen if not is_placeholder(name)):
        load_method(name).settings(**given.get("overrides", {}))
    source = given.get("source")
    assert not source or source in list_recipes() or source.endswith(".toml")
    assert given.get("rank_by", "psnr_db") in METRICS


def test_commands_are_found() -> None:
    assert len(set(lines())) > 30
    assert any("--set channels=32 --out studies/dncnn" in line for line in lines())
    assert TRAINED_ON_WAVES == [
        "dncnn", "gated-unet", "unet", "unet-2-scales", "unet-6-scales", "unet-bias-free",
        "unet-small",
    ]  # fmt: skip


def options_of(command: click.Command) -> set[str]:
    inner = getattr(command, "commands", {}).values()
    own = {option for p in command.params for option in (*p.opts, *p.secondary_opts)}
    return own.union({"--help", "--version"}, *map(options_of, inner))


@pytest.mark.parametrize("span", sorted({s for s in spans() if s.startswith(("tembench ", "--"))}))
def test_a_command_in_a_sentence_has_the_options_that_it_names(span: str) -> None:
    words = span.split()
    command, _ = command_of(words[1:]) if words[0] == "tembench" else (cli, words)
    for word in words:
        if word.startswith("--"):
            assert word.split("=")[0] in options_of(command), span


@pytest.mark.parametrize("name", TRAINED_ON_WAVES)
def test_training_parameters_named_in_the_pages_are_accepted(name: str) -> None:
    pytest.importorskip("torch")
    from tembench.cli.options import _read_overrides
    from tembench.methods.training.config import TrainingConfig

    named = {span.split(" = ")[0] for span in spans()} & set(TrainingConfig.__dataclass_fields__)
    # Of networks trained on moved images, and of classical methods.
    named -= {"bin_A", "seed"}
    assert {"dose_range", "rotation_deg", "overhang_px", "memory_GB", "samples"} <= named
    method = load_method(name)
    assert named <= {*method.parameters, *method.optional}
    given = [s.removeprefix("--set ") for s in spans() if s.startswith("--set ") and "=" in s]
    assert "spread_range=[0.8,1.2]" in given
    config = TrainingConfig.from_parameters(method.settings(**_read_overrides(tuple(given))))
    assert config.spread_range == (0.8, 1.2)
    # Optional parameters that are not set are not recorded, and have their usual values.
    assert not set(method.optional) & set(method.settings())
    usual = TrainingConfig.from_parameters({**method.optional, **method.parameters})
    assert usual == TrainingConfig.from_parameters(method.parameters)


@pytest.mark.parametrize(
    "value", ["[]", "[1]", "[2, 1]", "[0, 1]", "['a', 'b']", "[nan, 1]", "[1, 2, 3]", "0.8", "x"]
)
def test_an_invalid_range_is_refused(value: str) -> None:
    pytest.importorskip("torch")
    from tembench.cli.options import _read_overrides
    from tembench.methods.training.config import TrainingConfig

    override: dict[str, Any] = _read_overrides((f"dose_range={value}",))
    with pytest.raises(MethodError, match="dose_range"):
        TrainingConfig.from_parameters(load_method("unet").settings(**override))


@pytest.mark.slow
def test_outputs_made_by_the_page_are_scored(tiny_store_path: Path, tmp_path: Path) -> None:
    from tembench.core.files import write_toml
    from tembench.dataset import open_store
    from tembench.ranking.scoring.score import score_outputs

    (tmp_path / "quickstart.zarr").symlink_to(tiny_store_path)
    blocks = list(fenced(ROOT / "docs" / "outputs.md"))
    page = dict(blocks)
    code = next(text for kind, text in blocks if kind == "python" and "denoised.zarr" in text)
    run = [sys.executable, "-c", code]
    result = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    store, outputs = open_store(tmp_path / "quickstart.zarr"), tmp_path / "outputs" / "mine"
    content = tomllib.loads(page["toml"])
    content["data"] |= {"recipe_id": store.recipe_id, "images": 4, "recipe": "tiny"}
    write_toml(outputs / "outputs.toml", content)
    assert len(score_outputs(outputs, store, workers=0).scores) == 4
