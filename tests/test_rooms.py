"""The plan of the house: imports point to earlier rooms only, and faces name what is there."""

from __future__ import annotations

import importlib

import pytest
from house import ROOT, read

HOUSE = read(ROOT / "tembench")

# From the ground floor up. A room may import those before it, metrics only the ground floor.
ROOMS = (
    "core", "recipe", "simulation", "metrics", "dataset", "methods", "micrographs", "ranking",
    "study", "api", "torch", "hyperspy", "napari", "pipeline", "cli", "__main__",
)  # fmt: skip
ALONE = {
    "metrics": {"core", "metrics"},
    "methods": {"core", "recipe", "simulation", "dataset", "methods"},
}
# Within a room: what is named later may import what is named before it.
ORDERS = {
    "methods": (
        "protocol", "networks", "counts", "classical", "third_party", "parameters", "method_code",
        "method_toml", "new_method", "method", "training", "inference", "adaptation",
        "network_method", "runs",
    ),
    "micrographs": (
        "formats", "electrons", "camera_noise", "reading", "domain", "selection", "denoising",
        "movies", "adapting", "file_batches", "trust",
    ),
    "ranking": (
        "untrusted", "statistics", "number_format", "untrusted_images", "plausibility", "scoring",
        "submission_parts", "submission", "changed_scores", "make_submission", "submitting",
        "comparable", "flags", "training_seeds", "table_rows", "table_ranks",
        "bounding_controls", "table",
        "submission_folders", "stability", "costs", "render", "site", "review",
    ),
}  # fmt: skip


def parts(module: str) -> list[str]:
    return module.split(".")


@pytest.mark.parametrize("module", [m for m in HOUSE.modules if m])
def test_imports_point_to_earlier_rooms(module: str) -> None:
    room = parts(module)[0]
    allowed = ALONE.get(room, set(ROOMS[: ROOMS.index(room) + 1]))
    assert {parts(other)[0] for other in HOUSE.own_imports(module) if other} <= allowed


@pytest.mark.parametrize("room", ORDERS)
def test_imports_point_to_earlier_sub_rooms(room: str) -> None:
    order = ORDERS[room]
    inside = [m for m in HOUSE.modules if parts(m)[0] == room and len(parts(m)) > 1]
    assert {parts(module)[1] for module in inside} == set(order)
    for module in inside:
        for other in HOUSE.own_imports(module):
            if parts(other)[0] == room and len(parts(other)) > 1:
                assert order.index(parts(other)[1]) <= order.index(parts(module)[1]), module


def test_the_package_itself_imports_no_room() -> None:
    assert not HOUSE.own_imports("")


FACES = [path.parent.name for path in sorted((ROOT / "tembench").glob("*/__init__.pyi"))]


@pytest.mark.parametrize("room", FACES)
def test_a_face_names_what_is_there_and_hides_no_module(room: str) -> None:
    face = importlib.import_module(f"tembench.{room}")
    for name in face.__all__:
        assert getattr(face, name) is not None
        # A module of that name, once imported, would be found instead.
        assert f"{room}.{name}" not in HOUSE.modules
