from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tembench.dataset import DrawnStore, open_store
from tembench.study.audit import AuditViews, audit_views

sys.path.insert(0, str(Path(__file__).parent))


@pytest.fixture(scope="session")
def gold_store(tiny_drawn_path: Path) -> DrawnStore:
    """Slabs of gold, two specimens of two images under test."""
    store = open_store(tiny_drawn_path)
    assert isinstance(store, DrawnStore)
    return store


@pytest.fixture(scope="session")
def gold_views(gold_store: DrawnStore, made_once: Callable[..., Path]) -> AuditViews:
    """All views of one image of each; tests that write beside them use folders of their own."""
    folder = made_once("audit-views", lambda path: audit_views(gold_store, path, workers=0))
    return audit_views(gold_store, folder, workers=0)
