"""Dock widget of napari: the method, its options, and the buttons that denoise and judge."""

from __future__ import annotations

from collections.abc import Callable, Generator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tembench.api import AUTO, single_image_methods
from tembench.core import ImageError, TembenchError, lacking
from tembench.napari.column_points import STEPS, judged_columns
from tembench.napari.layer_images import (
    DenoiseSettings,
    LayerData,
    LayerImages,
    layer_pixel_sizes_A,
)

Steps = Generator[int, None, LayerData]
_DECIMALS = 4


@dataclass(frozen=True, kw_only=True)
class Callbacks:
    """What a run of steps calls, in the thread of the windows.

    Attributes
    ----------
    step : callable
        With the number of steps done.
    done : callable
        With the result.
    failed : callable
        With the exception.
    ended : callable
        At the end in any case, also after it was stopped.
    """

    step: Callable[[int], object]
    done: Callable[[LayerData], object]
    failed: Callable[[Exception], object]
    ended: Callable[[], object]


def in_thread(steps: Steps, calls: Callbacks) -> Callable[[], object]:
    """Run steps in a thread of napari's; return the function that stops them."""
    from napari.qt.threading import create_worker

    def run() -> Steps:
        return (yield from steps)

    # Errors are shown by the panel: raised again, they would be shown twice.
    worker = create_worker(run, _start_thread=False, _ignore_errors=True)
    worker.yielded.connect(calls.step)
    worker.returned.connect(calls.done)
    worker.errored.connect(calls.failed)
    worker.finished.connect(calls.ended)
    worker.start()
    stop: Callable[[], object] = worker.quit
    return stop


def dock_widget(
    viewer: Any = None, start: Callable[[Steps, Callbacks], Callable[[], object]] = in_thread
) -> Any:
    """Return the panel that denoises the images of a layer.

    Parameters
    ----------
    viewer : napari.components.ViewerModel, optional
        The viewer; by default the current one.
    start : callable
        Runs steps and returns the function that stops them.

    Returns
    -------
    magicgui.widgets.Container
        The panel, with the widgets ``layer``, ``method``, ``weights``, ``pixel_size_A``,
        ``dose_e_per_px``, ``gain``, ``offset``, ``allow_negative``, ``mask_outliers``,
        ``denoise``, ``evidence``, ``stop`` and ``state``.

    Raises
    ------
    MissingPackage
        If napari is not installed.
    """
    try:
        from magicgui import widgets
        from napari import current_viewer
    except ModuleNotFoundError as problem:
        raise lacking("napari", "the plug-in of napari") from problem
    return _Panel(widgets, viewer or current_viewer(), start).container


class _Panel:
    """The widgets, and what happens when they are used."""

    def __init__(self, widgets: Any, viewer: Any, start: Callable[..., Any]) -> None:
        self.viewer, self.start = viewer, start
        self.stop_steps: Callable[[], object] = lambda: None
        self.container = made = widgets.Container(widgets=_widgets(widgets, self._layers))
        # Functions, not methods: signals keep methods by weak references, and nothing else keeps
        # the panel.
        made.layer.changed.connect(lambda _: self._take_pixel_size())
        made.denoise.changed.connect(lambda _: self._denoise())
        made.evidence.changed.connect(lambda _: self._judge())
        made.stop.changed.connect(lambda _: self.stop_steps())
        self._take_pixel_size()

    def _layers(self, _: Any) -> list[Any]:
        from napari.layers import Image

        return [one for one in self.viewer.layers if isinstance(one, Image) and not one.rgb]

    def _take_pixel_size(self) -> None:
        """Show the pixel size of the layer; 0 where it has none, or two."""
        layer = self.container.layer.value
        size_A = 0.0
        with suppress(ImageError):
            y_A, x_A = (layer and layer_pixel_sizes_A(layer)) or (0.0, 0.0)
            size_A = round(y_A, _DECIMALS) if y_A == x_A else 0.0
        self.container.pixel_size_A.value = size_A

    def _images(self) -> LayerImages:
        """Return the images of the chosen layer with the options chosen."""
        made = self.container
        layer = made.layer.value
        if layer is None:
            raise ImageError("no layer is chosen", expected="an image layer of counts")
        shown, sizes = made.pixel_size_A.value, None
        with suppress(ImageError):
            sizes = layer_pixel_sizes_A(layer)
        # The layer's own size has more digits than are shown.
        own = sizes is not None and shown in (0, round(sizes[0], _DECIMALS))
        weights = made.weights.value.strip()
        return LayerImages.of(
            layer,
            DenoiseSettings(
                method=made.method.value,
                weights=Path(weights).expanduser() if weights else None,
                pixel_size_A=None if own or not shown else shown,
                dose_e_per_px=made.dose_e_per_px.value or None,
                gain=made.gain.value or None,
                offset=made.offset.value or None,
                allow_negative=made.allow_negative.value,
                mask_outliers=made.mask_outliers.value,
            ),
        )

    def _denoise(self) -> None:
        self._run(lambda images: (images.denoise(), len(images.frames)))

    def _judge(self) -> None:
        def steps(images: LayerImages) -> tuple[Steps, int]:
            point = self.container.layer.value.world_to_data(self.viewer.dims.point)
            most = [side - 1 for side in images.data.shape]
            index = np.clip(np.rint(point), 0, most).astype(int)[:-2]
            return judged_columns(images, tuple(index.tolist())), STEPS

        self._run(steps)

    def _run(self, steps_of: Callable[[LayerImages], tuple[Steps, int]]) -> None:
        try:
            steps, total = steps_of(self._images())
        except TembenchError as problem:
            self._failed(problem)
            return
        self._running(True, f"0 of {total}")
        calls = Callbacks(
            step=lambda number: self._running(True, f"{number} of {total}"),
            done=self._done,
            failed=self._failed,
            ended=lambda: self._running(False, ""),
        )
        self.stop_steps = self.start(steps, calls)

    def _running(self, yes: bool, state: str) -> None:
        made = self.container
        made.denoise.enabled = made.evidence.enabled = not yes
        made.stop.enabled = yes
        made.state.value = state

    def _done(self, layer: LayerData) -> None:
        from napari.layers import Layer
        from napari.utils.notifications import show_info, show_warning

        data, attributes, kind = layer
        metadata = attributes.get("metadata", {}).get("tembench", {})
        self.viewer.add_layer(Layer.create(data, attributes, kind))
        for text in metadata.get("said", ()):
            show_info(text)
        for text in metadata.get("warnings", ()):
            show_warning(text)

    def _failed(self, problem: Exception) -> None:
        from napari.utils.notifications import show_error

        if not isinstance(problem, TembenchError):
            raise problem
        show_error(str(problem))


def _widgets(widgets: Any, layers: Callable[[Any], list[Any]]) -> list[Any]:
    """Return the widgets of the panel, from top to bottom."""

    def number(name: str, label: str, tooltip: str, least: float = 0.0) -> Any:
        return widgets.FloatSpinBox(
            name=name,
            label=label,
            tooltip=tooltip,
            value=0.0,
            min=least,
            max=1e6,
            step=10**-_DECIMALS,
        )

    return [
        widgets.ComboBox(name="layer", choices=layers, tooltip="Images of counted electrons"),
        widgets.ComboBox(
            name="method",
            choices=(AUTO, *single_image_methods()),
            tooltip="auto: the method that predicts electrons held out of the images best",
        ),
        widgets.LineEdit(
            name="weights", tooltip="Folder of weights; empty for those shipped with the method"
        ),
        number("pixel_size_A", "pixel size (Å)", "0: that of the layer"),
        number("dose_e_per_px", "dose (e/px)", "Electrons per pixel in vacuum; 0: found"),
        number("gain", "gain", "Value of one electron; 0: found"),
        number("offset", "offset", "Value of no electron; 0: found", -1e6),
        widgets.CheckBox(
            name="allow_negative",
            text="allow negative counts",
            tooltip="Accept them, as read noise produces them",
        ),
        widgets.CheckBox(
            name="mask_outliers",
            text="mask outliers",
            tooltip="Replace hot, dead and empty pixels by counts of their neighbours",
        ),
        widgets.PushButton(name="denoise", text="Denoise"),
        widgets.PushButton(
            name="evidence",
            text="Evidence",
            tooltip="Columns of the denoised image shown, coloured by what its electrons say",
        ),
        widgets.PushButton(name="stop", text="Stop", enabled=False),
        widgets.Label(name="state", label=" ", value=""),
    ]
