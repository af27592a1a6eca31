"""Data cards of closed, drawn and sealed stores."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from drawn_recipes import drawn_recipe

from tembench.core.errors import OutputError
from tembench.dataset.generation.generate import generate
from tembench.dataset.opening import open_store
from tembench.dataset.reports.card_content import CITATION, card_content
from tembench.dataset.reports.data_card import data_card_text, write_data_card

HEADINGS = [
    "Composition", "How it was made", "Intended use", "Out of scope", "Limits", "Biases",
    "Factors", "Arrays", "Make it again", "Licence", "Cite",
]  # fmt: skip


def test_the_citation_is_that_of_the_software() -> None:
    cff = (Path(__file__).parents[3] / "CITATION.cff").read_text()
    paper = cff[cff.index("preferred-citation") :]
    for key in ("title", "journal"):
        (value,) = re.findall(rf'^  {key}: "(.*)"$', paper, re.MULTILINE)
        assert f"{{{value}}}" in CITATION
    for key in ("volume", "start", "end", "year", "doi"):
        (value,) = re.findall(rf"^  {key}: (.*)$", paper, re.MULTILINE)
        assert value in CITATION
    authors = re.findall(r"family-names: (.*)\n\s+given-names: (.*)", paper)
    cited = re.search(r"author  = {(.*?)}", CITATION, re.DOTALL)
    assert cited is not None
    assert [name.strip() for name in cited[1].split(" and")] == [", ".join(a) for a in authors]


def test_the_card_of_a_closed_store_has_its_numbers(tiny_store_path: Path) -> None:
    store = open_store(tiny_store_path)
    text = data_card_text(card_content(store))
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == HEADINGS
    assert "| images | 12 |" in text
    assert "| specimens | 3 atomic models |" in text
    assert "| model | train | 4 | 1 |" in text
    assert "| `defocus_nm` | nm | 4 | 7 | 10 |" in text
    assert "| `clean` | image, y, x | 12 x 160 x 160 | uint16 | electron / pixel |" in text
    assert "seed | 7, open" in text
    assert store.recipe_id in text
    assert store.data_digest() in text
    # No recipe of this name comes with tembench.
    assert "tembench generate RECIPE --out tiny.zarr\n" in text
    assert "RECIPE is the file" in text


def test_the_card_of_a_drawn_store_has_what_was_drawn(drawn_store_path: Path) -> None:
    store = open_store(drawn_store_path)
    content = card_content(store)
    rows = content["split_parts"]
    assert sum(row["images"] for row in rows) == content["stored_images"] == len(store.table)
    assert sum(row["specimens"] for row in rows) == content["stored_specimens"]
    assert any("have true columns" in limit for limit in content["limits"])
    named = {row["name"] for row in content["values"]}
    assert {"kind", "dose_e_per_A2", "pixel_size_A"} <= named
    assert not any(name.startswith("split_") for name in named)


@pytest.mark.slow
def test_a_card_describes_the_parts_that_were_generated(tmp_path: Path) -> None:
    recipe = drawn_recipe(tmp_path)
    generate(recipe, tmp_path / "some.zarr", workers=0, parts=["validation"])
    content = card_content(open_store(tmp_path / "some.zarr"))
    assert {row["part"] for row in content["split_parts"]} == {"validation"}
    assert content["stored_specimens"] == recipe.n_specimens("validation")
    assert content["stored_images"] < recipe.n_images
    assert "Ranking methods: this store has no test part" in content["out_of_scope"]
    assert "--parts validation --out some.zarr" in content["commands"][0]
    text = data_card_text(content)
    assert "| parts | validation |" in text
    assert "images of other parts are not written" in text


def test_the_card_of_a_sealed_store_has_the_commitment_alone(sealed_store_path: Path) -> None:
    content = card_content(open_store(sealed_store_path))
    text = data_card_text(content)
    assert f"sealed, commitment `{content['commitment']}`" in text
    assert "--seal SEEDFILE" in text
    assert "open" not in " ".join(content["limits"])
    assert not any("sealed_ids" in str(value) for value in content.values())


def test_a_card_is_not_written_into_its_store(tiny_store_path: Path, tmp_path: Path) -> None:
    content = card_content(open_store(tiny_store_path))
    link = tmp_path / "link.zarr"
    link.symlink_to(tiny_store_path)
    for out in (link, link / "card"):
        with pytest.raises(OutputError, match="would overwrite an input"):
            write_data_card(content, tiny_store_path, out)
    assert not (tiny_store_path / "card").exists()


def test_a_page_shows_who_publishes_where(tiny_store_path: Path) -> None:
    given = {"creator": "A*lab", "url": "https://example.org", "published": "2026-11-22"}
    text = data_card_text(card_content(open_store(tiny_store_path), **given))
    assert r"Published: A\*lab 2026-11-22 https" in text
