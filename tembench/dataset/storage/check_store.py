"""Checks of a store on opening: its layout version, its recipe, and the metadata of its arrays."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import zarr

from tembench.core import StoreError, TembenchError, absolute, store_remedy
from tembench.dataset.contents import Contents, contents_of
from tembench.dataset.storage import LAYOUT_VERSION, RECIPE_FILES, declared_metadata
from tembench.recipe import AnyRecipe, from_canonical_form, recipe_id

_GENERATE_AGAIN = "Generate the data set again in another folder"
_METADATA_LIMIT = 1 << 24


def open_group(path: Path, mode: Literal["r", "r+"]) -> zarr.Group:
    """Open the Zarr group of a store, if it has this version's layout."""
    where = str(path)
    if not (path / "zarr.json").is_file():
        what = "not a data set" if path.exists() else "no such data set"
        raise StoreError(
            what,
            where=where,
            expected="a folder with zarr.json",
            remedy=store_remedy(path),
        )
    try:
        group = zarr.open_group(str(absolute(path)), mode=mode, zarr_format=3)
    except (Exception, RecursionError) as problem:
        raise StoreError(
            "its zarr.json cannot be read",
            where=where,
            got=f"{type(problem).__name__}: {problem}",
            remedy=_GENERATE_AGAIN,
        ) from problem
    version = group.attrs.get("layout_version")
    if version != LAYOUT_VERSION:
        raise StoreError(
            "another layout version" if version is not None else "a Zarr group, but not a data set",
            where=where,
            expected=f"layout_version {LAYOUT_VERSION}",
            got=repr(version),
            remedy=f"{_GENERATE_AGAIN}, with this version of tembench",
        )
    return group


def read_recipe(path: Path, group: zarr.Group) -> AnyRecipe:
    """Read the recipe that a store was made from, and check it against its id."""
    where = str(path)
    try:
        recipe = from_canonical_form(str(group.attrs.get("recipe")), files=_files_of(group))
    except TembenchError as problem:
        got = f"; got {problem.got}" if problem.got else ""
        raise StoreError(
            f"its recipe cannot be used: {problem.what}{got}", where=where, remedy=_GENERATE_AGAIN
        ) from None
    if recipe_id(recipe) != group.attrs.get("recipe_id"):
        raise StoreError(
            "recipe and recipe_id do not match",
            where=where,
            expected=recipe_id(recipe)[:12],
            got=str(group.attrs.get("recipe_id"))[:12],
            remedy=_GENERATE_AGAIN,
        )
    return recipe


def _files_of(group: zarr.Group) -> dict[str, tuple[str, str]]:
    """Files of atoms that came with a store, by their SHA-256; what is not of that form is not."""
    stored = group.attrs.get(RECIPE_FILES)
    if not isinstance(stored, Mapping):
        return {}
    return {
        digest: (file[0], file[1])
        for digest, file in stored.items()
        if isinstance(file, list) and len(file) == 2 and all(isinstance(t, str) for t in file)
    }


def check_arrays(path: Path, contents: Contents) -> None:
    """Refuse a store that lacks an array of its recipe, or has one of another layout.

    Both an array's own metadata and their copy in those of the group are checked: Zarr and xarray
    use the copy, and would read zeros from an array that is missing.
    """
    copies = _copied_metadata(path)
    for name in contents.groups:
        if _metadata(path / name).get("node_type") != "group":
            raise StoreError(
                f"group '{name}' is missing", where=str(path / name), remedy=_GENERATE_AGAIN
            )
    declared = _declared(contents.recipe)
    columns = _length(_metadata(path / "columns/model"))
    for name, expected in declared.items():
        required = _resized(expected, columns) if name.startswith("columns/") else expected
        _check_array(path, name, required, _metadata(path / name))
        if copies is not None:
            _check_array(path, name, required, copies.get(name))


def _check_array(path: Path, name: str, required: dict[str, Any], metadata: Any) -> None:
    if not metadata:
        raise StoreError(f"array '{name}' is missing", where=str(path), remedy=_GENERATE_AGAIN)
    for what, expected in required.items():
        got = _essentials(metadata).get(what)
        # 1, 1.0 and true are equal in Python, but not in JSON.
        if json.dumps(got) != json.dumps(expected):
            raise StoreError(
                f"array '{name}' does not match its recipe",
                where=str(path),
                expected=f"the {what} {_short(expected)}",
                got=_short(got),
                remedy=_GENERATE_AGAIN,
            )


def _metadata(folder: Path) -> dict[str, Any]:
    """Content of a folder's ``zarr.json``; empty if it is missing or unreadable."""
    file = folder / "zarr.json"
    if not file.is_file() or file.stat().st_size > _METADATA_LIMIT:
        return {}
    try:
        content = json.loads(file.read_bytes())
    except (ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def _copied_metadata(path: Path) -> dict[str, Any] | None:
    """Consolidated metadata of the arrays in those of the group; None if there are none."""
    consolidated = _metadata(path).get("consolidated_metadata")
    if consolidated is None:
        return None
    copied = _at(consolidated, "metadata")
    return copied if isinstance(copied, dict) else {}


@functools.lru_cache(maxsize=4)
def _declared(recipe: AnyRecipe) -> dict[str, dict[str, Any]]:
    """Essential metadata of each array of a recipe's store, as the layout declares them."""
    arrays = declared_metadata(contents_of(recipe))
    return {
        name: _essentials(json.loads(json.dumps(metadata))) for name, metadata in arrays.items()
    }


def _essentials(metadata: Any) -> dict[str, Any]:
    """Metadata that the values of an array depend on, named for an error; without compression."""
    grid = _at(metadata, "chunk_grid", "configuration", "chunk_shape")
    keys = (
        _at(metadata, "chunk_grid", "name"),
        _at(metadata, "chunk_key_encoding", "name"),
        _at(metadata, "chunk_key_encoding", "configuration", "separator") or "/",
    )
    return {
        "shape": _at(metadata, "shape"),
        "data type": _at(metadata, "data_type"),
        "chunks": grid,
        "chunk keys": keys,
        "codecs": _codecs(_at(metadata, "codecs")),
        "storage transformers": _at(metadata, "storage_transformers") or [],
        "fill value": _at(metadata, "fill_value"),
        "dimensions": _at(metadata, "dimension_names"),
        "units": _at(metadata, "attributes", "units"),
        "scale_factor": _at(metadata, "attributes", "scale_factor"),
        "add_offset": _at(metadata, "attributes", "add_offset"),
    }


def _codecs(listed: Any) -> Any:
    """Names of codecs, with their byte order and the codecs inside a shard."""
    if not isinstance(listed, list):
        return listed
    codecs = []
    for codec in listed:
        # Zarr leaves out the byte order of single bytes.
        codecs.append([_at(codec, "name"), _at(codec, "configuration", "endian") or "little"])
        if _at(codec, "name") == "sharding_indexed":
            inside = _at(codec, "configuration")
            codecs[-1] += [_at(inside, "chunk_shape"), _at(inside, "index_location") or "end"]
            codecs[-1] += [_codecs(_at(inside, key)) for key in ("codecs", "index_codecs")]
    return codecs


def _at(table: Any, *keys: str) -> Any:
    for key in keys:
        table = table.get(key) if isinstance(table, Mapping) else None
    return table


def _length(metadata: dict[str, Any]) -> int:
    shape = metadata.get("shape")
    return shape[0] if isinstance(shape, list) and shape and type(shape[0]) is int else 0


def _resized(expected: dict[str, Any], length: int) -> dict[str, Any]:
    return {**expected, "shape": [length], "chunks": [length]}


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 80 else text[:77] + "..."
