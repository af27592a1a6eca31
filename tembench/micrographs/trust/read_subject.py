"""Reading of a subject: an image file, its denoised image and other frames, and the method."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from tembench.core import ImageError, TembenchError, same_place
from tembench.methods import load_method
from tembench.micrographs.denoising import (
    CountedImage,
    count_image,
    read_record,
    square_ratios,
    with_likelier_dose,
)
from tembench.micrographs.domain import ReadyMethod
from tembench.micrographs.electrons import resample
from tembench.micrographs.reading import (
    FileOptions,
    Micrograph,
    micrograph_of,
    open_stack,
    read_micrograph,
)
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
    ready: ReadyMethod | None,
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
    ready : ReadyMethod or None
        The method; None if the denoised image was made by one that is not known.

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
    if ready is not None:
        counted = with_likelier_dose(counted, ready)
    noise = noise_facts(counted.image.counts)
    if denoised is not None:
        result = _read_denoised(denoised, file, counted, options.frame)
    else:
        assert ready is not None
        result = ready.denoise(counted.image, str(file), seed=options.seed)
    groups, number = _read_frames(against, file, options, counted)
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
        warnings=(*image.notes, *counted.warnings),
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
    """

    method: str
    parameters: dict[str, Any]
    weights: Path | None
    options: dict[str, Any]


def recorded(denoised: Path) -> Recorded | None:
    """Return what a denoised file records of its making; None if it has no usable record."""
    record = read_record(denoised)
    try:
        if record is None:
            return None
        method = record["method"][0]
        known = {one.name for one in fields(FileOptions)}
        options = {name: value for name, value in record["options"].items() if name in known}
        # An image that was drawn for a trial is not in the file.
        if options.pop("add_noise", False):
            return None
        options.pop("vacuum", None)
        weights = record["weights"]
        given = weights and weights["from"] != "the method's own"
        return Recorded(
            method=str(method["name"]),
            parameters=dict(method["parameters"]),
            weights=Path(weights["folder"]) if given else None,
            options=options,
        )
    # A record of another version may lack or add anything.
    except (KeyError, TypeError, IndexError, AttributeError, TembenchError):
        return None


def recorded_method(made: Recorded) -> ReadyMethod | None:
    """Return the method that a record names; None if it is not there any more."""
    try:
        method = load_method(made.method)
        kept = {name: made.parameters[name] for name in method.parameters if name in made.parameters}
        return ReadyMethod(method=method.with_parameters(**kept), weights=made.weights)
    except TembenchError:
        return None


def _read(path: Path, options: FileOptions) -> Micrograph:
    return read_micrograph(
        path,
        frame=options.frame,
        dataset=options.dataset,
        pixel_size_A=options.pixel_size_A,
        gain=options.gain,
    )


def _read_denoised(
    path: Path, file: Path, counted: CountedImage, frame: object
) -> np.ndarray:
    """Read a denoised image, and check that it is one of this file."""
    with open_stack(path, pixel_size_A=min(counted.file_pixel_sizes_A)) as stack:
        # Of a denoised movie, the frame that is judged.
        movie = stack.n_frames > 1 and isinstance(frame, int)
        values = stack.frame(int(frame) if movie else 0)  # type: ignore[arg-type]
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
    ratios = square_ratios(counted.file_pixel_sizes_A)
    if ratios == (1, 1):
        return image
    shape = counted.image.counts.shape
    return resample(image, ratios, shape) / np.float32(ratios[0] * ratios[1])


def _read_frames(
    against: Sequence[Path], file: Path, options: FileOptions, counted: CountedImage
) -> tuple[tuple[np.ndarray, ...], int]:
    """Sum other frames in two groups, alternately; the groups and the number of frames."""
    sums: list[np.ndarray | None] = [None, None]
    number = 0
    example: Micrograph | None = None
    for path in against:
        own = same_place(path, file)
        if own and not isinstance(options.frame, int):
            raise ImageError(
                "is the image to be judged",
                where=str(path),
                expected="other frames",
                remedy="Choose the frame to judge with --frame; the others then judge it",
            )
        with open_stack(
            path,
            dataset=options.dataset if own else None,
            pixel_size_A=options.pixel_size_A or min(counted.file_pixel_sizes_A),
            gain=options.gain,
        ) as stack:
            if stack.shape != counted.file_counts.shape:
                raise ImageError(
                    "has frames of another size",
                    where=str(path),
                    expected=" x ".join(map(str, reversed(counted.file_counts.shape))) + " px",
                    got=" x ".join(map(str, reversed(stack.shape))) + " px",
                )
            for index in range(stack.n_frames):
                if own and index == options.frame:
                    continue
                values = stack.frame(index).astype(np.float64)
                group = sums[number % 2]
                sums[number % 2] = values if group is None else group + values
                number += 1
            example = micrograph_of(stack, np.zeros((1, 1)))
    if against and not number:
        raise ImageError("contains no other frame", where=str(against[0]))
    # The dose follows from the ratio of all electrons: that of the sums is not looked for.
    plain = replace(options, dose_e_per_px=1.0, frame=None)
    groups = []
    for group in sums:
        if group is not None and example is not None:
            values = np.rint(group) if (group == np.rint(group)).all() else group
            typed = values.astype(np.uint32) if values.min() >= 0 and values is not group else values
            groups.append(
                count_image(
                    replace(example, values=typed, pixel_sizes_A=counted.file_pixel_sizes_A), plain
                ).image.counts
            )
    return tuple(groups), number
