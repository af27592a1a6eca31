"""Unfinished movie: frames that are written beside the result until all are there.

The folder ``.NAME.frames`` holds the frames, the record of what makes them, and a line for each
frame that is complete, with its checksum. An interrupted run is resumed from it; a frame whose
checksum differs, since a machine lost its power, is made again.
"""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TypeAlias

import numpy as np

from tembench.core import OutputError, locked, naming, put_in_place, write_text
from tembench.micrographs.movies.frame_layout import FrameLayout
from tembench.micrographs.movies.tiff_frames import TiffFrames
from tembench.micrographs.movies.zarr_frames import ZarrFrames

_RECORD, _DONE = "record.json", "done.txt"
Frames: TypeAlias = TiffFrames | ZarrFrames


class UnfinishedMovie:
    """Frames of a movie under way.

    Parameters
    ----------
    output : pathlib.Path
        Final path; its suffix is the format: ``.tif``, ``.ome.tif``, ``.zspy`` or ``.zarr``.
    layout : FrameLayout
        Layout of the result.
    """

    def __init__(self, output: Path, layout: FrameLayout) -> None:
        self.output, self.layout = output, layout
        self.folder = work_folder(output)
        # The same name: formats are known by their suffix.
        self.place = self.folder / output.name

    def frames(self) -> Frames:
        """Open the frames, for reading and writing; in any process."""
        if _is_zarr(self.output):
            return ZarrFrames(self.place, self.layout)
        return TiffFrames(self.place, self.layout)

    @contextmanager
    def begun(self) -> Iterator[list[int]]:
        """Create the frames, or take up those of an interrupted run; yields those that are done.

        Raises
        ------
        OutputError
            If another process is at work there, or the disk has no room for the frames.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        with locked(self.folder, OutputError):
            if self._is_mine():
                done = self._intact()
            else:
                self._create()
                done = []
            yield done

    def complete(self, position: int, checksum: int) -> None:
        """Note that a frame is complete."""
        with naming(self.output), (self.folder / _DONE).open("a", encoding="ascii") as file:
            file.write(f"{position} {checksum}\n")

    def put_in_place(self) -> None:
        """Move the result to its path, once all frames are complete."""
        if self.place.is_dir():
            put_in_place(self.place, self.output)
        else:
            with self.place.open("rb") as file:
                os.fsync(file.fileno())
            os.replace(self.place, self.output)
        shutil.rmtree(self.folder)

    def _is_mine(self) -> bool:
        """Whether the folder holds frames of this very work."""
        with suppress(OSError, ValueError):
            text = (self.folder / _RECORD).read_text(encoding="utf-8")
            return text == self.layout.record and self.place.exists()
        return False

    def _create(self) -> None:
        for left in self.folder.iterdir():
            shutil.rmtree(left) if left.is_dir() else left.unlink()
        needed = self.layout.frame_bytes * self.layout.shape[0]
        free = shutil.disk_usage(self.folder).free
        if needed > free:
            shutil.rmtree(self.folder)
            raise OutputError(
                "does not fit on the disk",
                where=str(self.output),
                expected=f"at most {free / 1e9:.1f} GB",
                got=f"{needed / 1e9:.1f} GB for {self.layout.shape[0]} frames",
                remedy="Free some space, or name a folder on another disk with --out",
            )
        with naming(self.output):
            if _is_zarr(self.output):
                ZarrFrames.create(self.place, self.layout, zspy=self.output.suffix == ".zspy")
            else:
                ome = self.output.name.lower().endswith(".ome.tif")
                TiffFrames.create(self.place, self.layout, ome=ome)
            # Last: without it, the folder is begun anew.
            write_text(self.folder / _RECORD, self.layout.record)

    def _intact(self) -> list[int]:
        """Return the frames whose values are those that were noted."""
        noted: dict[int, int] = {}
        with suppress(FileNotFoundError):
            for line in (self.folder / _DONE).read_text(encoding="ascii").splitlines():
                # A line may have been cut short.
                with suppress(ValueError):
                    position, checksum = map(int, line.split())
                    noted[position] = checksum
        frames = self.frames()
        within = range(self.layout.shape[0])
        return sorted(
            position
            for position, checksum in noted.items()
            if position in within and checksum_of(frames.read(position)) == checksum
        )


def work_folder(output: Path) -> Path:
    """Return the folder in which the frames of a movie wait until all are there."""
    return output.with_name(f".{output.name}.frames")


def checksum_of(frame: np.ndarray) -> int:
    """Return the CRC-32 of a frame's values as float32 in row order."""
    return zlib.crc32(np.ascontiguousarray(frame, dtype="<f4").tobytes())


def _is_zarr(output: Path) -> bool:
    return output.suffix in (".zspy", ".zarr")
