"""Method: a folder with ``method.toml`` and ``method.py``, loaded, built and trained.

``method.toml`` describes the method and is read and checked by `load_method`. ``method.py`` defines
``build(parameters) -> Denoiser`` and, for a method that is trained, ``train(parameters, data,
folder)``; see `tembench.methods.protocol.Denoiser`. ``method.py`` is not run before `Method.build`,
`Method.train` or `Method.check`.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from tembench.core import (
    MethodError,
    absolute,
    baselines_folder,
    known_name,
    list_methods,
)
from tembench.methods.method_code import code_digest, defined_names, import_method
from tembench.methods.method_toml import SOURCE, read_description
from tembench.methods.parameters import overridden, trained_with
from tembench.methods.protocol import Denoiser, TrainingData
from tembench.methods.third_party import denoiser_info, foreign_code


@dataclass(frozen=True, kw_only=True)
class Method:
    """A method and its description; CONTRIBUTING.md lists the keys of ``method.toml``.

    Attributes
    ----------
    name, title, summary : str
        Identifier (lower case), title in tables, one sentence.
    folder : pathlib.Path
        Holds ``method.toml`` and, for a method with trained weights, ``weights``.
    code_folder : pathlib.Path
        Holds ``method.py``: `folder` itself unless the key ``code`` names another, for methods
        that differ in their parameters only.
    kind : str
        "control", "classical" or "learned".
    input : str
        "noisy"; "series", the defocus series of noisy images; or "clean", the truth, of a control.
    paper : Mapping
        Title, authors, year, doi and so on; empty if there is none.
    licence, training_data, training_images : str
        Licence of the code; the training data ("none" for a classical method); the images of it:
        "train", those of the training part, or "all", those under test too, for a control.
    provenance : Mapping
        ``authors``, ``code`` (its web address), ``trained_on`` and ``supervised``, where stated.
    parameters : Mapping
        Passed to ``build``.
    optional : Mapping
        Further parameters with their defaults; passed to ``build`` and recorded only if set.
    least : Mapping
        Least value of a parameter, where it differs from the one that its declared value implies.
    search : Mapping
        Lists of values that tuning tries, by parameter.
    quick : Mapping or None
        Parameters that `tembench run` replaces; None for a method that it does not run by default.
    tuned : Mapping
        Origin of tuned parameters: recipe, split, part, score.
    trainable : bool
        Whether ``method.py`` defines ``train``.
    chosen : frozenset of str
        Parameters that the user set; they are never adapted to weights or images.
    """

    name: str
    title: str
    summary: str
    folder: Path
    code_folder: Path
    kind: str
    input: str = "noisy"
    paper: Mapping[str, Any]
    licence: str
    training_data: str
    training_images: str = "train"
    provenance: Mapping[str, Any] = field(default_factory=dict)
    parameters: Mapping[str, Any]
    optional: Mapping[str, Any] = field(default_factory=dict)
    least: Mapping[str, float] = field(default_factory=dict)
    search: Mapping[str, list[Any]]
    quick: Mapping[str, Any] | None
    tuned: Mapping[str, Any]
    trainable: bool
    chosen: frozenset[str] = frozenset()

    def __repr__(self) -> str:
        """Return name, folder, kind and parameters, in two lines."""
        kind = f"{self.kind}, trainable" if self.trainable else self.kind
        shown = ", ".join(f"{name}={value!r}" for name, value in self.parameters.items())
        return f"Method({self.name!r}, {str(self.folder)!r}): {self.title}, {kind}\n  {shown}"

    @property
    def folders(self) -> tuple[Path, Path]:
        """Folders that define the method: its own, and that of its code."""
        return (self.folder, self.code_folder)

    @property
    def source(self) -> Path:
        """The file ``method.py``."""
        return self.code_folder / SOURCE

    @property
    def base(self) -> Method | None:
        """The method that the parameter ``base`` names, whose trained weights are used."""
        return load_method(str(self.parameters["base"])) if "base" in self.parameters else None

    @property
    def shipped_weights(self) -> Path | None:
        """The folder ``weights`` beside ``method.toml``, its own or its base's, if there is one."""
        weights = (self.base or self).folder / "weights"
        return weights if weights.is_dir() else None

    def settings(self, **override: Any) -> dict[str, Any]:
        """Return the parameters with `override` applied.

        Raises
        ------
        MethodError
            If a name is not in ``method.toml``, or a value has another type, is not finite or is
            too small.
        """
        declared = {**self.optional, **self.parameters}
        changed = overridden(declared, override, self.least, f"method {self.name}")
        return {**self.parameters, **changed}

    def with_parameters(self, **override: Any) -> Method:
        """Return the method with other parameters; errors as for `settings`."""
        chosen = self.chosen.union(override)
        return replace(self, parameters=self.settings(**override), chosen=chosen)

    def adapted(self, **values: Any) -> Method:
        """Return the method with other parameters where the user set none; errors as before."""
        declared = {**self.optional, **self.parameters}.keys() - self.chosen
        used = {name: value for name, value in values.items() if name in declared}
        return replace(self, parameters=self.settings(**used))

    def as_trained(self, weights: Path | None) -> Method:
        """Return the method with what weights of its own were trained with; errors as before."""
        return self if weights is None else self.adapted(**trained_with(weights, self.name))

    def build(self, weights: Path | None = None, **override: Any) -> Denoiser:
        """Import ``method.py`` and build the denoiser.

        Parameters
        ----------
        weights : pathlib.Path, optional
            Folder of a training, passed on as ``parameters["weights"]``; by default the weights in
            the method's folder, if there are any.
        **override
            Parameters that replace those of ``method.toml``.

        Raises
        ------
        MethodError
            If a method that is trained has no weights, ``method.py`` cannot be imported, ``build``
            fails, or its result has no ``denoise`` or an invalid ``device`` or ``n_parameters``.
        MissingPackage
            If it imports a package that is not installed.
        """
        weights = weights or self.shipped_weights
        parameters = dict(self.with_parameters(**override).as_trained(weights).parameters)
        if weights is not None:
            parameters["weights"] = str(absolute(weights))
        elif self.trainable:
            raise MethodError(
                "no trained weights",
                where=f"method {self.name}",
                remedy=f"Train it first: tembench train {self.name} STORE",
            )
        denoiser = self._call("build", parameters)
        where = str(self.source)
        with foreign_code("its attribute denoise", where):
            found = callable(getattr(denoiser, "denoise", None))
        if not found:
            raise MethodError(
                "build returned no denoiser",
                where=where,
                expected="an object with a method denoise(image)",
                got=type(denoiser).__name__,
                remedy="return an instance of a class that defines denoise",
            )
        denoiser_info(denoiser, where)
        return cast(Denoiser, denoiser)

    def train(self, data: TrainingData, folder: Path, **override: Any) -> None:
        """Run the method's own ``train``, which resumes from what is in `folder`."""
        if not self.trainable:
            raise MethodError(
                "is not trained",
                where=f"method {self.name}",
                expected="a function train(parameters, data, folder) in method.py",
                remedy="denoise with it directly",
            )
        self._call("train", self.settings(**override), data, absolute(folder))

    def check_imports(self) -> None:
        """Import ``method.py``; raise MissingPackage if a package that it needs is not installed.

        Other errors appear when it is built.
        """
        with suppress(MethodError):
            self._call_foreign("import", self._module)

    def check(self) -> None:
        """Import ``method.py``, and build the denoiser unless it has to be trained first.

        Faults of a method then appear before long work begins; errors as for `build`.
        """
        if self.trainable and self.shipped_weights is None:
            self._call_foreign("import", self._module)
        else:
            self.build()

    def _call(self, function: str, *arguments: Any) -> Any:
        return self._call_foreign(function, lambda: getattr(self._module(), function)(*arguments))

    def _call_foreign(self, function: str, action: Callable[[], Any]) -> Any:
        # A full or read-only disk is not a fault of the method; a missing file is.
        where = str(self.source)
        with foreign_code(function, where, disk=True, needed_by=f"method {self.name}"):
            return action()

    def _module(self) -> types.ModuleType:
        return import_method(self.code_folder)

    def code_digest(self) -> str:
        """Return the sha256 of the code folder's files; outputs of other code are not mixed."""
        return code_digest(self.code_folder)


def load_method(method: str | Path) -> Method:
    """Return the method in a folder, or the baseline of that name.

    Parameters
    ----------
    method : str or pathlib.Path
        A folder that holds ``method.toml``, or the name of a folder in ``baselines/``.

    Raises
    ------
    MethodError
        In one line: every mistake in ``method.toml``, or the missing file or function.

    Examples
    --------
    >>> import tembench as tb
    >>> tb.load_method("bm3d-open").build().denoise(store.noisy_image(99))  # doctest: +SKIP
    """
    folder = _folder(method)
    description = read_description(folder / "method.toml")
    source = description["code_folder"] / SOURCE
    if not source.is_file():
        raise MethodError(
            "no such file",
            where=str(source),
            expected="Python code that defines build(parameters)",
            remedy="add method.py beside method.toml, or name the folder that holds it as code",
        )
    names = defined_names(source)
    if "build" not in names:
        raise MethodError(
            "defines no build",
            where=str(source),
            expected="a function build(parameters) that returns a denoiser",
            got=", ".join(sorted(names)) or "nothing",
            remedy="add it; baselines/gaussian/method.py is a short example",
        )
    return Method(folder=folder, trainable="train" in names, **description)


def replaces_baseline(given: str | Path, method: Method) -> bool:
    """Return whether a folder was loaded under a name that is also a baseline's."""
    baseline = baselines_folder() / given
    is_name = len(Path(given).parts) == 1 and (baseline / "method.toml").is_file()
    return is_name and method.folder != baseline.resolve()


def _folder(method: str | Path) -> Path:
    given = Path(method)
    if given.is_dir() and (given / "method.toml").is_file():
        return given.resolve()
    if len(given.parts) == 1 and (baselines_folder() / given / "method.toml").is_file():
        return (baselines_folder() / given).resolve()
    raise MethodError(
        "no method.toml in this folder" if given.is_dir() else "no such method",
        where=str(method),
        expected=f"a folder with method.toml, or one of {', '.join(list_methods())}",
        remedy=known_name(given, list_methods(), "method") or "check the name or the path",
    )
