"""Croissant metadata of a store: MLCommons' JSON-LD, with its responsible-AI properties."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tembench.dataset.reports.card_content import CITATION

_CONFORMS_TO = ["http://mlcommons.org/croissant/1.1", "http://mlcommons.org/croissant/RAI/1.0"]
# The context of Croissant 1.1, which readers compare with their own.
_CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    **{
        name: f"cr:{name}"
        for name in (
            "arrayShape", "citeAs", "column", "containedIn", "equivalentProperty", "extract",
            "field", "fileProperty", "fileObject", "fileSet", "format", "includes", "isArray",
            "isLiveDataset", "jsonPath", "key", "md5", "parentField", "path", "recordSet",
            "references", "regex", "repeated", "replace", "samplingRate", "separator", "source",
            "subField", "transform",
        )
    },
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "name": {"@container": "@language"},
    "sc": "https://schema.org/",
}  # fmt: skip
_LICENCES = {"CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/"}
_TYPES = {
    "bool": "sc:Boolean", "text": "sc:Text", "float64": "cr:Float64", "float32": "cr:Float32",
    "int64": "cr:Int64", "int32": "cr:Int32", "int16": "cr:Int16", "uint16": "cr:UInt16",
    "uint8": "cr:UInt8", "complex64": "cr:Float32",
}  # fmt: skip
# Record sets: name, axis of their records, content of a record.
_RECORD_SETS = (
    ("images", "image", "One record per image: its clean image, factors and splits"),
    ("test_images", "test_image", "One record per image under test: its counts and their copies"),
    ("specimens", "specimen", "One record per specimen: its masks"),
    ("waves", "wave", "One record per exit wave"),
    ("columns", "column", "One record per true atomic column"),
)


def croissant_content(content: Mapping[str, Any], store: Path) -> dict[str, Any]:
    """Return the JSON-LD of a `card_content`.

    Parameters
    ----------
    content : Mapping
        Of `card_content`.
    store : Path
        The store that it describes; its metadata file is hashed.

    Returns
    -------
    dict
        Paths in it are relative to the folder that the store is in.
    """
    metadata = (store / "zarr.json").read_bytes()
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": _CONFORMS_TO,
        "name": content["name"],
        "version": content["version"],
        "description": content["description"],
        "license": _LICENCES.get(content["licence"], content["licence"]),
        **_publication(content),
        "citeAs": CITATION,
        "keywords": ["electron microscopy", "denoising", "multislice simulation"],
        "inLanguage": "en",
        "distribution": [
            {
                "@type": "cr:FileObject",
                "@id": "metadata",
                "name": "zarr.json",
                "description": "Metadata of the Zarr v3 group",
                "contentUrl": f"{content['store']}/zarr.json",
                "contentSize": f"{len(metadata)} B",
                "encodingFormat": "application/json",
                "sha256": hashlib.sha256(metadata).hexdigest(),
            },
            {
                "@type": "cr:FileSet",
                "@id": "store",
                "name": content["store"],
                "description": f"Zarr v3 group, {content['size_bytes']} bytes; column names are "
                f"paths of its arrays; SHA-256 over its digests {content['data_digest']}",
                "encodingFormat": "application/vnd.zarr",
                "includes": f"{content['store']}/**",
            },
        ],
        "recordSet": [_splits(content), *_record_sets(content["arrays"])],
        **_responsible(content),
    }


def _publication(content: Mapping[str, Any]) -> dict[str, Any]:
    """Properties that a store cannot know, as far as they were given."""
    creator = content["creator"]
    known = {
        "creator": {"@type": "sc:Organization", "name": creator} if creator else None,
        "datePublished": content["published"],
        "url": content["url"],
    }
    return {key: value for key, value in known.items() if value}


def _splits(content: Mapping[str, Any]) -> dict[str, Any]:
    parts = dict.fromkeys(row["part"] for row in content["split_parts"])
    return {
        "@type": "cr:RecordSet",
        "@id": "parts",
        "name": "parts",
        "dataType": "cr:Split",
        "key": {"@id": "parts/name"},
        "field": [
            {"@type": "cr:Field", "@id": "parts/name", "name": "name", "dataType": "sc:Text"}
        ],
        "data": [{"parts/name": part} for part in parts],
    }


def _record_sets(arrays: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for name, axis, description in _RECORD_SETS:
        fields = [_field(name, axis, array) for array in arrays if axis in array["axes"]]
        if fields:
            described: dict[str, Any] = {"@type": "cr:RecordSet", "@id": name, "name": name}
            described |= {"description": description, "field": fields}
            if any(field["@id"] == f"{name}/{axis}" for field in fields):
                described["key"] = {"@id": f"{name}/{axis}"}
            yield described


def _field(record_set: str, axis: str, array: Mapping[str, Any]) -> dict[str, Any]:
    name = array["name"].removeprefix("columns/")
    shape = [n for own, n in zip(array["axes"], array["shape"], strict=True) if own != axis]
    field: dict[str, Any] = {
        "@type": "cr:Field",
        "@id": f"{record_set}/{name}",
        "name": name,
        "dataType": _TYPES.get(array["dtype"], "sc:Text"),
        "source": {"fileSet": {"@id": "store"}, "extract": {"column": array["name"]}},
    }
    if array["dtype"] == "complex64":
        shape.append(2)
    if text := _meaning(array):
        field["description"] = text
    if shape:
        field |= {"isArray": True, "arrayShape": ",".join(map(str, shape))}
    if name == "test_image":
        field["references"] = {"field": {"@id": "images/image"}}
    if name.startswith("split_"):
        field["references"] = {"field": {"@id": "parts/name"}}
    return field


def _meaning(array: Mapping[str, Any]) -> str:
    units, scale = array["units"], array["scale_factor"]
    parts = [
        array["meaning"],
        f"unit: {units}" if units else "",
        f"values are multiplied by {scale:g}" if scale is not None else "",
        "real and imaginary part" if array["dtype"] == "complex64" else "",
    ]
    return "; ".join(filter(None, parts))


def _responsible(content: Mapping[str, Any]) -> dict[str, Any]:
    """Properties of the vocabulary for responsible AI."""
    sealed = content.get("commitment")
    seed = f"a secret seed, commitment {sealed}" if sealed else f"the open seed {content['seed']}"
    return {
        "rai:dataCollection": f"Simulated by {content['made_by']} from recipe {content['name']} "
        f"{content['version']}, recipe_id {content['recipe_id']}, with {seed}; nothing was "
        "recorded by a microscope. " + "; ".join(content["commands"]),
        "rai:dataCollectionType": ["Software Collection"],
        "rai:dataCollectionRawData": "The recipe, in the attribute recipe of the Zarr group",
        "rai:dataAnnotationProtocol": ["Truth by construction: clean images and true atomic "
        "columns are those of the simulated specimen"],
        "rai:dataUseCases": [*content["uses"], *(f"Not: {t}" for t in content["out_of_scope"])],
        "rai:dataLimitations": content["limits"],
        "rai:dataBiases": content["biases"],
        "rai:dataSocialImpact": "None known: the images show simulated atoms",
        "rai:personalSensitiveInformation": ["None"],
        "rai:dataReleaseMaintenancePlan": "A changed recipe has another version and recipe_id",
    }  # fmt: skip
