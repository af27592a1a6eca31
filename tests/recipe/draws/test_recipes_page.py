"""docs/recipes.md: its example loads, and its tables agree with the parser and the presets."""

from __future__ import annotations

import copy
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tembench.core import RecipeError
from tembench.recipe import MICROSCOPE_PRESETS, DrawnRecipe, draw_specimen, specimen_seed
from tembench.recipe.draws.drawn_canonical import drawn_table

PAGE = (Path(__file__).parents[3] / "docs" / "recipes.md").read_text(encoding="utf-8")
Parse = Callable[[dict[str, Any]], DrawnRecipe]
# The table of the small recipe that each section of the page is about.
SECTIONS = {
    "`[draws]`": "draws",
    "`[frame]`": "frame",
    "`[physics]`": "physics",
    "`[microscopes.NAME]`": "microscopes.plain",
    "`[detectors.NAME]`": "detectors.counter",
    "`[exposure]`": "exposure",
    '`kind = "slab"`': "specimens.profile.crystal",
    "Crystal": "specimens.profile.crystal",
    '`kind = "particle"`': "specimens.above.particle",
    '`kind = "film"`': "specimens.above.film",
    '`kind = "ptceo2"`': "specimens.pt.model",
}
IN_A_LIST = {"mtf": lambda v: [1, 0, 0.4, v], "lattice_A": lambda v: [v]}
IN_A_TABLE = {"facets": "111", "displacement_A": "Au", "composition": "C"}
# Each can be given in place of another key.
ALTERNATIVES = {"file", "structure", "elements", "lattice_A", "dose_e_per_px", "dose_pixel_size_A"}


class Row(NamedTuple):
    place: str
    key: str
    default: str
    least: float | None
    largest: float | None
    text: str


def rows() -> Iterator[Row]:
    for section in re.split(r"^### ", PAGE, flags=re.MULTILINE)[1:]:
        title, _, body = section.partition("\n")
        for line in body.splitlines():
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            key = re.fullmatch(r"`(\w+)`", cells[0])
            if title not in SECTIONS or not key or len(cells) != 4:
                continue
            ends = re.fullmatch(r"(\S+) to (\S+)", cells[2])
            least, largest = map(float, ends.groups()) if ends else (None, None)
            yield Row(SECTIONS[title], key.group(1), cells[1], least, largest, cells[3])


ROWS = list(rows())


@pytest.fixture
def table(drawn_table: dict[str, Any]) -> dict[str, Any]:
    drawn_table["specimens"]["pt"] = {"model": {"kind": "ptceo2"}}
    drawn_table["physics"] = {"wave_sampling_A": 0.03}
    drawn_table["frame"]["pixel_size_A"] = 0.03
    return drawn_table


def place_of(table: dict[str, Any], row: Row) -> dict[str, Any]:
    for part in row.place.split("."):
        table = table[part]
    return table


def mistakes(parse: Parse, table: dict[str, Any], row: Row, value: Any) -> str:
    """Mistakes of the row's key, if it has this value."""
    table = copy.deepcopy(table)
    place = place_of(table, row)
    if row.key.startswith("dose"):
        del place["dose_e_per_A2"]
        place["dose_e_per_px"] = 0.5
    wrapped = IN_A_LIST.get(row.key, lambda v: v)(value)
    place[row.key] = {IN_A_TABLE[row.key]: value} if row.key in IN_A_TABLE else wrapped
    try:
        parse(table)
    except RecipeError as error:
        found = re.findall(rf"{re.escape(f'{row.place}.{row.key}')}\b[^;]*", str(error))
        return "; ".join(found)
    return ""


def test_the_example_loads(parse: Parse) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)
    recipe = parse(tomllib.loads(block))
    assert recipe.n_images == 260 * 5
    for index in range(5):
        draw_specimen(recipe, *specimen_seed(recipe, "train", index))


@pytest.mark.parametrize("row", [r for r in ROWS if r.largest is not None], ids=lambda r: r.key)
def test_ranges(table: dict[str, Any], parse: Parse, row: Row) -> None:
    assert row.least is not None
    assert row.largest is not None
    whole = all(float(end).is_integer() for end in (row.least, row.largest))
    whole = whole and mistakes(parse, table, row, row.least + 0.5).find("whole number") >= 0
    step = 1 if whole else 1e-3
    least, largest = (int(end) if whole else end for end in (row.least, row.largest))
    exclusive = "above 0" in row.text or row.key in ("composition", "dose_e_per_px")
    assert "expected more than 0" in mistakes(parse, table, row, least) or not exclusive
    assert exclusive or "expected at least" not in mistakes(parse, table, row, least)
    at_the_end = mistakes(parse, table, row, largest)
    assert not re.search("expected at (least|most) [0-9.e+-]+,", at_the_end)
    assert re.search("at least|more than", mistakes(parse, table, row, least - step))
    assert "at most" in mistakes(parse, table, row, largest + step)


@pytest.mark.parametrize("row", [r for r in ROWS if r.key not in ALTERNATIVES], ids=lambda r: r.key)
def test_defaults(table: dict[str, Any], parse: Parse, row: Row) -> None:
    place = place_of(table, row)
    place.pop(row.key, None)
    if row.key == "zone":
        place.pop("up", None)
    if row.key == "surface":
        place.pop("steps")
        table["specimens"]["profile"]["particle"]["side"] = "exit"
    if row.default == "–":
        with pytest.raises(RecipeError, match=rf"{re.escape(f'{row.place}.{row.key}')}: missing"):
            parse(table)
    elif row.key == "kind":
        place.clear()
        assert parse(table).detectors["counter"].kind == row.default.strip('`"')
    elif row.key != "detector":
        written = row.default.strip("`").removesuffix(" for carbon")
        made = place_of(drawn_table(parse(table)), row)
        if re.match(r'[0-9{"[]', written):
            assert made[row.key] == tomllib.loads(f"x = {written}")["x"]
        else:
            assert written in ("none", "by element", "by a rule", "an axis", "any")
            assert row.key not in made or not made[row.key] or written == "any"


def test_every_key_is_listed(table: dict[str, Any], parse: Parse) -> None:
    names = {"profile", "above", "pt", "crystal", "particle", "film", "model", "100", "111"}
    names |= {"corrected", "plain", "ideal", "counter", "Au", "C", "choice", "uniform", "shares"}
    names |= {"log_uniform", "normal", "integers", "within"}

    def keys(value: Any) -> set[str]:
        inner = value.values() if isinstance(value, dict) else []
        return set(value if isinstance(value, dict) else ()).union(*map(keys, inner))

    spans = {word for span in re.findall(r"`[^`\n]+`", PAGE) for word in re.findall(r"\w+", span)}
    assert keys(drawn_table(parse(table))) - names <= spans
    assert {row.place for row in ROWS} == set(SECTIONS.values())


def test_presets_are_as_the_page_says() -> None:
    for name, preset in MICROSCOPE_PRESETS.items():
        (line,) = [line for line in PAGE.splitlines() if line.startswith(f"| `{name}` |")]
        found = [float(cell.split()[0]) for cell in line.strip("|").split("|")[1:]]
        keys = ("C30_um", "C50_mm", "focal_spread_nm", "convergence_mrad", "image_spread_A")
        said = [preset.optics.get(key, 0.0) for key in keys]
        assert found == [*said, preset.optics.get("aperture_per_A", 1.6)]
