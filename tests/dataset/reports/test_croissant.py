"""Croissant metadata of stores: keys, references, and MLCommons' own validation."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tembench.dataset.opening import open_store
from tembench.dataset.reports.card_content import card_content
from tembench.dataset.reports.croissant import croissant_content
from tembench.dataset.reports.data_card import croissant_text

RESPONSIBLE = {
    "rai:dataCollection", "rai:dataCollectionType", "rai:dataCollectionRawData",
    "rai:dataAnnotationProtocol", "rai:dataUseCases", "rai:dataLimitations", "rai:dataBiases",
    "rai:dataSocialImpact", "rai:personalSensitiveInformation", "rai:dataReleaseMaintenancePlan",
}  # fmt: skip


@pytest.fixture(params=["tiny_store_path", "drawn_store_path", "sealed_store_path"])
def store_path(request: pytest.FixtureRequest) -> Path:
    return request.getfixturevalue(request.param)


def pointers(value: Any, inside: str = "") -> Iterator[str]:
    """Ids that a part of the metadata points to."""
    if isinstance(value, dict):
        if set(value) == {"@id"} and inside != "@context":
            yield value["@id"]
        for key, inner in value.items():
            if key != "@context":
                yield from pointers(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from pointers(inner, inside)


@pytest.mark.slow
def test_metadata_point_to_what_they_define(store_path: Path) -> None:
    store = open_store(store_path)
    content = croissant_content(card_content(store), store_path)
    assert set(content) >= RESPONSIBLE
    assert {"name", "version", "description", "license", "citeAs"} <= set(content)
    metadata, files = content["distribution"]
    assert metadata["sha256"] == hashlib.sha256((store_path / "zarr.json").read_bytes()).hexdigest()
    assert files["includes"] == f"{store_path.name}/**"
    fields = [field for records in content["recordSet"] for field in records["field"]]
    ids = [field["@id"] for field in fields]
    assert len(set(ids)) == len(ids)
    assert set(pointers(content)) <= {*ids, "metadata", "store"}
    for field in fields[1:]:
        assert field["source"]["extract"]["column"] in store.files.group
    by_name = {records["@id"]: records for records in content["recordSet"]}
    (clean,) = [f for f in by_name["images"]["field"] if f["name"] == "clean"]
    assert clean["arrayShape"] == ",".join(map(str, store.shape))
    # No path of this machine, and no secret.
    text = json.dumps(content)
    assert str(store_path.parent) not in text
    assert "sealed_ids" not in text


@pytest.mark.slow
def test_what_is_given_of_the_publication_is_added(tiny_store_path: Path) -> None:
    given = {"creator": "A lab", "url": "https://example.org", "published": "2026-11-22"}
    store = open_store(tiny_store_path)
    content = croissant_content(card_content(store, **given), tiny_store_path)
    assert content["creator"]["name"] == "A lab"
    assert content["url"] == "https://example.org"
    assert content["datePublished"] == "2026-11-22"
    plain = croissant_content(card_content(store), tiny_store_path)
    assert not {"creator", "url", "datePublished"} & set(plain)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_mlcroissant_finds_no_error(store_path: Path, tmp_path: Path) -> None:
    mlcroissant = pytest.importorskip("mlcroissant")
    file = tmp_path / "croissant.json"
    file.write_text(croissant_text(card_content(open_store(store_path)), store_path))
    dataset = mlcroissant.Dataset(file)
    assert not dataset.metadata.ctx.issues.errors
    assert dataset.metadata.data_limitations
