"""The panel in a viewer without windows, by magicgui's widgets of notebooks; once with Qt."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tembench.micrographs.formats import SUFFIXES
from tembench.napari.dock_widget import Callbacks, Steps, dock_widget

MANIFEST = Path(__file__).parent.parent.parent / "tembench" / "napari" / "napari.yaml"
DOSE = 0.45
COUNTS = np.random.default_rng(0).poisson(DOSE, (3, 64, 80)).astype(np.uint8)


def at_once(steps: Steps, calls: Callbacks) -> Callable[[], object]:
    """Run steps in this thread, as `in_thread` does in another."""
    try:
        while True:
            calls.step(next(steps))
    except StopIteration as end:
        calls.done(end.value)
    except Exception as problem:
        calls.failed(problem)
    finally:
        calls.ended()
    return lambda: None


@pytest.fixture
def viewer() -> Any:
    components = pytest.importorskip("napari.components", reason="needs napari")
    return components.ViewerModel()


@pytest.fixture
def said() -> Iterator[list[tuple[str, str]]]:
    """Notifications, as severity and text."""
    manager = importlib.import_module("napari.utils.notifications").notification_manager
    found: list[tuple[str, str]] = []

    def listen(notification: Any) -> None:
        found.append((str(notification.severity), notification.message))

    manager.notification_ready.connect(listen)
    yield found
    manager.notification_ready.disconnect(listen)


@pytest.fixture
def panel(viewer: Any) -> Any:
    from magicgui import use_app

    use_app("ipynb")
    made = dock_widget(viewer, at_once)

    def take_layers(_: object) -> None:
        # A window does the former, and Qt's list the latter.
        made.reset_choices()
        made.layer.value = made.layer.value or made.layer.choices[0]

    viewer.layers.events.inserted.connect(take_layers)
    return made


def add_counts(viewer: Any, data: np.ndarray = COUNTS, **how: Any) -> Any:
    sizes = {"scale": (1, 0.00625, 0.00625), "units": ("s", "nm", "nm")}
    return viewer.add_image(data, name="movie", **{**sizes, **how})


def chosen(panel: Any, **values: Any) -> Any:
    for name, value in {"method": "gaussian", "dose_e_per_px": DOSE, **values}.items():
        getattr(panel, name).value = value
    return panel


def test_the_manifest_is_valid_and_names_what_is_there() -> None:
    npe2 = pytest.importorskip("npe2", reason="needs npe2")
    manifest = npe2.PluginManifest.from_file(MANIFEST)
    assert manifest.name == "tembench"
    for command in manifest.contributions.commands:
        module, _, name = command.python_name.partition(":")
        assert callable(getattr(importlib.import_module(module), name))
    (reader,) = manifest.contributions.readers
    # Files that other readers open too are left to the user's choice, as are folders.
    others = {".tif", ".tiff", ".npy", ".npz", ".zarr", ".zspy"}
    assert set(reader.filename_patterns) == {f"*{suffix}" for suffix in set(SUFFIXES) - others}


def test_the_pixel_size_is_that_of_the_layer(viewer: Any, panel: Any) -> None:
    assert panel.pixel_size_A.value == 0
    add_counts(viewer)
    assert panel.layer.value.name == "movie"
    assert panel.pixel_size_A.value == 0.0625
    panel.layer.value = viewer.add_image(COUNTS, name="bare")
    assert panel.pixel_size_A.value == 0


def test_a_stack_is_denoised_into_a_layer(viewer: Any, panel: Any, said: Any) -> None:
    noisy = add_counts(viewer)
    chosen(panel).denoise.changed.emit(True)
    made = viewer.layers["movie denoised (gaussian)"]
    assert made.data.shape == COUNTS.shape
    np.testing.assert_array_equal(made.scale, noisy.scale)
    assert made.units == noisy.units
    assert panel.denoise.enabled
    assert not panel.stop.enabled
    assert said == []


def test_warnings_are_shown(viewer: Any, panel: Any, said: Any) -> None:
    add_counts(viewer)
    chosen(panel, dose_e_per_px=0).denoise.changed.emit(True)
    assert len(viewer.layers) == 2
    assert any(kind == "warning" and "dose_e_per_px" in text for kind, text in said)


def test_an_error_is_shown_in_one_line(viewer: Any, panel: Any, said: Any) -> None:
    panel.denoise.changed.emit(True)
    viewer.add_image(COUNTS, name="bare")
    chosen(panel).denoise.changed.emit(True)
    assert [kind for kind, _ in said] == ["error", "error"]
    assert "no layer is chosen" in said[0][1]
    assert "bare: has no pixel size" in said[1][1]
    assert not any("\n" in text for _, text in said)
    assert len(viewer.layers) == 1
    assert panel.denoise.enabled


def test_a_pixel_size_typed_in_is_used(viewer: Any, panel: Any) -> None:
    viewer.add_image(COUNTS, name="bare")
    chosen(panel, pixel_size_A=0.0625).denoise.changed.emit(True)
    record = viewer.layers[-1].metadata["tembench"]
    assert record["pixel_size_A"] == {"value": 0.0625, "from": "option"}


@pytest.mark.slow
def test_columns_of_the_frame_shown_are_judged(viewer: Any, panel: Any, said: Any) -> None:
    sizes = {"scale": (0.5, 0.0125, 0.0125), "translate": (2, 0, 0)}
    add_counts(viewer, np.random.default_rng(0).poisson(2.0, (3, 96, 96)).astype(np.uint8), **sizes)
    viewer.dims.set_point(0, 3.0)
    chosen(panel, dose_e_per_px=2).evidence.changed.emit(True)
    points = viewer.layers["movie columns"]
    assert set(points.data[:, 0]) <= {2}
    assert [kind for kind, text in said if "columns are supported" in text] == ["info", "info"]


# Without napari's own window, which needs OpenGL.
WITH_QT = """
import sys, time
import numpy as np
from napari.components import ViewerModel
from qtpy.QtWidgets import QApplication
from tembench.micrographs.formats import SUFFIXES
from tembench.napari.dock_widget import dock_widget
application = QApplication([])
viewer = ViewerModel()
counts = np.random.default_rng(0).poisson(0.45, (3, 64, 80)).astype(np.uint8)
units = ("second", "angstrom", "angstrom")
viewer.add_image(counts, name="movie", scale=(1, 0.0625, 0.0625), units=units)
panel = dock_widget(viewer)
panel.show()
assert panel.layer.value.name == "movie"
assert panel.pixel_size_A.value == 0.0625
panel.method.value, panel.dose_e_per_px.value = "gaussian", 0.45
application.processEvents()
panel.native.grab().save(sys.argv[1])
panel.denoise.native.click()
assert not panel.denoise.enabled
end = time.monotonic() + 60
while not panel.denoise.enabled and time.monotonic() < end:
    application.processEvents()
assert viewer.layers["movie denoised (gaussian)"].data.shape == counts.shape
print("done")
"""


@pytest.mark.slow
def test_the_panel_in_a_window_of_qt(tmp_path: Path) -> None:
    pytest.importorskip("napari.layers", reason="needs napari")
    bindings = ("PyQt6", "PySide6", "PyQt5", "PySide2")
    if not any(importlib.util.find_spec(name) for name in bindings):
        pytest.skip("needs a binding of Qt, such as PyQt6")
    quiet = os.environ | {"QT_QPA_PLATFORM": "offscreen", "NAPARI_CONFIG": ""}
    trial = "from qtpy.QtWidgets import QApplication; QApplication([])"
    tried = subprocess.run(
        [sys.executable, "-c", trial], env=quiet, capture_output=True, text=True, check=False
    )
    if tried.returncode:
        pytest.skip(f"Qt does not start here: {tried.stderr.strip().splitlines()[-1]}")
    picture = tmp_path / "panel.png"
    run = subprocess.run(
        [sys.executable, "-c", WITH_QT, str(picture)],
        env=quiet, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    assert run.stdout.endswith("done\n")
    assert picture.stat().st_size > 5000
