"""Description of a run: the tables ``[method]``, ``[data]`` and ``[run]``.

``outputs.toml``, ``scores.toml`` and ``submission.toml`` all contain them. The files are untrusted,
so every value is checked for type and length; all mistakes of a file are reported together.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tembench.core import Reader
from tembench.methods import SINGLE_LINE, is_parameter, is_parameter_name, read_method_keys
from tembench.recipe import DRAWN_PARTS, PARTS, SPLITS, SUBSET_PART
from tembench.recipe.parse_specimen import NAME_PATTERN as RECIPE_NAME

_MOST_PARAMETERS = 200
RECIPE_VERSION = r"\d+\.\d+\.\d+"
CONTROLS = ("clean", "noisy", "vacuum", "dictionary", "recipe-oracle")
"""The control methods of `baselines/`, which bound a table; a submission may add no others."""
# Three centuries, a petabyte and more values than any network has.
_MOST_SECONDS, _MOST_MEMORY_MB, _MOST_COUNTED = 1e10, 1e9, 10**15


@dataclass(frozen=True, kw_only=True)
class MethodInfo:
    """The table ``[method]``.

    Attributes
    ----------
    name, title : str
        Identifier and heading.
    kind : str
        "control", "classical" or "learned".
    input : str
        "noisy", or "clean" for the oracle control.
    licence, training_data, summary : str
        As in the method's ``method.toml``.
    authors, code : str
        Authors of the method, and web address of its code; empty if not stated.
    trained_on : str
        One of `tembench.methods.TRAINED_ON`; empty if not stated.
    supervised : bool or None
        Whether it was trained on clean images; None if not stated.
    paper : Mapping
        Title, DOI and other keys of the publication, as text; may be empty.
    parameters : Mapping
        Values of all parameters of the method in this run.
    """

    name: str
    title: str
    kind: str
    input: str
    licence: str
    training_data: str
    summary: str
    authors: str
    code: str
    trained_on: str
    supervised: bool | None
    paper: Mapping[str, str]
    parameters: Mapping[str, Any]

    @property
    def is_control(self) -> bool:
        """Whether the row bounds the table rather than competes in it."""
        return self.kind == "control"


@dataclass(frozen=True, kw_only=True)
class DataInfo:
    """The table ``[data]``: the images that were denoised.

    Attributes
    ----------
    recipe, version : str
        Name and version of the recipe.
    recipe_id : str
        64 hexadecimal digits.
    split, part : str
        For instance "model" and "test".
    images : int
        Number of images.
    """

    recipe: str
    version: str
    recipe_id: str
    split: str
    part: str
    images: int

    @property
    def is_subset(self) -> bool:
        """Whether the images are the fixed subset of a test."""
        return self.part == SUBSET_PART

    @property
    def table_part(self) -> str:
        """Part whose table the images are shown in: that of the test, for its subset."""
        return "test" if self.is_subset else self.part


@dataclass(frozen=True, kw_only=True)
class RunInfo:
    """The table ``[run]``: the cost of the run; None where it was not measured.

    Attributes
    ----------
    tembench, device : str
        Version of tembench, and the device the method ran on.
    seconds_per_image : float or None
        Median over the images.
    peak_memory_MB : float or None
        Peak resident memory of the largest process.
    threads, workers : int or None
        Threads per process, and number of worker processes.
    n_parameters : int or None
        Number of parameters of a network.
    training_seconds : float or None
        Training time; None for a method that was not trained with tembench.
    training_device, training_recipe, training_split : str or None
        Hardware and data of the training.
    training_steps : int or None
        Steps of the optimiser.
    """

    tembench: str
    device: str
    seconds_per_image: float | None
    peak_memory_MB: float | None
    threads: int | None
    workers: int | None
    n_parameters: int | None
    training_seconds: float | None
    training_device: str | None
    training_recipe: str | None
    training_split: str | None
    training_steps: int | None


@dataclass(frozen=True, kw_only=True)
class RunDescription:
    """Method, data and cost of a run.

    Attributes
    ----------
    method : MethodInfo
        The method.
    data : DataInfo
        The images that it denoised.
    run : RunInfo
        The cost.
    """

    method: MethodInfo
    data: DataInfo
    run: RunInfo

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Key of an entry: method and data. Parameters and cost do not make another entry."""
        return (self.method.name, self.data.recipe_id, self.data.split, self.data.part)


def read_run_description(reader: Reader, content: Mapping[str, Any]) -> RunDescription:
    """Read ``[method]``, ``[data]`` and ``[run]`` from the top level of a file.

    Parameters
    ----------
    reader : Reader
        Of the whole file; mistakes are noted there, including unknown keys.
    content : Mapping
        The same file as plain values, for the parameters, whose names depend on the method.
    """
    method = content.get("method")
    parameters = method.get("parameters") if isinstance(method, Mapping) else None
    return RunDescription(
        method=_method(reader.table("method"), parameters),
        data=_data(reader.table("data")),
        run=_run(reader.table("run")),
    )


def _method(reader: Reader, parameters: Any) -> MethodInfo:
    keys = read_method_keys(reader, complete=False)
    keys["paper"] = {key: str(value) for key, value in keys["paper"].items()}
    provenance = {"authors": "", "code": "", "trained_on": "", "supervised": None}
    info = MethodInfo(
        **provenance | keys.pop("provenance"),
        **keys,
        training_data=reader.text(
            "training_data", pattern=SINGLE_LINE, max_length=1000, default="none"
        ),
        parameters=_parameters(reader, parameters),
    )
    reader.finish()
    return info


def _parameters(reader: Reader, parameters: Any) -> dict[str, Any]:
    reader.table("parameters", default={})  # known, and a table
    if not isinstance(parameters, Mapping):
        return {}
    if len(parameters) > _MOST_PARAMETERS:
        reader.problem(
            "parameters", f"expected at most {_MOST_PARAMETERS} entries, got {len(parameters)}"
        )
    if not all(is_parameter_name(key) and is_parameter(v) for key, v in parameters.items()):
        reader.problem(
            "parameters",
            "expected numbers, text, true, false and lists of these, by names, all of them "
            "without control characters or invisible ones",
        )
    return dict(parameters)


def _data(reader: Reader) -> DataInfo:
    info = DataInfo(
        recipe=reader.text("recipe", pattern=RECIPE_NAME),
        version=reader.text("version", pattern=RECIPE_VERSION, max_length=40),
        recipe_id=reader.text("recipe_id", pattern=r"[0-9a-f]{64}"),
        split=reader.text("split", choices=SPLITS),
        part=reader.text("part", choices=tuple(dict.fromkeys((*PARTS, *DRAWN_PARTS, SUBSET_PART)))),
        images=reader.integer("images", at_least=1, at_most=1_000_000),
    )
    reader.finish()
    return info


def _run(reader: Reader) -> RunInfo:
    info = RunInfo(
        tembench=reader.text("tembench", pattern=SINGLE_LINE, max_length=40),
        device=reader.text("device", pattern=SINGLE_LINE, max_length=100),
        seconds_per_image=_measured(reader, "seconds_per_image"),
        peak_memory_MB=_measured(reader, "peak_memory_MB"),
        threads=_count(reader, "threads"),
        workers=_count(reader, "workers"),
        n_parameters=_count(reader, "n_parameters"),
        training_seconds=_measured(reader, "training_seconds"),
        training_device=_line(reader, "training_device"),
        training_recipe=_line(reader, "training_recipe"),
        training_split=_line(reader, "training_split"),
        training_steps=_count(reader, "training_steps"),
    )
    reader.finish()
    return info


def _measured(reader: Reader, key: str) -> float | None:
    most = _MOST_MEMORY_MB if key.endswith("_MB") else _MOST_SECONDS
    return reader.number(key, at_least=0.0, at_most=most) if reader.has(key) else None


def _count(reader: Reader, key: str) -> int | None:
    return reader.integer(key, at_least=0, at_most=_MOST_COUNTED) if reader.has(key) else None


def _line(reader: Reader, key: str) -> str | None:
    return reader.text(key, pattern=SINGLE_LINE, max_length=100) if reader.has(key) else None
