"""Hostile cases as data: what is done to a good folder, and what must happen then.

A case is a function that spoils a folder; its docstring says what it does. The decorators register
it under the name of the function.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

Spoil = Callable[[Path], object]
SECRET = "canary 5f3b1c, which no program may read"


@dataclass(frozen=True, kw_only=True)
class HostileCase:
    """One case.

    Attributes
    ----------
    name : str
        Name of the function, in words.
    kind : str
        What it spoils: "submission" (one of a folder of six), "folder" (all six), "outputs" (not
        scored yet), "images" (of a submitter's own), or "text" (all text of a submission, in every
        format of a table).
    done : str
        What is done.
    spoil : callable
        Does it, to the path of the folder.
    refused : str
        Pattern of the one line of the refusal; empty where it is accepted.
    said : str
        Pattern of what must be said of it where it is accepted; empty where nothing need be.
    """

    name: str
    kind: str
    done: str
    spoil: Spoil
    refused: str = ""
    said: str = ""

    @property
    def must(self) -> str:
        """What must happen, in words."""
        if self.refused:
            return "refused"
        if self.kind == "text":
            return "shown as plain text"
        return "accepted and marked" if self.said else "accepted, harmless"


CASES: list[HostileCase] = []


def _register(kind: str, refused: str, said: str) -> Callable[[Spoil], Spoil]:
    def register(spoil: Spoil) -> Spoil:
        name = spoil.__name__.replace("_", " ")
        done = " ".join((inspect.getdoc(spoil) or "").split()).rstrip(".")
        CASES.append(
            HostileCase(name=name, kind=kind, done=done, spoil=spoil, refused=refused, said=said)
        )
        return spoil

    return register


def submission_case(refused: str = "", said: str = "") -> Callable[[Spoil], Spoil]:
    """Register a function that spoils the submission ``good``."""
    return _register("submission", refused, said)


def folder_case(refused: str = "", said: str = "") -> Callable[[Spoil], Spoil]:
    """Register a function that spoils a folder of submissions."""
    return _register("folder", refused, said)


def outputs_case(refused: str = "", said: str = "") -> Callable[[Spoil], Spoil]:
    """Register a function that spoils a folder of outputs."""
    return _register("outputs", refused, said)


def images_case(refused: str = "", said: str = "") -> Callable[[Spoil], Spoil]:
    """Register a function that writes images of its own, and returns their path."""
    return _register("images", refused, said)


def text_case(name: str, done: str, spoil: Spoil) -> None:
    """Register a text that every format has to show as text."""
    CASES.append(HostileCase(name=name, kind="text", done=done, spoil=spoil))
