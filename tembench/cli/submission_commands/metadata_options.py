"""Options on what a submission states of its method and its run, and questions at a terminal."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from tembench.cli.options import FOLDER, POSITIVE
from tembench.core import OutputError

if TYPE_CHECKING:
    from tembench.ranking import Question

_Command = TypeVar("_Command", bound=Callable[..., Any])
# Their module is too slow to load for --help; a test compares the lists.
_TRAINED_ON = ("this track", "other simulations", "real data", "nothing")
_KINDS = ("learned", "classical", "control")
_INPUTS = ("noisy", "series", "clean")
_OPTIONS: dict[str, dict[str, Any]] = {
    "title": {"help": "Title in tables."},
    "authors": {"help": "Who made the method."},
    "paper": {
        "metavar": "DOI|ARXIV|URL",
        "help": "Its publication: a DOI, an arXiv id or a web address.",
    },
    "code": {"metavar": "URL", "help": "Web address of its code."},
    "licence": {"help": "Licence of its code."},
    "trained-on": {
        "type": click.Choice(_TRAINED_ON),
        "help": "Data that it was trained on: this track's training part, other simulations, real "
        "data, or nothing.",
    },
    "training-data": {"metavar": "TEXT", "help": "The same in a few words."},
    "kind": {"type": click.Choice(_KINDS), "help": "Kind of method."},
    "input": {
        "type": click.Choice(_INPUTS),
        "help": "What it receives: the noisy image, or the series that it is of.",
    },
    "hardware": {"help": "What it ran on."},
    "seconds-per-image": {"type": POSITIVE, "help": "Run time."},
    "summary": {"help": "What it does, in one sentence."},
}


def metadata_options(command: _Command) -> _Command:
    """Add the options, whose values the command receives as the mapping `stated`."""

    @functools.wraps(command)
    def collected(metadata: Path | None, supervised: bool | None, **rest: Any) -> Any:
        keys = [name.replace("-", "_") for name in _OPTIONS]
        given = {key: value for key in keys if (value := rest.pop(f"stated_{key}")) is not None}
        if supervised is not None:
            given["supervised"] = supervised
        return command(stated={**_from_file(metadata), **given}, **rest)

    options = [
        *(
            click.option(f"--{name}", f"stated_{name.replace('-', '_')}", **details)
            for name, details in _OPTIONS.items()
        ),
        click.option(
            "--supervised/--unsupervised", default=None, help="Whether it saw clean images."
        ),
        click.option(
            "--metadata",
            type=FOLDER,
            metavar="FILE",
            help="TOML file with the same keys, such as trained_on; options replace its values.",
        ),
    ]
    for option in reversed(options):
        collected = option(collected)
    return collected  # type: ignore[return-value]


def _from_file(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    from tembench.ranking import read_tables

    return read_tables(path)


def answered(questions: Sequence[Question], where: Path) -> dict[str, Any]:
    """Ask what is not stated, at a terminal; elsewhere report all of it.

    Parameters
    ----------
    questions : sequence of Question
        What is not stated. Nothing is asked if all of it may be left out.
    where : Path
        The images, named in the message.

    Raises
    ------
    OutputError
        If there is no terminal to ask at.
    """
    needed = [question for question in questions if question.needed]
    if not needed:
        return {}
    if not sys.stdin.isatty():
        listed = ", ".join(f"{one.key} ({one.option})" for one in needed)
        raise OutputError(
            f"not stated: {listed}",
            where=str(where),
            remedy="State it by these options, or in a file that --metadata names",
        )
    click.echo("What the table says of the method (Enter leaves out what is optional):", err=True)
    found: dict[str, Any] = {}
    for question in questions:
        learned = found.get("kind") != "classical" and found.get("trained_on") != "nothing"
        if question.needed != "learned" or learned or question.key == "trained_on":
            found |= _asked(question, skip=found.get("kind") == "classical")
    return found


def _asked(question: Question, *, skip: bool) -> dict[str, Any]:
    if skip and question.needed == "learned":
        return {}
    answer = click.prompt(
        f"  {question.text}",
        default=None if question.needed else "",
        show_default=False,
        type=click.Choice(question.choices) if question.choices else str,
        err=True,
    )
    if answer == "":
        return {}
    if question.key == "supervised":
        return {question.key: answer == "yes"}
    if question.key == "seconds_per_image":
        return {question.key: POSITIVE.convert(answer, None, None)}
    return {question.key: answer}
