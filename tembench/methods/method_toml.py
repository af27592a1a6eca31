"""Description of a method: the keys of ``method.toml``, read and checked.

All mistakes of a file are reported together, each with its dotted path, the expected and the
actual value.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tembench.core import MethodError, Reader, is_plain, quoted, read_toml

KINDS = ("control", "classical", "learned")
SOURCE = "method.py"
INPUTS = ("noisy", "series", "clean")
METHOD_NAME = r"[a-z0-9][a-z0-9_-]{0,63}"
"""Names of methods, and of submissions, which are named after their method by default."""
METHOD_NAME_IN_WORDS = (
    "lower-case letters, digits, hyphens and underscores, at most 64, a letter or digit first"
)
# `Reader.text` refuses all other control characters, line separators and direction marks.
SINGLE_LINE = r"[^\t\n]+"
TRAINED_ON: tuple[str, ...] = ("this track", "other simulations", "real data", "nothing")
"""Kinds of data that a method was trained on, seen from the images that it denoises."""
_WEB_ADDRESS = r"https?://[!#-&(-;=?-\[\]-_a-~]+"  # no quote, angle bracket or backslash
_PAPER_TEXTS = ("title", "authors", "venue", "doi", "arxiv", "url")
_SCALAR = (str, int, float, bool)


def read_description(path: Path) -> dict[str, Any]:
    """Read and check ``method.toml``.

    Parameters
    ----------
    path : pathlib.Path
        The file.

    Returns
    -------
    dict
        The fields of `tembench.methods.method.Method` except `folder` and `trainable`.

    Raises
    ------
    MethodError
        If the file is missing or unreadable; or every mistake in it, on one line.
    """
    content = read_toml(path, MethodError)
    reader = Reader(content)
    description = read_method_keys(reader, complete=True)
    description["code_folder"] = _code_folder(reader, path.parent)
    learned = description["kind"] == "learned"
    control = description["kind"] == "control"
    training = reader.table("training", default={})
    description["training_images"] = _training_images(training, control)
    description["training_data"] = _training_data(training, learned)
    parameters = _any_values(content, "parameters")
    _check_parameters(reader.table("parameters", default={}), parameters)
    optional = _any_values(content, "optional")
    _check_optional(reader.table("optional", default={}), optional, parameters)
    least = _any_values(content, "least")
    _check_least(reader.table("least", default={}), least, {**optional, **parameters})
    search = _any_values(content, "search")
    _check_search(reader.table("search", default={}), search, parameters)
    quick = _any_values(content, "quick")
    _check_quick(reader.table("quick", default={}), quick, {**optional, **parameters})
    description.update(parameters=parameters, optional=optional, least=least, search=search)
    description["quick"] = quick if "quick" in content else None
    description["tuned"] = _tuned(reader.table("tuned", default={}))
    reader.finish()
    reader.raise_problems(MethodError, str(path), "CONTRIBUTING.md lists the keys")
    return description


def _code_folder(reader: Reader, folder: Path) -> Path:
    """Return the folder that holds ``method.py``: the method's own unless ``code`` names one."""
    code = reader.text("code", pattern=SINGLE_LINE, max_length=500, default="")
    if not code:
        return folder
    if Path(code).is_absolute():
        reader.problem("code", f"expected a path relative to this folder, got {code!r}")
    elif not (folder / code / SOURCE).is_file():
        reader.problem("code", f"expected a folder that holds {SOURCE}, got {code!r}")
    elif (folder / SOURCE).is_file():
        reader.problem("code", f"this folder holds a {SOURCE} too: remove that or this key")
    return (folder / code).resolve()


def read_method_keys(reader: Reader, *, complete: bool) -> dict[str, Any]:
    """Read the keys that ``method.toml`` and the ``[method]`` table of outputs have in common.

    Parameters
    ----------
    reader : Reader
        Of the file or the table. Mistakes are noted there; unknown keys are left to the caller.
    complete : bool
        Whether summary and licence are required; otherwise they may be missing, and are empty.

    Returns
    -------
    dict
        name, title, summary, kind, input, licence; paper: the keys that it has; and provenance:
        authors, code, trained_on and supervised, where stated. The web address of the code is the
        key ``code_url`` of ``method.toml``, where ``code`` names a folder.
    """
    optional: dict[str, Any] = {} if complete else {"default": ""}
    found: dict[str, Any] = {
        "name": reader.text("name", pattern=METHOD_NAME),
        "title": reader.text("title", pattern=SINGLE_LINE, max_length=80),
        "summary": reader.text("summary", pattern=SINGLE_LINE, max_length=1000, **optional),
    }
    before = len(reader.problems)
    kind = reader.text("kind", choices=KINDS)
    control = kind == "control" and len(reader.problems) == before
    found |= {
        "kind": kind,
        "input": reader.text("input", choices=INPUTS, default="noisy"),
        "licence": reader.text("licence", pattern=SINGLE_LINE, max_length=200, **optional),
    }
    if found["input"] == "clean" and not control:
        reader.problem(
            "input", "expected noisy or series, got clean: only a control may see the clean image"
        )
    found["provenance"] = _provenance(reader, "code_url" if complete else "code")
    found["paper"] = _paper(reader.table("paper", default={}))
    return found


def _provenance(reader: Reader, code_key: str) -> dict[str, Any]:
    """Authors, code and training of a method, as far as they are stated."""
    found = {
        "authors": reader.text("authors", pattern=SINGLE_LINE, max_length=500, default=""),
        "code": reader.text(code_key, pattern=SINGLE_LINE, max_length=500, default=""),
        "trained_on": reader.text("trained_on", choices=TRAINED_ON, default=""),
        "supervised": reader.boolean("supervised", default=""),
    }
    if found["code"] and not re.fullmatch(_WEB_ADDRESS, found["code"], re.ASCII):
        reader.problem(code_key, f"expected a web address, https://..., got {found['code'][:60]!r}")
    if found["trained_on"] == "nothing" and found["supervised"]:
        reader.problem(
            "supervised", "expected false for a method that is trained on nothing, got true"
        )
    return {key: value for key, value in found.items() if value != ""}


def _paper(reader: Reader) -> dict[str, Any]:
    paper: dict[str, Any] = {
        key: reader.text(key, pattern=SINGLE_LINE, max_length=500, default="")
        for key in _PAPER_TEXTS
    }
    paper["year"] = reader.integer("year", at_least=1800, at_most=2200, default=None)
    reader.finish()
    return {key: value for key, value in paper.items() if reader.has(key)}


def _training_images(reader: Reader, control: bool) -> str:
    images = reader.text("images", choices=("train", "all"), default="train")
    if images == "all" and not control:
        reader.problem(
            "images", "expected train, got all: only a control may see the test's images"
        )
    return images


def _training_data(reader: Reader, learned: bool) -> str:
    if learned:
        data = reader.text("data", pattern=SINGLE_LINE, max_length=1000)
    else:
        data = reader.text("data", pattern=SINGLE_LINE, max_length=1000, default="none")
    reader.finish()
    return data


def _any_values(content: Mapping[str, Any], key: str) -> dict[str, Any]:
    """Return a table with the method's own keys; a value that is not a table counts as empty."""
    table = content.get(key, {})
    return dict(table) if isinstance(table, Mapping) else {}


def _check_parameters(reader: Reader, parameters: Mapping[str, Any]) -> None:
    for key, value in parameters.items():
        if key == "weights":
            reader.problem(key, "reserved for the folder of a trained method")
        elif not is_parameter_name(key):
            reader.problem(
                quoted(key), "expected a name without control characters or invisible ones"
            )
        elif not is_parameter(value):
            got = type(value).__name__
            reader.problem(key, f"expected a number, text, true, false or a list, got {got}")


def _check_optional(
    reader: Reader, optional: Mapping[str, Any], parameters: Mapping[str, Any]
) -> None:
    _check_parameters(reader, optional)
    for key in optional:
        if key in parameters:
            reader.problem(key, "is in [parameters] too")


def _check_quick(reader: Reader, quick: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    for key, value in quick.items():
        if key not in parameters:
            reader.problem(key, "not among [parameters] or [optional]")
        elif type(value) is not type(parameters[key]):
            reader.problem(
                key, f"expected {type(parameters[key]).__name__}, the type of its declared value"
            )


def _check_least(reader: Reader, least: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    for key, value in least.items():
        if key not in parameters:
            reader.problem(key, "not among [parameters] or [optional]")
        elif isinstance(value, bool) or not isinstance(value, int | float):
            reader.problem(key, f"expected a number, got {value!r}")


def _check_search(reader: Reader, search: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    for key, values in search.items():
        if key not in parameters:
            reader.problem(key, "no such parameter in [parameters]")
        elif not isinstance(values, list) or not values:
            reader.problem(key, f"expected a list of values, got {values!r}")


def _tuned(reader: Reader) -> dict[str, Any]:
    tuned: dict[str, Any] = {
        key: reader.text(key, pattern=SINGLE_LINE, default="")
        for key in ("recipe", "recipe_id", "split", "part", "judged_by")
    }
    tuned["images"] = reader.integer("images", at_least=1, default=None)
    tuned["psnr_db"] = reader.number("psnr_db", default=None)
    reader.finish()
    return {key: value for key, value in tuned.items() if reader.has(key)}


def is_parameter(value: Any) -> bool:
    """Return whether a parameter may have this value: a plain value, or a list of them."""
    values = value if isinstance(value, list) else [value]
    # TOML's integers have 64 bits; Python reads longer ones, but cannot print all of them.
    return all(
        isinstance(entry, _SCALAR)
        and not (isinstance(entry, int) and abs(entry) >= 2**64)
        and not (isinstance(entry, str) and not is_plain(entry))
        for entry in values
    )


def is_parameter_name(key: str) -> bool:
    """Return whether a parameter may have this name: one line without invisible characters."""
    return re.fullmatch(SINGLE_LINE, key) is not None and is_plain(key)
