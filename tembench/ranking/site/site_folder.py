"""Site of tables, written to a folder: whole, or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tembench import __version__
from tembench.core import OutputError, progress, put_in_place, refuse_inputs, staging
from tembench.ranking.render.captions import caption, notes, reading_guide, table_title, track_note
from tembench.ranking.site import (
    FACTOR_TITLES,
    SitePages,
    column_definitions,
    copy_assets,
    factor_groups,
    group_means,
    metrics_of,
    plain_table,
    recipe_cards,
    write_data,
    write_image_scores,
    write_image_viewer,
    write_method_pages,
)
from tembench.ranking.table_ranks import TableScores
from tembench.ranking.table_rows import Table

SITE_INDEX = "index.html"
_MARK = "assets/site.css"


def write_site(tables: Sequence[Table], folder: Path, *, docs: str = "") -> Path:
    """Write the site of tables.

    Parameters
    ----------
    tables : sequence of Table
        In the order of `build_tables`.
    folder : Path
        Appears when all pages are written; a site that is there already is replaced.
    docs : str
        Address of the documentation (``make docs``), which definitions then link to.

    Returns
    -------
    Path
        The front page.

    Raises
    ------
    OutputError
        If the folder is something else than a site, or holds the submissions.
    """
    folder = Path(folder)
    submissions = [row.submission.path for table in tables for row in table.rows]
    refuse_inputs([folder], submissions, OutputError, replaced=True)
    if folder.exists() and not (folder / _MARK).is_file():
        raise OutputError(
            "exists already, and is not a site",
            where=str(folder),
            remedy="name another folder with --out",
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with staging(folder, OutputError) as aside:
        staged = aside / folder.name
        staged.mkdir()
        _write(tables, staged, docs)
        put_in_place(staged, folder)
    return folder / SITE_INDEX


def _write(tables: Sequence[Table], folder: Path, docs: str) -> None:
    copy_assets(folder / "assets")
    names = _track_names(tables)
    tracks = [
        {"name": name, "title": table_title(table), "sentence": _measures(table)}
        for name, table in zip(names, tables, strict=True)
    ]
    pages = SitePages(folder, tracks, docs)
    scores = [TableScores.of_table(table) for table in tables]
    records = [
        plain_table(table, name, own)
        for name, table, own in zip(names, tables, scores, strict=True)
    ]
    pages.write(SITE_INDEX, "front.html", data={"tables": _front(records)}, table=tables[0])
    pages.write(
        "metrics.html",
        "metrics.html",
        groups=metrics_of(tables),
        columns=column_definitions(tables[0]),
    )
    pages.write("about.html", "about.html", cards=recipe_cards(tables, __version__))
    with progress("Writing the site", sum(len(table.rows) for table in tables)) as advance:
        for table, record, own in zip(tables, records, scores, strict=True):
            _write_track(pages, folder / record["track"], table, record, own)
            advance(len(table.rows))


def _write_track(
    pages: SitePages, folder: Path, table: Table, record: dict[str, Any], scores: TableScores
) -> None:
    track = record["track"]
    factors = write_image_scores(folder, table, scores)
    groups = factor_groups(factors)
    write_data(folder, "data/groups", group_means(table, scores, groups))
    record["groups"] = [
        {
            "factor": group.factor,
            "title": FACTOR_TITLES[group.factor],
            "name": group.name,
            "images": int(group.images.sum()),
        }
        for group in groups
    ]
    has_images = write_image_viewer(pages, folder, table, factors)
    pages.write(
        f"{track}/index.html",
        "table.html",
        data={"table": record},
        has_images=has_images,
        table=table,
        caption=caption(table),
        note=track_note(table),
        reading=reading_guide(table),
    )
    write_method_pages(pages, folder, table, record, notes(table))


def _front(records: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first table whole, of the others what the figure of closed against open needs."""
    first, *others = records
    keys = ("track", "recipe", "part", "drawn", "rankedBy", "metrics")
    slim = [
        {
            **{key: other[key] for key in keys},
            "rows": [
                {**{key: row[key] for key in ("name", "title", "kind", "control")},
                 "values": {other["rankedBy"]: row["values"].get(other["rankedBy"])}}
                for row in other["rows"]
            ],
        }
        for other in others
    ]  # fmt: skip
    return [first, *slim]


def _measures(table: Table) -> str:
    """One sentence that says what a track measures."""
    if table.drawn:
        return (
            "Measures how well a method denoises specimens that nobody has seen: each is drawn for "
            "its images alone, in any place, orientation, focus and dose."
        )
    return (
        "Measures how well a method knows one scene: the models under test have siblings in the "
        "training, and a look-up among those beats every network."
    )


def _track_names(tables: Sequence[Table]) -> list[str]:
    """Names of the tables' folders: of the recipe, and what else tells tables apart."""
    names: list[str] = []
    for table in tables:
        usual = ("model", "test")
        unusual = [one for one in (table.data.split, table.data.part) if one not in usual]
        name = "-".join([table.data.recipe, *unusual])
        names.append(name if name not in names else f"{name}-{table.data.recipe_id[:8]}")
    return names
