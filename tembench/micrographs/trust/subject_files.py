"""Files of a subject: an image, its denoised version and other frames, and the method."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from tembench.core import ImageError, TembenchError
from tembench.methods import load_method
from tembench.micrographs.denoising import (
    CountedImage,
    count_image,
    read_record,
    with_likelier_dose,
)
from tembench.micrographs.domain import MethodSource, ReadyMethod, no_frames
from tembench.micrographs.reading import (
    FileOptions,
    Micrograph,
    open_stack,
    read_micrograph,
)
from tembench.micrographs.trust.judging_frames import read_judging_frames
from tembench.micrographs.trust.noise_facts import NoiseFacts, noise_facts
from tembench.micrographs.trust.subject import Subject

_SCALE = 1.25
LEAST_SIDE_PX = 64


@dataclass(frozen=True, kw_only=True)
class Sources:
    """Files of a report, and what was taken from them.

    Attributes
    ----------
    file, denoised : pathlib.Path or None
        The image file, and its denoised image if one was given.
    against : tuple of pathlib.Path
        Files of other frames.
    frames : int
        Number of other frames.
    file_pixel_sizes_A : tuple of float
        Pixel size of the file along y and x, angstrom.
    options : FileOptions
        The options that the files were read with.
    pixel_size_from, dose_from : str
        Source of the pixel size and of the dose.
    noise : NoiseFacts
        Noise of the image.
    warnings : tuple of str
        Unusual properties, one line each.
    """

    file: Path
    denoised: Path | None
    against: tuple[Path, ...]
    frames: int
    file_pixel_sizes_A: tuple[float, float]
    options: FileOptions
    pixel_size_from: str
    dose_from: str
    noise: NoiseFacts
    warnings: tuple[str, ...]


def read_subject(
    file: Path,
    denoised: Path | None,
    against: Sequence[Path],
    options: FileOptions,
    source: MethodSource | None,
    made: Recorded | None = None,
) -> tuple[Subject, Sources]:
    """Read an image to be judged.

    Parameters
    ----------
    file : pathlib.Path
        The image file.
    denoised : pathlib.Path or None
        Its denoised image on the same pixels, electrons per pixel; None to denoise it.
    against : sequence of pathlib.Path
        Files of other frames of the same place. In the file itself, all frames but the one judged.
    options : FileOptions
        How to read the file.
    source : MethodSource or None
        The method, or a choice of one; None if the denoised image was made by one that is not
        known.
    made : Recorded, optional
        What the denoised image records of its making.

    Raises
    ------
    ImageError
        If a file cannot be used.
    MethodError
        If the method fails.
    """
    image = _read(file, options)
    try:
        counted = count_image(image, options)
    except ImageError as problem:
        raise problem.noted(image.notes).at(file) from problem.__cause__
    shape = counted.image.counts.shape
    if min(shape) < LEAST_SIDE_PX:
        raise ImageError(
            "is too small to judge",
            where=str(file),
            expected=f"at least {LEAST_SIDE_PX} px per side",
            got=f"{shape[1]} x {shape[0]} px",
        )
    ready = None
    if source is not None:
        correlation = counted.counting.correlation
        ready = source.for_image(counted.image, no_frames, correlation, str(file)).ready
        counted = with_likelier_dose(counted, ready)
    noise = noise_facts(counted.image.counts, counted.counting.correlation)
    if denoised is not None:
        result = _read_denoised(denoised, file, counted, options.frame)
    else:
        assert ready is not None
        result = ready.denoise(counted.image, str(file), seed=options.seed)
    groups, number = read_judging_frames(against, file, options, counted)
    subject = Subject(
        image=counted.image,
        denoised=result,
        name=ready.method.name if ready else "unknown method",
        ready=ready,
        frames=groups,
        not_counted=noise.not_counted,
        correlated=noise.is_correlated,
        seed=options.seed,
    )
    others = []
    if denoised is not None and made is not None and not made.is_of(file):
        others = [f"{denoised.name} records that it was made from another file than {file.name}"]
    sources = Sources(
        file=file,
        denoised=denoised,
        against=tuple(against),
        frames=number,
        file_pixel_sizes_A=counted.file_pixel_sizes_A,
        options=options,
        pixel_size_from=counted.pixel_size_from,
        dose_from=counted.dose_from,
        noise=noise,
        warnings=(*others, *image.notes, *counted.warnings),
    )
    return subject, sources


@dataclass(frozen=True, kw_only=True)
class Recorded:
    """What the record inside a denoised file says of how it was made.

    Attributes
    ----------
    method : str
        Name of the method.
    parameters : dict
        Its parameters.
    weights : pathlib.Path or None
        Folder of its weights; None for those shipped with it.
    options : dict
        The options that the image file was read with, fields of `FileOptions`.
    sha256 : str or None
        Digest of the image file, if it was computed.
    """

    method: str
    parameters: dict[str, Any]
    weights: Path | None
    options: dict[str, Any]
    sha256: str | None

    def is_of(self, file: Path) -> bool:
        """Return whether a file may be the one that the record names."""
        if self.sha256 is None or not file.is_file():
            return True
        with file.open("rb") as opened:
            return hashlib.file_digest(opened, "sha256").hexdigest() == self.sha256


def recorded(denoised: Path) -> Recorded | None:
    """Return what a denoised file records of its making; None if it has no usable record."""
    record = read_record(denoised)
    try:
        if record is None:
            return None
        method = record["method"][0]
        if "candidates" in method:
            # The one that was chosen on the image.
            name = record["chosen"]["method"]
            method = next(one for one in method["candidates"] if one["name"] == name)
        known = {one.name for one in fields(FileOptions)}
        options = {name: value for name, value in record["options"].items() if name in known}
        # An image that was drawn for a trial is not in the file.
        if options.pop("add_noise", False):
            return None
        options.pop("vacuum", None)
        # Of a range of frames the user has to name one.
        if isinstance(options.get("frame"), list):
            del options["frame"]
        weights = record["weights"]
        given = weights and weights["from"] != "the method's own"
        return Recorded(
            method=str(method["name"]),
            parameters=dict(method["parameters"]),
            weights=Path(weights["folder"]) if given else None,
            options=options,
            sha256=record["input"].get("sha256"),
        )
    # A record of another version may lack or add anything.
    except (KeyError, TypeError, IndexError, AttributeError, TembenchError):
        return None


def recorded_method(made: Recorded | None) -> MethodSource | None:
    """Return the method that a record names; None if it is unknown or not there any more."""
    if made is None:
        return None
    try:
        found = load_method(made.method)
        kept = {name: made.parameters[name] for name in found.parameters if name in made.parameters}
        return ReadyMethod(method=found.with_parameters(**kept), weights=made.weights)
    except TembenchError:
        return None


def chosen_options(given: Mapping[str, Any], made: Recorded | None) -> FileOptions:
    """Return the user's options, and those that the denoised file records for the others."""
    own = {name: one for name, one in given.items() if one is not None and one is not False}
    return FileOptions(**((made.options if made else {}) | own))


def _read(path: Path, options: FileOptions) -> Micrograph:
    return read_micrograph(
        path,
        frame=options.frame,
        dataset=options.dataset,
        pixel_size_A=options.pixel_size_A,
        gain=options.gain,
    )


def _read_denoised(path: Path, file: Path, counted: CountedImage, frame: object) -> np.ndarray:
    """Read a denoised image, and check that it is one of this file."""
    with open_stack(path, pixel_size_A=min(counted.file_pixel_sizes_A)) as stack:
        # Of a denoised movie, the frame that is judged.
        values = stack.frame(frame if stack.n_frames > 1 and isinstance(frame, int) else 0)
    there = counted.file_counts.shape
    if values.shape != there:
        raise ImageError(
            f"is not a denoised image of {file.name}",
            where=str(path),
            expected=f"{there[1]} x {there[0]} px",
            got=f"{values.shape[1]} x {values.shape[0]} px",
        )
    if not np.isfinite(values).all():
        raise ImageError("contains NaN or infinity", where=str(path), expected="a denoised image")
    image = values.astype(np.float32)
    mean, due = float(image.mean(dtype=np.float64)), float(counted.file_counts.mean())
    if not due / _SCALE < mean < due * _SCALE:
        raise ImageError(
            "is not in electrons per pixel of the image file",
            where=str(path),
            expected=f"a mean near {due:.4g}, that of {file.name}",
            got=f"{mean:.4g}",
            remedy="Scale it to electrons per pixel, or give the gain of the file with --gain",
        )
    return counted.on_square_pixels(image)
