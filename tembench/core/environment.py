"""Installed packages, processor and version: the error for a missing package, and `made_by`.

tembench is on no public registry, so the command never names it there: in a checkout it installs
the checkout's own extra, elsewhere the packages themselves.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import platform
import re
import shlex
import subprocess
from pathlib import Path

from tembench import __version__
from tembench.core.errors import MissingPackage

# Import names that differ from the name of their package.
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
_EXTRAS = ("torch", "cuda", "parquet", "cluster", "hyperspy", "napari")


def made_by() -> dict[str, str]:
    """Return version and, in a checkout, commit of tembench; processor and Python."""
    record = {
        "tembench": __version__,
        "python": platform.python_version(),
        "processor": _processor(),
    }
    commit = _commit()
    return {**record, "commit": commit} if commit else record


def installed(module: str) -> bool:
    """Return whether a module of this name can be found; nothing is imported."""
    try:
        return importlib.util.find_spec(module) is not None
    except (ImportError, ValueError):
        return False


def missing_package(problem: BaseException, needed_by: str) -> MissingPackage | None:
    """Return the error for an import that failed because a package is not installed.

    Parameters
    ----------
    problem : BaseException
        Raised by the import, or by its caller with the import's error as the cause.
    needed_by : str
        What needs the package, such as ``"method unet"``.

    Returns
    -------
    MissingPackage or None
        None where the import failed for another reason, such as a misspelt module.
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
    """Return the command that installs a module's package, from the source tembench came from.

    Examples
    --------
    >>> install_command("no_such_module")
    'pip install no_such_module'
    """
    requirements = _requirements()
    package = _PACKAGES.get(module, module)
    for extra in _EXTRAS:
        required = requirements.get(extra, [])
        if any(_name_of(requirement) == _normal(package) for requirement in required):
            checkout = _checkout()
            if checkout is not None:
                return f"pip install -e {shlex.quote(f'{checkout}[{extra}]')}"
            return "pip install " + " ".join(f"'{requirement}'" for requirement in required)
    return f"pip install {package}"


def _missing_name(problem: BaseException | None) -> str | None:
    """Return the top-level name of the module that is not installed; None for modules of ours."""
    while problem is not None:
        if isinstance(problem, ModuleNotFoundError) and problem.name:
            top = problem.name.partition(".")[0]
            return None if top.startswith("tembench") or installed(top) else top
        # Libraries for image files import their codecs on demand, and name them in the message.
        if type(problem).__module__ == "builtins":
            named = re.search(r"requires the '(\w+)' package", str(problem))
            if named and not installed(named[1]):
                return named[1]
        problem = problem.__cause__
    return None


def _checkout() -> Path | None:
    """Return the root of the checkout that this file is in; None for an installed wheel."""
    folder = Path(__file__).resolve().parent.parent.parent
    return folder if (folder / "pyproject.toml").is_file() else None


def _requirements() -> dict[str, list[str]]:
    """Return the requirements of each extra, from pyproject.toml or the installed metadata."""
    checkout = _checkout()
    if checkout is not None:
        import tomllib

        content = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
        declared: dict[str, list[str]] = content["project"]["optional-dependencies"]
        return declared
    try:
        lines = importlib.metadata.requires("tembench") or []
    except importlib.metadata.PackageNotFoundError:
        return {}
    declared = {}
    for line in lines:
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", line)
        if extra:
            declared.setdefault(extra[1], []).append(line.partition(";")[0].strip())
    return declared


def _name_of(requirement: str) -> str:
    return _normal(re.split(r"[^\w.-]", requirement, maxsplit=1)[0])


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def _commit() -> str:
    """Return the commit of the checkout that this file is in, with ``+`` for local changes."""
    git = ["git", "-C", str(Path(__file__).parent)]
    try:
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True)
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--untracked-files=no"], capture_output=True, text=True
        )
    except OSError:
        return ""
    if head.returncode:
        return ""
    return head.stdout.strip() + ("+" if changed.stdout.strip() else "")


def _processor() -> str:
    """Return the processor's name as Linux reports it, else as Python does."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()
