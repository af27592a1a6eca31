"""Ranks on fresh draws: what ``leaderboard --reseed`` does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tembench.cli.method_commands import chosen_weights, named_method
from tembench.cli.options import FOLDER, complete_method, complete_recipe, workers

if TYPE_CHECKING:
    from tembench.ranking import Entrant, Table
    from tembench.recipe import DrawnRecipe

# Options that have an effect with --reseed alone.
_OPTIONS = ("methods", "specimens", "recipe_file", "work", "workers")


def reseed_options(command: Callable[..., None]) -> Callable[..., None]:
    """Declare the options of fresh draws."""
    options = (
        click.option(
            "--reseed", type=click.IntRange(1, 1000), metavar="N",
            help="Instead of printing the table, rank its methods again on N fresh draws of "
            "specimens, and on N of noise. Rerun the same command to resume an interrupted run.",
        ),
        click.option(
            "--methods", multiple=True, metavar="NAME|FOLDER", shell_complete=complete_method,
            help="With --reseed: method to run, by its name in the table or as a folder; may be "
            "repeated. Default: all in the table that can be run here.",
        ),
        click.option(
            "--specimens", default=20, show_default=True, type=click.IntRange(4), metavar="K",
            help="With --reseed: test specimens in each draw.",
        ),
        click.option(
            "--recipe-file", metavar="RECIPE", shell_complete=complete_recipe,
            help="With --reseed: the drawn recipe, where it does not come with tembench.",
        ),
        click.option(
            "--work", default="reseed", show_default=True, type=FOLDER, metavar="FOLDER",
            help="With --reseed: folder for stores and scores, and for the results ranks.csv, "
            "ranks.md and ranks.png.",
        ),
        workers,
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def refuse_without_reseed(context: click.Context) -> None:
    """Refuse options of fresh draws that would have no effect."""
    for parameter in context.command.params:
        given = context.get_parameter_source(parameter.name or "")
        if parameter.name in _OPTIONS and given is click.core.ParameterSource.COMMANDLINE:
            raise click.UsageError(f"{parameter.opts[0]} requires --reseed.")


def rank_again(
    tables: Sequence[Table],
    *,
    reseed: int,
    methods: tuple[str, ...],
    specimens: int,
    recipe_file: str | None,
    work: Path,
    workers: int,
) -> None:
    """Rank the methods of a drawn table on fresh draws, and write the results to the work folder.

    Of several tables, the one of the drawn test; TableError if there are more.
    """
    from tembench.core import write_text
    from tembench.ranking import (
        FreshDraws,
        bump_chart,
        draw_ranks,
        rank_stability,
        ranked_scores,
        ranks_csv,
        ranks_markdown,
        stability_text,
    )

    table = _only(tables)
    recipe = _recipe_of(table, recipe_file)
    entrants = list(_entrants(table, methods))
    draws = FreshDraws(recipe, work.absolute(), specimens, workers)
    fresh = draws.scores(entrants, reseed)
    theirs = ranked_scores(table)
    own = {entrant.name: theirs[entrant.name] for entrant in entrants}
    ranks = draw_ranks(own, fresh, table.ranked_by)
    text = ranks_markdown(ranks, table.ranked_by, specimens)
    halves = rank_stability(table)
    text += f"\n{stability_text(halves)}\n" if halves else ""
    write_text(work / "ranks.csv", ranks_csv(ranks))
    write_text(work / "ranks.md", text)
    bump_chart(ranks, work / "ranks.png")
    click.echo(text)
    click.echo(f"{work}: ranks.csv, ranks.md and ranks.png written")


def _only(tables: Sequence[Table]) -> Table:
    """The table of the drawn test among several."""
    from tembench.core import TableError

    found = [one for one in tables if one.drawn and one.data.part == "test"] or list(tables)
    if len(found) > 1:
        raise TableError(
            "several tables",
            expected="one of a drawn recipe",
            got=", ".join(sorted({one.data.recipe for one in found})),
            remedy="Choose one with --recipe",
        )
    return found[0]


def _recipe_of(table: Table, given: str | None) -> DrawnRecipe:
    """The drawn recipe of a table's images."""
    from tembench.core import TableError, list_recipes, recipes_folder
    from tembench.recipe import DrawnRecipe, load_recipe, recipe_id

    name = table.data.recipe
    if given is not None:
        recipe = load_recipe(given)
    elif name in list_recipes():
        recipe = load_recipe(recipes_folder() / f"{name}.toml")
    else:
        raise TableError(
            "its recipe does not come with tembench",
            where=f"{name} {table.data.version}",
            remedy="Name the recipe's file with --recipe-file",
        )
    if not isinstance(recipe, DrawnRecipe):
        raise TableError(
            "cannot be drawn again: its recipe lists its models",
            where=f"{name} {table.data.version}",
            expected="a table of a drawn recipe",
        )
    if given is None and recipe_id(recipe) != table.data.recipe_id:
        raise TableError(
            "was made from another version of its recipe",
            where=f"{name} {table.data.version}",
            expected=recipe_id(recipe)[:12],
            got=table.data.recipe_id[:12],
            remedy="Name the recipe's file with --recipe-file",
        )
    return recipe


def _entrants(table: Table, chosen: tuple[str, ...]) -> Iterable[Entrant]:
    """Methods of a table that can be run here, with their weights; a line for each that cannot."""
    from tembench.core import TableError, TembenchError, notice
    from tembench.ranking import Entrant, ranked_scores

    names = {
        row.submission.name: row.submission.description.method.name
        for row in table.rows
        if row.submission.name in ranked_scores(table)
    }
    wanted = {Path(one).name: one for one in chosen} or names
    if unknown := set(wanted) - set(names):
        raise TableError(
            "not ranked in the table",
            expected=", ".join(names),
            got=", ".join(sorted(unknown)),
            remedy="Choose other --methods",
        )
    found = []
    for name, method in wanted.items():
        try:
            loaded = named_method(method)
            weights, _ = chosen_weights(loaded, None)
            if loaded.trainable and not (weights or loaded.shipped_weights):
                raise TableError("no weights here", where=name, remedy="Train it, or leave it out")
            loaded.check_imports()
        except TembenchError as problem:
            if chosen:
                raise
            notice(f"{name} is left out: {problem}")
        else:
            found.append(Entrant(name=name, method=loaded, weights=weights))
    if len(found) < 2:
        raise TableError(
            "fewer than two methods to rank", expected="two or more that can be run here",
            got=", ".join(one.name for one in found) or "none", remedy="Name them with --methods",
        )  # fmt: skip
    return found
