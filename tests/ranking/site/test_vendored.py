"""Vendored libraries: the very files of the versions that are named."""

from __future__ import annotations

import hashlib

from tembench.ranking.site.vendored import LIBRARIES, SITE_VENDOR


def test_vendored_files_are_those_of_the_named_versions() -> None:
    named = {file: digest for library in LIBRARIES for file, digest in library.files.items()}
    there = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in SITE_VENDOR.iterdir()
    }
    assert there == named


def test_each_library_comes_with_its_licence() -> None:
    for library in LIBRARIES:
        assert any(file.endswith(".license.txt") for file in library.files), library.name
