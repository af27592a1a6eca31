"""Pages of the methods of a table: card, panel, all metrics, and data for curves over images."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tembench.ranking.site import SitePages
from tembench.ranking.site.method_page import (
    MethodScores,
    audit_lines,
    method_facts,
    trace_facts,
)
from tembench.ranking.table_rows import Table, TableRow
from tembench.ranking.untrusted import plain_png

# Names of the panel's tiles, for those who do not see them.
_TILES = (
    ("Noisy", "Noisy image, as the method received it"),
    ("Denoised", "The same crop, denoised"),
    ("Clean", "The same crop without noise, the truth"),
    ("Error", "Error of the denoised crop: blue where too low, red where too high"),
)
_METRIC_KEYS = ("title", "unit", "direction", "decimals")


def write_method_pages(
    pages: SitePages,
    folder: Path,
    table: Table,
    record: dict[str, Any],
    notes: Sequence[str],
) -> None:
    """Write ``methods/NAME.html`` and ``NAME.png``, the panel, of every row.

    Parameters
    ----------
    pages : SitePages
        Pages of the site.
    folder : Path
        Folder of the table's pages.
    table : Table
        The table.
    record : dict
        From `table_record`.
    notes : sequence of str
        Meaning of each mark, which is its first letter.
    """
    scores = MethodScores(table)
    shared = {
        "track": record["track"],
        "rankedBy": record["rankedBy"],
        "metrics": {
            name: {key: metric[key] for key in _METRIC_KEYS}
            for name, metric in record["metrics"].items()
        },
    }
    titles = {values["name"]: values["title"] for values in record["rows"]}
    for row, values in zip(table.rows, record["rows"], strict=True):
        name = values["name"]
        reference = (
            {"name": table.reference, "title": titles[table.reference]}
            if table.reference not in ("", name)
            else None
        )
        audit = audit_lines(row)
        picture = _write_panel(folder / "methods", row)
        pages.write(
            f"{record['track']}/methods/{name}.html",
            "method.html",
            data={
                **shared,
                "name": name,
                "title": values["title"],
                "kind": values["kind"],
                "shown": _shown_images(row),
                "audit": [{"case": line["case"], "loss": line["loss"]} for line in audit],
                "reference": reference,
            },
            row=values,
            table=record,
            summary=row.submission.description.method.summary,
            reference=reference,
            facts=method_facts(row),
            traces=trace_facts(row),
            notes=[note for note in notes if note[0] in values["marks"]],
            picture=picture,
            has_images=row.submission.shown is not None,
            tiles=_TILES,
            groups=scores.lines(row),
            audit=audit,
        )


def _write_panel(folder: Path, row: TableRow) -> str:
    """Name of the file, beside the page; empty for a row without a panel."""
    if not row.submission.panel:
        return ""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{row.submission.name}.png"
    # Checked when the submission was read: nothing but pixels and palette is left of the file.
    path.write_bytes(plain_png(row.submission.panel))
    return path.name


def _shown_images(row: TableRow) -> list[int]:
    """Images that the viewer shows as the method denoised them."""
    shown = row.submission.shown
    return list(shown.table.images) if shown else []
