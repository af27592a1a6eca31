"""Frames of a Zarr group, for xarray or in the layout of HyperSpy's ZSPY; one chunk a frame."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from tembench import __version__
from tembench.core import naming
from tembench.dataset import consolidate
from tembench.micrographs.movies.frame_layout import NM_PER_A, FrameLayout

ARRAY = "denoised"
_RECORD = "tembench"
# The layout of ZSPY is that of HSPY, https://hyperspy.org/rosettasciio; version of 2020.
_ZSPY_VERSION = "3.1"


class ZarrFrames:
    """Frames of a Zarr group that was created with `create`.

    Parameters
    ----------
    path : pathlib.Path
        Folder of the group.
    layout : FrameLayout
        Its layout.
    """

    def __init__(self, path: Path, layout: FrameLayout) -> None:
        import zarr

        self.path, self.layout = path, layout
        group = zarr.open_group(path, mode="r+")
        signals = group.get("Experiments")
        name = ARRAY if signals is None else f"Experiments/{_signal_name(layout)}/data"
        self._array: Any = group[name]

    @staticmethod
    def create(path: Path, layout: FrameLayout, *, zspy: bool) -> None:
        """Create the group with empty frames.

        Parameters
        ----------
        path : pathlib.Path
            Folder of the group.
        layout : FrameLayout
            Shape, pixel sizes and record.
        zspy : bool
            In the layout that HyperSpy opens; otherwise an array with coordinates for xarray.
        """
        with naming(path):
            (_create_zspy if zspy else _create_for_xarray)(path, layout)

    def write(self, position: int, frame: np.ndarray) -> None:
        """Write one frame (y, x)."""
        with naming(self.path):
            self._array[position] = self.layout.checked_frame(frame)

    def read(self, position: int) -> np.ndarray:
        """Read one frame (y, x)."""
        return np.asarray(self._array[position])


def _create_for_xarray(path: Path, layout: FrameLayout) -> None:
    import zarr

    group = zarr.open_group(path, mode="w", zarr_format=3)
    group.attrs.update({"title": layout.title, _RECORD: json.loads(layout.record)})
    names = [name for name, _, _ in layout.axes]
    array = group.create_array(
        ARRAY,
        shape=layout.shape,
        chunks=(1, *layout.shape[1:]),
        dtype="float32",
        dimension_names=names,
    )
    array.attrs.update({"units": "electrons per pixel"})
    for (name, step, unit), size in zip(layout.axes, layout.shape, strict=True):
        if unit == "nm":
            step, unit = step / NM_PER_A, "angstrom"
        values = np.arange(size) * step
        along = group.create_array(name, data=values, dimension_names=[name])
        along.attrs.update({"units": unit} if unit else {})
    consolidate(path)


def _create_zspy(path: Path, layout: FrameLayout) -> None:
    import zarr

    group = zarr.open_group(path, mode="w", zarr_format=2)
    group.attrs.update(
        {
            "file_format": "ZSpy",
            "file_format_version": _ZSPY_VERSION,
            _RECORD: json.loads(layout.record),
        }
    )
    signal = group.create_group(f"Experiments/{_signal_name(layout)}")
    signal.attrs.update({"package": "tembench", "package_version": __version__})
    for number, ((name, step, unit), size) in enumerate(
        zip(layout.axes, layout.shape, strict=True)
    ):
        axis: dict[str, Any] = {
            "_type": "UniformDataAxis",
            "name": name,
            "units": unit,
            "navigate": number == 0,
            "is_binned": False,
            "size": size,
            "scale": step,
            "offset": 0.0,
        }
        signal.create_group(f"axis-{number}").attrs.update(axis)
    signal.create_array(
        "data",
        shape=layout.shape,
        chunks=(1, *layout.shape[1:]),
        dtype="float32",
        chunk_key_encoding={"name": "v2", "separator": "/"},
    )
    metadata = signal.create_group("metadata")
    metadata.create_group("General").attrs.update({"title": layout.title})
    metadata.create_group("Signal").attrs.update(
        {"signal_type": "", "quantity": "electrons per pixel"}
    )
    original = signal.create_group("original_metadata")
    original.create_group(_RECORD).attrs.update({"record": layout.record})
    signal.create_group("learning_results")
    signal.create_group("attributes").attrs.update({"_lazy": False, "ragged": False})


def _signal_name(layout: FrameLayout) -> str:
    return layout.title.replace("/", "-") or "__unnamed__"
