"""Packaging: contents of a source distribution, pinned versions, and the Makefile."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
import tomllib
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

import tembench

ROOT = Path(__file__).parent.parent
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
PINNED = (ROOT / "constraints.txt").read_text().split()
PINS = {
    canonicalize_name(name): Version(version)
    for name, version in (line.split("==") for line in PINNED)
}


def declared() -> list[Requirement]:
    """Requirements of tembench with all extras."""
    groups = [PROJECT["dependencies"], *PROJECT["optional-dependencies"].values()]
    return [Requirement(line) for group in groups for line in group]


def required_by(requirement: Requirement) -> Iterator[Requirement]:
    """Requirements of a distribution in this environment; none if it is not installed."""
    try:
        lines = metadata.requires(requirement.name) or []
    except metadata.PackageNotFoundError:
        return
    extras = requirement.extras or {""}
    for inner in map(Requirement, lines):
        marker = inner.marker
        if marker is None or any(marker.evaluate({"extra": extra}) for extra in extras):
            yield inner


def all_required() -> dict[str, Requirement]:
    """All distributions installed here that an installation with every extra needs."""
    found: dict[str, Requirement] = {}
    todo = declared()
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        key = f"{name}[{','.join(sorted(requirement.extras))}]"
        if key not in found:
            found[key] = requirement
            todo += required_by(requirement)
    return {key.partition("[")[0]: requirement for key, requirement in found.items()}


@pytest.mark.slow
def test_every_installed_dependency_is_pinned() -> None:
    # A requirement of one exact version, such as torch's CUDA libraries, is a pin too.
    unpinned = {
        name
        for name, requirement in all_required().items()
        if name not in PINS and not re.match(r"==[^*,]+$", str(requirement.specifier))
    }
    assert not unpinned


def test_the_pins_satisfy_the_requirements() -> None:
    for requirement in declared():
        pin = PINS[canonicalize_name(requirement.name)]
        assert requirement.specifier.contains(pin), requirement


def test_the_classifiers_start_at_the_minimum_python() -> None:
    prefix = "Programming Language :: Python :: 3."
    minors = [int(c.removeprefix(prefix)) for c in PROJECT["classifiers"] if c.startswith(prefix)]
    assert minors == list(range(minors[0], minors[-1] + 1))
    assert PROJECT["requires-python"] == f">=3.{minors[0]}"


def test_the_citation_names_this_version() -> None:
    assert f"\nversion: {tembench.__version__}\n" in (ROOT / "CITATION.cff").read_text()


@pytest.mark.slow
def test_a_source_distribution_has_all_that_git_tracks(tmp_path: Path) -> None:
    sdist = pytest.importorskip("hatchling.builders.sdist")
    if not (ROOT / ".git").exists() or shutil.which("git") is None:
        pytest.skip("needs a checkout")
    (path,) = sdist.SdistBuilder(str(ROOT)).build(directory=str(tmp_path))
    with tarfile.open(path) as archive:
        packed = {name.partition("/")[2] for name in archive.getnames()}
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    assert set(listed.stdout.decode().strip("\0").split("\0")) <= packed


@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_gives_each_python_an_environment_of_its_own(tmp_path: Path) -> None:
    shutil.copy(ROOT / "Makefile", tmp_path)
    for file in ("pyproject.toml", "constraints.txt"):
        (tmp_path / file).touch()
    made = {}
    for version in ("", "3.12", "3.13"):
        python = tmp_path / f"at-{version}" / "python"
        python.parent.mkdir()
        python.write_text(f"#!/bin/sh\necho {version}\n")
        python.chmod(0o755)
        command = ["make", "-n", "test", *([f"PYTHON={python}"] if version else [])]
        clean = {"PATH": os.environ["PATH"]}
        shown = subprocess.run(command, cwd=tmp_path, env=clean, capture_output=True, text=True)
        made[version] = re.findall(r"-m venv --clear (\S+)", shown.stdout)
    assert made == {"": [".venv"], "3.12": [".venv-3.12"], "3.13": [".venv-3.13"]}


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("make") is None, reason="needs make")
def test_make_does_not_empty_an_environment_behind_a_link(tmp_path: Path) -> None:
    shared, checkout = tmp_path / "shared", tmp_path / "checkout"
    shared.mkdir()
    (shared / "kept").touch()
    checkout.mkdir()
    (checkout / ".venv").symlink_to(shared)
    shutil.copy(ROOT / "Makefile", checkout)
    for file in ("pyproject.toml", "constraints.txt"):
        (checkout / file).touch()
    clean = {"PATH": os.environ["PATH"]}
    done = subprocess.run(["make", "lint"], cwd=checkout, env=clean, capture_output=True, text=True)
    assert done.returncode != 0
    assert "remove the link" in done.stderr
    assert (shared / "kept").exists()
