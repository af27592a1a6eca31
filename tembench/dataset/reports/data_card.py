"""Data card of a store: one page of Markdown, and the same as metadata for machines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tembench.core import (
    OutputError,
    amount_text,
    markdown_escaped as _escaped,
    markdown_table,
    refuse_inputs,
    write_text,
)
from tembench.dataset.reports.card_content import CITATION
from tembench.dataset.reports.croissant import croissant_content

DATA_CARD, CROISSANT = "data-card.md", "croissant.json"
_MOST_COUNTS = 8


def write_data_card(content: Mapping[str, Any], store: Path, out: Path) -> tuple[Path, Path]:
    """Write ``data-card.md`` and ``croissant.json`` into a folder outside the store.

    Parameters
    ----------
    content : Mapping
        Of `card_content`.
    store : Path
        The store that it describes; its metadata file is hashed.
    out : Path
        Folder, created if it is missing.

    Returns
    -------
    tuple of Path
        Both files.

    Raises
    ------
    OutputError
        If a file would be in the store.
    """
    card, metadata = out / DATA_CARD, out / CROISSANT
    refuse_inputs([card, metadata], [store], OutputError)
    texts = data_card_text(content), croissant_text(content, store)
    out.mkdir(parents=True, exist_ok=True)
    for path, text in zip((card, metadata), texts, strict=True):
        write_text(path, text)
    return card, metadata


def croissant_text(content: Mapping[str, Any], store: Path) -> str:
    """Return the text of ``croissant.json``."""
    return json.dumps(croissant_content(content, store), indent=1, allow_nan=False) + "\n"


def data_card_text(content: Mapping[str, Any]) -> str:
    """Return the page of a `card_content`, Markdown."""
    sections = {
        "Composition": _composition(content),
        "How it was made": _origin(content),
        "Intended use": _bullets(content["uses"]),
        "Out of scope": _bullets(content["out_of_scope"]),
        "Limits": _bullets(content["limits"]),
        "Biases": _bullets(content["biases"]) or "None that the factors show.\n",
        "Factors": _factors(content["values"]),
        "Arrays": _arrays_text(content["arrays"]),
        "Make it again": _again(content),
        "Licence": _licence(content),
        "Cite": f"The paper, {_escaped(content['reference'])}, and the software, "
        f"{_escaped(content['made_by'])}:\n\n"
        f"```bibtex\n{CITATION}\n```\n",
    }
    title = f"# {_escaped(content['name'])} {_escaped(content['version'])}\n"
    lead = f"{_escaped(content['description'].rstrip('.'))}.\n"
    return "\n".join([title, lead, *(f"## {name}\n\n{text}" for name, text in sections.items())])


def _composition(content: Mapping[str, Any]) -> str:
    height, width = content["image_px"]
    size = content["pixel_size_A"]
    low, high = size if isinstance(size, list) else (size, size)
    parts, closed = content["parts"], "models" in content
    rows = [
        ("images", f"{content['stored_images']}"),
        ("specimens", f"{content['stored_specimens']}{' atomic models' if closed else ''}"),
        ("parts", ", ".join(parts) if parts else "all of the recipe's"),
        ("image", f"{height} x {width} px of {_between(low, high)} A"),
        ("dose in vacuum", _dose(content)),
        ("size", amount_text(content["size_bytes"], "B")),
    ]
    facts = markdown_table([("", ""), *rows], (0, 1))
    splits = [
        (row["split"], row["part"], f"{row['images']}", f"{row['specimens']}")
        for row in content["split_parts"]
    ]
    headings = ("split", "part", "images", "specimens")
    absent = (
        "\nArrays have the size of the whole recipe; images of other parts are not written.\n"
        if parts
        else ""
    )
    return f"{facts}{absent}\n{markdown_table([headings, *splits], (0, 1))}"


def _dose(content: Mapping[str, Any]) -> str:
    if "dose_e_per_A2" in content:
        return f"{_between(*content['dose_e_per_A2'])} e/A^2"
    doses = [condition["dose_e_per_px"] for condition in content["conditions"].values()]
    return f"{_between(min(doses), max(doses))} e/px"


def _origin(content: Mapping[str, Any]) -> str:
    sealed = content.get("commitment")
    seed = f"sealed, commitment `{sealed}`" if sealed else f"{content['seed']}, open"
    return (
        "Simulated from atoms: exit waves by the multislice method, images by the optics of the "
        "recipe's microscopes, electrons counted by its detectors. `clean` has the expected "
        "electrons, `noisy` what was recorded of the images under test, with three independent "
        "copies; each random number has a seed of its own.\n\n"
        + markdown_table(
            [
                ("", ""),
                ("recipe", f"{_escaped(content['name'])} {_escaped(content['version'])}"),
                ("recipe_id", f"`{content['recipe_id']}`"),
                ("seed", seed),
                ("made by", _escaped(content["made_by"])),
                ("data digest", f"`{content['data_digest']}`"),
                ("focus", _escaped(content["focus_reference"])),
            ],
            (0, 1),
        )
    )


def _factors(values: Iterable[Mapping[str, Any]]) -> str:
    numbers = [
        (
            f"`{row['name']}`",
            _escaped(row["units"]),
            *(f"{row['range'][key]:.4g}" for key in ("least", "median", "largest")),
        )
        for row in values
        if "range" in row
    ]
    texts = [(f"`{row['name']}`", _counts_text(row["counts"])) for row in values if "counts" in row]
    tables = (
        markdown_table([("number", "unit", "least", "median", "largest"), *numbers], (0, 1)),
        markdown_table([("text", "images of each value"), *texts], (0, 1)),
    )
    return "\n".join(tables)


def _counts_text(counts: Mapping[str, int]) -> str:
    shown = [f"{_escaped(value)} {n}" for value, n in list(counts.items())[:_MOST_COUNTS]]
    more = len(counts) - len(shown)
    return ", ".join([*shown, f"{more} more"] if more else shown)


def _arrays_text(arrays: Iterable[Mapping[str, Any]]) -> str:
    # What has one value per image is a factor.
    rows = [
        (
            f"`{row['name']}`",
            ", ".join(row["axes"]),
            " x ".join(map(str, row["shape"])),
            row["dtype"],
            _escaped(row["units"]),
            _escaped(row["meaning"]),
        )
        for row in arrays
        if row["axes"] != ["image"] or row["name"] == "image"
    ]
    headings = ("array", "axes", "shape", "type", "unit", "content")
    return (
        "A Zarr v3 group; the factors are arrays along `image`, and again, as `test_...`, along "
        "`test_image`, the images under test of any split. Packed arrays have a `scale_factor`, "
        "which xarray applies.\n\n" + markdown_table([headings, *rows], (0, 1, 3, 4, 5))
    )


def _again(content: Mapping[str, Any]) -> str:
    commands = "\n".join(content["commands"])
    named = " RECIPE" not in commands
    text = "" if named else "RECIPE is the file of the recipe with the id above. "
    if content.get("commitment"):
        text += "SEEDFILE is the organiser's secret. "
    return (
        f"```\n{commands}\n```\n\n{text}The digest is the same on processors of one kind; `verify` "
        "compares within a tolerance.\n"
    )


def _licence(content: Mapping[str, Any]) -> str:
    by = " ".join(_escaped(content[key]) for key in ("creator", "published", "url") if content[key])
    published = f" Published: {by}." if by else ""
    return (
        f"Data: {_escaped(content['licence'])}.{published} The images show no persons and contain "
        "no personal data.\n"
    )


def _bullets(lines: Iterable[str]) -> str:
    return "".join(f"- {_escaped(line)}.\n" for line in lines)


def _between(low: float, high: float) -> str:
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"
