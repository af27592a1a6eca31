"""Optional packages: the error for one that is missing, with the command that installs it.

tembench is on no public registry, so the command never names it there: in a checkout it installs
the checkout's own extra, elsewhere the packages themselves.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import re
import shlex
from pathlib import Path

from tembench.core.errors import MissingPackage

# Modules that are not called as the package they come with.
_PACKAGES = {
    "cupy": "cupy-cuda12x",
    "cupyx": "cupy-cuda12x",
    "PIL": "pillow",
    "pywt": "PyWavelets",
    "rsciio": "rosettasciio",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "cv2": "opencv-python-headless",
    "yaml": "PyYAML",
}
_EXTRAS = ("torch", "cuda", "parquet")


def installed(module: str) -> bool:
    """Return whether a module of this name can be found; nothing is imported."""
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def missing_package(problem: BaseException, needed_by: str) -> MissingPackage | None:
    """Return the error for an import that failed since a package is not installed.

    Parameters
    ----------
    problem : BaseException
        What an import raised, or whoever called it, with that as its cause.
    needed_by : str
        What needs it, such as ``"method unet"``.

    Returns
    -------
    MissingPackage or None
        None where the import failed for another reason, as a module that is misspelt does.
    """
    name = _missing_name(problem)
    return lacking(name, needed_by) if name else None


def lacking(module: str, needed_by: str) -> MissingPackage:
    """Return the error for a module that is not installed."""
    return MissingPackage(
        f"needs the package {module}, which is not installed",
        where=needed_by,
        remedy=f"Install it with: {install_command(module)}",
    )


def install_command(module: str) -> str:
    """Return the command that installs the package of a module, from where tembench came.

    Examples
    --------
    >>> install_command("no_such_module")
    'pip install no_such_module'
    """
    requirements = _requirements()
    package = _PACKAGES.get(module, module)
    for extra in _EXTRAS:
        wanted = requirements.get(extra, [])
        if any(_name_of(requirement) == _normal(package) for requirement in wanted):
            checkout = _checkout()
            if checkout is not None:
                return f"pip install -e {shlex.quote(f'{checkout}[{extra}]')}"
            return "pip install " + " ".join(f"'{requirement}'" for requirement in wanted)
    return f"pip install {package}"


def _missing_name(problem: BaseException | None) -> str | None:
    """Return the top of a module's name that cannot be found, which no code of ours has."""
    while problem is not None:
        if isinstance(problem, ModuleNotFoundError) and problem.name:
            top = problem.name.partition(".")[0]
            return None if top.startswith("tembench") or installed(top) else top
        # Libraries that read and write files import others on demand, and say so in words.
        if type(problem).__module__ == "builtins":
            said = re.search(r"requires the '(\w+)' package", str(problem))
            if said and not installed(said[1]):
                return said[1]
        problem = problem.__cause__
    return None


def _checkout() -> Path | None:
    """Return the folder of the sources that are run, where they lie in one."""
    folder = Path(__file__).resolve().parent.parent.parent
    return folder if (folder / "pyproject.toml").is_file() else None


def _requirements() -> dict[str, list[str]]:
    """Return what each extra asks for, by pyproject.toml or by the installed metadata."""
    checkout = _checkout()
    if checkout is not None:
        import tomllib

        content = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
        found: dict[str, list[str]] = content["project"]["optional-dependencies"]
        return found
    try:
        stated = importlib.metadata.requires("tembench") or []
    except importlib.metadata.PackageNotFoundError:
        return {}
    found = {}
    for line in stated:
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", line)
        if extra:
            found.setdefault(extra[1], []).append(line.partition(";")[0].strip())
    return found


def _name_of(requirement: str) -> str:
    return _normal(re.split(r"[^\w.-]", requirement, maxsplit=1)[0])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
