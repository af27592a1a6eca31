"""Bounds of the package's figures, and the maps that its folders and CONTRIBUTING.md give."""

from __future__ import annotations

import pytest
from house import ROOT, read

HOUSE = read(ROOT / "tembench")


def test_no_folder_is_crowded() -> None:
    crowded = {name: n for name, n in HOUSE.files_per_folder().items() if n > 16}
    assert not crowded


@pytest.mark.slow
def test_modules_import_few_others() -> None:
    assert HOUSE.mean_own_imports() < 3


def test_files_can_be_read_in_one_go() -> None:
    lines, module = HOUSE.longest_files()[0]
    assert lines <= 300, module


def test_no_two_modules_share_a_name() -> None:
    assert not HOUSE.module_names_twice()


def test_no_two_modules_define_one_public_name() -> None:
    assert not HOUSE.public_names_twice()


def test_module_docstrings_name_the_thing() -> None:
    assert not HOUSE.question_docstrings()


def test_each_folder_maps_its_modules() -> None:
    assert not HOUSE.unmapped()


def test_maps_have_one_short_line_per_module() -> None:
    entries = {module: HOUSE.entry(module) or "" for module in HOUSE.modules if module}
    assert not [module for module, text in entries.items() if len(text) > 80]


def test_contributing_shows_the_tree() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert f"```\n{HOUSE.tree()}\n```" in text, "paste what python tests/house.py --tree prints"
