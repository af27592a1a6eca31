"""Metadata of a submission: what it states of its method and its run, as one flat table.

The same keys are options of ``tembench submit``, lines of a file of ``--metadata``, and entries of
the mapping that the functions of Python take. `Question` says what is asked for where it is
missing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tembench.core import OutputError, Reader
from tembench.methods import TRAINED_ON
from tembench.ranking.untrusted import read_run_description

_METHOD_KEYS = (
    "name", "title", "summary", "kind", "input", "licence", "authors", "code", "training_data",
    "trained_on", "supervised", "paper", "parameters",
)  # fmt: skip
_RUN_KEYS = {"hardware": "device"}
_UNKNOWN_DEVICE = "unknown"
_OF_A_TRAINING = ("supervised", "training_data")
_DOI = re.compile(r"(?:https?://(?:dx\.)?doi\.org/|doi:\s*)?(10\.\d{4,9}/\S+)", re.IGNORECASE)
_ARXIV = re.compile(
    r"(?:https?://arxiv\.org/(?:abs|pdf)/|arxiv:\s*)?(\d{4}\.\d{4,5}|[a-z-]+/\d{7})(?:v\d+)?"
    r"(?:\.pdf)?",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Question:
    """Something that a submission states.

    Attributes
    ----------
    key : str
        Key of the flat table.
    option : str
        Option of ``tembench submit``.
    text : str
        Question at a terminal.
    choices : tuple of str
        Possible answers; empty for any text.
    needed : str
        "always", "learned" for a method that was trained, or "" if it may be left out.
    """

    key: str
    option: str
    text: str
    choices: tuple[str, ...] = ()
    needed: str = ""


QUESTIONS = (
    Question(key="title", option="--title", text="Title in tables", needed="always"),
    Question(
        key="kind",
        option="--kind",
        text="Kind of method",
        choices=("learned", "classical"),
        needed="always",
    ),
    Question(key="authors", option="--authors", text="Authors", needed="always"),
    Question(
        key="licence",
        option="--licence",
        text="Licence of the code (such as MIT, or: not published)",
        needed="always",
    ),
    Question(
        key="trained_on",
        option="--trained-on",
        text="Trained on",
        choices=TRAINED_ON,
        needed="learned",
    ),
    Question(
        key="supervised",
        option="--supervised or --unsupervised",
        text="Trained on clean images",
        choices=("yes", "no"),
        needed="learned",
    ),
    Question(
        key="training_data",
        option="--training-data",
        text="Training data, in a few words",
        needed="learned",
    ),
    Question(key="summary", option="--summary", text="What it does, in one sentence"),
    Question(key="paper", option="--paper", text="Paper: DOI, arXiv id or web address"),
    Question(key="code", option="--code", text="Web address of the code"),
    Question(key="hardware", option="--hardware", text="Hardware that it ran on"),
    Question(key="seconds_per_image", option="--seconds-per-image", text="Seconds per image"),
)


def metadata_tables(metadata: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Sort metadata into the tables ``[method]`` and ``[run]``.

    What belongs to neither is left in the run, where it is reported as an unknown key.

    Parameters
    ----------
    metadata : Mapping
        Keys of both tables, ``hardware`` for ``device``, and ``paper`` as a table, or as a DOI, an
        arXiv id or a web address.
    """
    method = {key: metadata[key] for key in _METHOD_KEYS if key in metadata}
    if isinstance(method.get("paper"), str):
        method["paper"] = _paper(method["paper"]) or method["paper"]
    rest = {key: value for key, value in metadata.items() if key not in _METHOD_KEYS}
    return method, {_RUN_KEYS.get(key, key): value for key, value in rest.items()}


def stated_tables(content: Mapping[str, Any], metadata: Mapping[str, Any]) -> dict[str, Any]:
    """Add metadata to the tables of outputs.

    Parameters
    ----------
    content : Mapping
        Content of ``outputs.toml`` or ``scores.toml``.
    metadata : Mapping
        As for `metadata_tables`.

    Returns
    -------
    dict
        The tables ``method``, ``data`` and ``run``.

    Raises
    ------
    OutputError
        If a key of the metadata is wrong: all of them in one line.
    """
    stated = dict(zip(("method", "run"), metadata_tables(metadata), strict=True))
    tables = {name: {**content[name], **stated.get(name, {})} for name in ("method", "data", "run")}
    method = tables["method"]
    if method.get("kind") == "classical":
        method.setdefault("trained_on", "nothing")
    if method.get("trained_on") == "nothing":
        method.setdefault("supervised", False)
    paper, problems = method.get("paper"), list[str]()
    if isinstance(paper, str):
        expected = "a DOI (10.1109/...), an arXiv id (2010.12970) or a web address (https://...)"
        problems.append(f"method.paper: expected {expected}, got {paper[:80]!r}")
        del method["paper"]
    reader = Reader(tables, problems)
    read_run_description(reader, tables)
    reader.finish()
    reader.raise_problems(OutputError, "metadata", "docs/outputs.md lists the keys")
    return tables


def unstated(tables: Mapping[str, Any]) -> Iterator[Question]:
    """Questions that the tables of a submission do not answer; none for a control.

    Parameters
    ----------
    tables : Mapping
        From `stated_tables`, or with less in them.
    """
    method, run = tables.get("method", {}), tables.get("run", {})
    if method.get("kind") == "control":
        return
    learned = method.get("kind") != "classical"
    for question in QUESTIONS:
        if question.needed == "learned" and not learned:
            continue
        if method.get("trained_on") == "nothing" and question.key in _OF_A_TRAINING:
            continue
        answer = {**run, **method}.get(_RUN_KEYS.get(question.key, question.key))
        if answer in (None, "", {}) or (question.key == "hardware" and answer == _UNKNOWN_DEVICE):
            yield question


def _paper(text: str) -> dict[str, Any] | None:
    """Table of a publication that is named in one line; None if it is not recognised."""
    for key, pattern in (("doi", _DOI), ("arxiv", _ARXIV)):
        if match := pattern.fullmatch(text.strip()):
            return {key: match[1]}
    return {"url": text.strip()} if re.fullmatch(r"https?://\S+", text.strip()) else None
