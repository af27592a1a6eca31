"""The house: an import points to a room further left, or stays in its own."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import tembench

PACKAGE = Path(tembench.__file__).parent
ROOMS = ("recipe", "simulate", "dataset", "methods", "leaderboard", "study")
# Metrics stand beside the way: pure functions, used from the leaderboard on.
ALLOWED = {room: set(ROOMS[: i + 1]) for i, room in enumerate(ROOMS)} | {"metrics": {"metrics"}}
for room in ("leaderboard", "study"):
    ALLOWED[room].add("metrics")
for room in ALLOWED:
    ALLOWED[room].add("core")
ALLOWED["core"] = {"core"}


def imported_rooms(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        modules = []
        if isinstance(node, ast.ImportFrom):
            base = node.module or ""
            modules = [base, *(f"{base}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        for module in modules:
            parts = module.split(".")
            if parts[0] == "tembench" and len(parts) > 1 and (PACKAGE / parts[1]).is_dir():
                yield parts[1]


@pytest.mark.parametrize("room", ALLOWED)
def test_imports_point_to_the_left(room: str) -> None:
    files = sorted((PACKAGE / room).rglob("*.py"))
    assert files
    for file in files:
        assert set(imported_rooms(file)) <= ALLOWED[room], file


def test_no_room_knows_the_command_line() -> None:
    assert "cli" not in {room for allowed in ALLOWED.values() for room in allowed}
    assert (PACKAGE / "cli").is_dir()
