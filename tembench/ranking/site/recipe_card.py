"""Recipe cards of a site: a table's images, how to make them again and how to cite them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tembench.core import recipes_folder
from tembench.ranking.table_rows import Table
from tembench.ranking.untrusted import released_recipes


@dataclass(frozen=True, kw_only=True)
class RecipeCard:
    """A recipe of a table.

    Attributes
    ----------
    table : Table
        The table whose images it defines.
    description, licence : str
        As the recipe says; empty where it is not known.
    text : str
        The recipe's file; empty where it did not come with tembench.
    bibtex : str
        Entry to cite.
    """

    table: Table
    description: str
    licence: str
    text: str
    bibtex: str


def recipe_cards(tables: Sequence[Table], version: str) -> list[RecipeCard]:
    """Cards of the recipes of some tables, in their order.

    Parameters
    ----------
    tables : sequence of Table
        The tables.
    version : str
        Version of tembench, to cite.
    """
    return [_card(table, version) for table in tables]


def _card(table: Table, version: str) -> RecipeCard:
    data = table.data
    known = released_recipes().get(data.recipe_id)
    file = recipes_folder() / f"{data.recipe}.toml"
    return RecipeCard(
        table=table,
        description=known.description if known else "",
        licence=known.licence if known else "",
        text=file.read_text(encoding="utf-8") if known and file.is_file() else "",
        bibtex=(
            f"@misc{{tembench-{data.recipe},\n"
            f"  title = {{tembench {version}: {data.recipe} {data.version}}},\n"
            f"  author = {{The tembench developers}},\n"
            f"  note = {{recipe id {data.recipe_id}, {data.part} part of split {data.split}}}\n"
            "}"
        ),
    )
