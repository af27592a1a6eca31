"""Help pages: lines are broken between words, never inside of a name such as low-dose.zarr."""

from __future__ import annotations

from collections.abc import Iterable

import click

# Looks like a hyphen and is no place to break a line; it is written as a hyphen.
_JOINT = "\N{NON-BREAKING HYPHEN}"


class _Formatter(click.HelpFormatter):
    def write(self, string: str) -> None:
        super().write(string.replace(_JOINT, "-"))

    def write_text(self, text: str) -> None:
        super().write_text(text.replace("-", _JOINT))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        joined = [(name, text.replace("-", _JOINT)) for name, text in rows]
        super().write_dl(joined, col_max, col_spacing)


class _Context(click.Context):
    formatter_class = _Formatter


def keep_names_whole(command: click.Command) -> None:
    """Print the help of a command, and of those inside of it, with names unbroken."""
    command.context_class = _Context
    for inner in getattr(command, "commands", {}).values():
        keep_names_whole(inner)
