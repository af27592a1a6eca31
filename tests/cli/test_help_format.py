"""Help pages: no name is broken, no line is cut, and examples can be copied."""

from __future__ import annotations

import re
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from tembench.cli import cli


def commands(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """Iterate over all commands and groups, each as the words that call it."""
    yield path
    for name, inner in getattr(command, "commands", {}).items():
        yield from commands(inner, (*path, name))


def command_at(path: tuple[str, ...]) -> click.Command:
    command: click.Command = cli
    for name in path:
        assert isinstance(command, click.Group)
        command = command.commands[name]
    return command


def help_of(path: tuple[str, ...], columns: int) -> str:
    result = CliRunner().invoke(cli, [*path, "--help"], terminal_width=columns)
    assert result.exit_code == 0
    return result.output


@pytest.mark.parametrize("columns", [78, 80, 100])
@pytest.mark.parametrize("path", list(commands(cli)), ids=" ".join)
def test_help_breaks_no_name(path: tuple[str, ...], columns: int) -> None:
    text = help_of(path, columns)
    assert not re.search(r"\w-\n", text)
    assert "\N{NON-BREAKING HYPHEN}" not in text
    assert max(map(len, text.splitlines())) <= columns
    for word in (command_at(path).help or "").split():
        assert word in text


@pytest.mark.parametrize("columns", [78, 80])
@pytest.mark.parametrize("path", list(commands(cli)), ids=" ".join)
def test_an_example_can_be_copied(path: tuple[str, ...], columns: int) -> None:
    example = re.search(r"Example: (tembench .*)", command_at(path).help or "")
    assert example
    text = " ".join(help_of(path, columns).split())
    assert " ".join(example[1].split()) in text


@pytest.mark.parametrize("path", list(commands(cli)), ids=" ".join)
def test_no_summary_of_a_command_is_cut(path: tuple[str, ...]) -> None:
    summaries = help_of(path, 78).partition("\nCommands:\n")[2]
    assert "..." not in summaries
    assert all(line.endswith((".", ")")) for line in summaries.splitlines() if line)


@pytest.mark.parametrize("path", list(commands(cli)), ids=" ".join)
def test_every_option_has_a_sentence_of_help(path: tuple[str, ...]) -> None:
    for parameter in command_at(path).params:
        if isinstance(parameter, click.Option) and not parameter.is_eager:
            text = parameter.help or ""
            assert text[:1].isupper() or text.startswith("With --"), parameter.name
            assert text.rstrip().endswith((".", "Default:")), parameter.name
            assert len(text.split()) > 2, parameter.name


def test_options_are_listed_under_their_headings() -> None:
    text = help_of(("apply",), 80)
    parts = re.split(r"^(?:What the file says|Trial on a clean image):$", text, flags=re.MULTILINE)
    general, of_files, of_noise = parts
    assert "--weights" in general
    assert "--pixel-size-A" in of_files
    assert "--seed" in of_noise


def test_commands_are_listed_by_purpose_and_whole() -> None:
    text = help_of((), 78)
    headings = re.findall(r"^(\w.*):$", text, flags=re.MULTILINE)
    assert headings[1:] == list(dict.fromkeys(cli.headings.values()))
    assert {*cli.headings} == {*cli.commands}
    assert not re.search(r"[a-z]\.\.\.$", text, flags=re.MULTILINE)
