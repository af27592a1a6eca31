"""Output files: the path of each denoised file, checked before any work begins."""

from __future__ import annotations

import errno
import mimetypes
import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from tembench.core import OutputError, refuse_inputs, refuse_method_folders, same_place
from tembench.micrographs.domain import ReadyMethod
from tembench.micrographs.formats import SUFFIXES
from tembench.micrographs.reading import FileOptions

MOVIE_FORMATS = ("tif", "ome.tif", "zspy", "zarr")
_TIFF, _FOLDERS = (".tif", ".tiff"), (".zspy", ".zarr")


def is_single_file(out: Path) -> bool:
    """Return whether ``--out`` names a single result rather than a folder of results."""
    suffix = out.suffix.lower()
    return suffix in _FOLDERS or (suffix in _TIFF and not out.is_dir())


def is_single_image(result: Path) -> bool:
    """Return whether a result is an image, and not the frames of a movie."""
    if result.is_dir():
        return False
    import tifffile

    with tifffile.TiffFile(result) as file:
        return len(file.series[0].shape) == 2


def format_of(out: Path) -> str:
    """Return which of `MOVIE_FORMATS` the name of a single result asks for."""
    name = out.name.lower()
    return next((one for one in reversed(MOVIE_FORMATS) if name.endswith(f".{one}")), "tif")


def output_paths(
    files: Sequence[Path],
    out: Path,
    method: str,
    options: FileOptions,
    formats: Mapping[Path, str] | None = None,
) -> dict[Path, Path]:
    """Return the path of the result of each image file.

    Parameters
    ----------
    files : sequence of pathlib.Path
        The image files.
    out : pathlib.Path
        A folder, or the result of a single image file.
    method : str
        Name of the method. Names of files in a folder contain it, and the index of the frame and
        of the image where the user chose one.
    options : FileOptions
        The user's options.
    formats : mapping, optional
        Format of each movie among the files, one of `MOVIE_FORMATS`; images are written as TIFF.

    Raises
    ------
    OutputError
        If `out` is neither, or two files would be written to the same path.
    """
    formats = formats or {}
    if is_single_file(out):
        if len(files) > 1:
            raise OutputError(
                "is a single file for several images",
                where=str(out),
                remedy="Name a folder with --out",
            )
        if out.suffix.lower() in _FOLDERS and files[0] not in formats:
            raise OutputError(
                f"is a format of movies: {out.suffix}",
                where=str(out),
                expected="a name that ends in .tif, for an image",
                remedy="Name a folder or a TIFF with --out",
            )
        return {files[0]: out}
    _refuse_other_files(out)
    chosen = _chosen(options)
    outputs: dict[Path, Path] = {}
    by_name: dict[str, list[Path]] = {}
    for path in files:
        output = out / ".".join([path.stem, *chosen, method, formats.get(path, "tif")])
        alike = by_name.setdefault(output.name.casefold(), [])
        for other in alike:
            if same_place(output, outputs[other]):
                raise OutputError(
                    "two files would be written to the same path",
                    where=str(output),
                    got=f"{other} and {path}",
                    remedy="Denoise them separately, each with its own --out",
                )
        alike.append(path)
        outputs[path] = output
    return outputs


def refuse_outputs(outputs: dict[Path, Path], out: Path, methods: Sequence[ReadyMethod]) -> None:
    """Refuse outputs that are inputs or cannot be written; creates nothing.

    Parameters
    ----------
    outputs : dict
        From `output_paths`: image file to its result.
    out : pathlib.Path
        As the user named it.
    methods : sequence of ReadyMethod
        The methods that may be used; their folders and weights are inputs too.

    Raises
    ------
    OutputError
        If an output is an input or inside the weights, or a file has the name of a folder.
    OSError
        If the folder is not writable.
    """
    written = [path for one in outputs.values() for path in (one, preview_path(one))]
    weights = [one.used_weights for one in methods if one.used_weights is not None]
    refuse_inputs(written, [*outputs, *weights], OutputError)
    for one in methods:
        refuse_method_folders(out, one.method.folders, OutputError)
    folder = next(iter(outputs.values())).absolute().parent
    there = next(up for up in (folder, *folder.parents) if up.exists())
    if not there.is_dir():
        raise OutputError(
            "is a file where a folder is needed",
            where=str(there),
            remedy="Name another folder with --out",
        )
    if not os.access(there, os.W_OK | os.X_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(there))


def preview_path(output: Path) -> Path:
    """Return the path of the PNG written beside a result."""
    name = output.name.removesuffix(".ome.tif")
    return output.with_name(f"{name}.png") if name != output.name else output.with_suffix(".png")


def _refuse_other_files(out: Path) -> None:
    """Refuse a folder whose name looks like a file of another format."""
    # Not the system's own tables of MIME types, which differ between machines.
    known = mimetypes.MimeTypes().guess_type(out.name)[0]
    if out.is_dir() or not (known or out.suffix.lower() in SUFFIXES):
        return
    raise OutputError(
        f"is not a format that denoise writes: {out.suffix}",
        where=str(out),
        expected="a folder, or a name that ends in .tif",
        remedy="The PNG preview is written beside the TIFF; for a folder of this name, create it "
        "first",
    )


def _chosen(options: FileOptions) -> list[str]:
    """Return the parts of an output's name for the image and frame chosen in a file."""
    chosen = [] if options.dataset is None else [f"dataset{options.dataset}"]
    if options.frame == "sum":
        chosen.append("sum")
    elif isinstance(options.frame, tuple):
        chosen.append("frames{}-{}".format(*options.frame))
    elif options.frame is not None:
        chosen.append(f"frame{options.frame}")
    return chosen
