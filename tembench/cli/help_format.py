"""Layout of help pages: options under headings, and lines that never break inside a name."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

# Looks like a hyphen, but click breaks no line at it; it is written as a plain hyphen.
_UNBREAKABLE_HYPHEN = "\N{NON-BREAKING HYPHEN}"


class _Formatter(click.HelpFormatter):
    def write(self, string: str) -> None:
        super().write(string.replace(_UNBREAKABLE_HYPHEN, "-"))

    def write_text(self, text: str) -> None:
        super().write_text(text.replace("-", _UNBREAKABLE_HYPHEN))

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        joined = [(name, text.replace("-", _UNBREAKABLE_HYPHEN)) for name, text in rows]
        super().write_dl(joined, col_max, col_spacing)


class _Context(click.Context):
    formatter_class = _Formatter


def keep_names_whole(command: click.Command) -> None:
    """Make a command and its subcommands print help without breaking names such as low-dose.zarr.

    Parameters
    ----------
    command : click.Command
        A command or a group.
    """
    command.context_class = _Context
    for inner in getattr(command, "commands", {}).values():
        keep_names_whole(inner)


class GroupedCommand(click.Command):
    """A command whose help lists some of its options under headings of their own.

    Parameters
    ----------
    headings : Mapping of str to sequence of str
        Names of the parameters under each heading. All other options are listed first.
    """

    def __init__(self, *args: Any, headings: Mapping[str, Sequence[str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._headings = headings

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, one section per heading."""
        listed = {name: heading for heading, names in self._headings.items() for name in names}
        sections: dict[str, list[tuple[str, str]]] = {"Options": []}
        sections |= {heading: [] for heading in self._headings}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx)
            if record and isinstance(parameter, click.Option):
                sections[listed.get(parameter.name or "", "Options")].append(record)
        for heading, records in sections.items():
            with formatter.section(heading):
                formatter.write_dl(records)


class GroupedCommands(click.Group):
    """A group whose help lists its commands by purpose, in the order in which they were added.

    Attributes
    ----------
    headings : dict of str to str
        Heading of each command, by the command's name.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.headings: dict[str, str] = {}

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of the commands in the order in which they were added."""
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write one section per heading, with the first sentence of each command's help."""
        for heading in dict.fromkeys(self.headings.values()):
            names = [name for name, own in self.headings.items() if own == heading]
            rows = [(name, self.commands[name].get_short_help_str(limit=200)) for name in names]
            with formatter.section(heading):
                formatter.write_dl(rows)
