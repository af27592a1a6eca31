"""Names and places of denoised files, refused before any work where they cannot be."""

from __future__ import annotations

import errno
import mimetypes
import os
from collections.abc import Sequence
from pathlib import Path

from tembench.core import OutputError, refuse_inputs, refuse_method_folder, same_place
from tembench.methods.method import Method
from tembench.methods.micrographs.file_options import FileOptions
from tembench.methods.micrographs.read_image import SUFFIXES

_TIFF = (".tif", ".tiff")


def is_single_file(out: Path) -> bool:
    """Return whether the place named is a TIFF to be written, not a folder."""
    return out.suffix.lower() in _TIFF and not out.is_dir()


def places_of(
    files: Sequence[Path], out: Path, method: str, options: FileOptions
) -> dict[Path, Path]:
    """Return the TIFF that each file is denoised to.

    Parameters
    ----------
    files : sequence of pathlib.Path
        The image files.
    out : pathlib.Path
        A folder, or the TIFF of a single file.
    method : str
        Name of the method, which stands in the names of files in a folder; so do the numbers of
        frame and data set.
    options : FileOptions
        What the user says of the files.

    Raises
    ------
    OutputError
        If `out` can be neither, or two files would go to one place.
    """
    if is_single_file(out):
        if len(files) > 1:
            raise OutputError(
                "is one file for several images", where=str(out), remedy="Name a folder with --out"
            )
        return {files[0]: out}
    _refuse_other_files(out)
    chosen = _chosen(options)
    places: dict[Path, Path] = {}
    by_name: dict[str, list[Path]] = {}
    for path in files:
        place = out / ".".join([path.stem, *chosen, method, "tif"])
        alike = by_name.setdefault(place.name.casefold(), [])
        for other in alike:
            if same_place(place, places[other]):
                raise OutputError(
                    "two files would be written to one place",
                    where=str(place),
                    got=f"{other} and {path}",
                    remedy="Denoise them one by one, each with its own --out",
                )
        alike.append(path)
        places[path] = place
    return places


def refuse_places(
    places: dict[Path, Path], out: Path, method: Method, weights: Path | None
) -> None:
    """Refuse places that are inputs, or cannot be written to; nothing is made.

    Parameters
    ----------
    places : dict
        From `places_of`.
    out : pathlib.Path
        As the user named it.
    method, weights : Method, pathlib.Path or None
        What is read besides the files.

    Raises
    ------
    OutputError
        If an output is an input or lies among the weights, or a file is in the way of a folder.
    OSError
        If the folder cannot be written to.
    """
    outputs = [one for place in places.values() for one in (place, preview_of(place))]
    refuse_inputs(outputs, [*places, *([weights] if weights else [])], OutputError)
    refuse_method_folder(out, method.folder, OutputError)
    folder = next(iter(places.values())).absolute().parent
    there = next(up for up in (folder, *folder.parents) if up.exists())
    if not there.is_dir():
        raise OutputError(
            "a file is in the way of a folder",
            where=str(there),
            remedy="Name another place with --out",
        )
    if not os.access(there, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(there))


def preview_of(place: Path) -> Path:
    """Return the picture that goes with a TIFF."""
    return place.with_suffix(".png")


def _refuse_other_files(out: Path) -> None:
    """Refuse as a folder what looks like a file of another kind."""
    # Without the tables of the system, which differ from machine to machine.
    known = mimetypes.MimeTypes().guess_type(out.name)[0]
    if out.is_dir() or not (known or out.suffix.lower() in SUFFIXES):
        return
    raise OutputError(
        f"is no kind of file that is written here: {out.suffix}",
        where=str(out),
        expected="a folder, or a name that ends in .tif",
        remedy="The picture is written beside the TIFF, as .png; to have a folder of this name, "
        "make it first",
    )


def _chosen(options: FileOptions) -> list[str]:
    """Name the image among several of a file."""
    chosen = [] if options.dataset is None else [f"dataset{options.dataset}"]
    if options.frame == "sum":
        chosen.append("sum")
    elif options.frame is not None:
        chosen.append(f"frame{options.frame}")
    return chosen
