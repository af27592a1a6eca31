"""Stack in an open file: its frames, read one at a time; an image is a stack of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from tembench.core import ImageError, MissingPackage
from tembench.micrographs.formats import Axis, StoredImage, open_images
from tembench.micrographs.reading.file_options import FileOptions
from tembench.micrographs.reading.units import is_energy, pixel_sizes_of


@dataclass(frozen=True, kw_only=True)
class Stack:
    """An image or the frames of a movie in an open file.

    Attributes
    ----------
    path : pathlib.Path
        The file.
    image : StoredImage
        The frames as stored.
    pixel_sizes_A : tuple of float or None
        Pixel size along y and x in angstrom; None if unknown.
    keep_slope : bool
        Whether values are calibrated as the file states; otherwise only their zero is.
    """

    path: Path
    image: StoredImage
    pixel_sizes_A: tuple[float, float] | None
    keep_slope: bool
    _notes: list[str] = field(default_factory=list)
    _log: list[str] = field(default_factory=list)

    @property
    def frame_axis(self) -> Axis | None:
        """Axis of the frames; None for an image."""
        return self.image.frames[0] if self.image.frames else None

    @property
    def n_frames(self) -> int:
        """Number of frames; 1 for an image."""
        return self.frame_axis.size if self.frame_axis else 1

    @property
    def shape(self) -> tuple[int, int]:
        """Shape (y, x) of a frame."""
        return self.image.y.size, self.image.x.size

    @property
    def in_electrons(self) -> bool:
        """Whether the file states that the values are electrons."""
        line = self.image.calibration
        return line is not None and line.in_electrons and self.keep_slope

    @property
    def notes(self) -> tuple[str, ...]:
        """One line for each choice made in interpreting the file, and each warning of a library."""
        return (*self.image.notes, *self._notes, *self._log)

    def frame(self, number: int = 0) -> np.ndarray:
        """Read one frame.

        Parameters
        ----------
        number : int
            Its number, from 0.

        Returns
        -------
        numpy.ndarray
            (y, x) in native byte order: the stored numbers, or the calibrated values if the file
            has a calibration.

        Raises
        ------
        ImageError
            If there is no such frame.
        """
        if not 0 <= number < self.n_frames:
            raise ImageError(
                f"has no frame {number}",
                expected=f"0 to {self.n_frames - 1}",
                remedy="Choose another --frame",
            ).at(self.path)
        stored = self.image.read((number,) if self.image.frames else ())
        # A copy in the native byte order: compiled code accepts no other. Truth values are counts.
        kind = np.dtype(np.uint8) if self.image.dtype.kind == "b" else self.image.dtype
        values = np.array(stored, dtype=kind.newbyteorder("="))
        line = self.image.calibration
        return values if line is None else line.apply(values, keep_slope=self.keep_slope)

    def sum(self) -> np.ndarray:
        """Return the sum of all frames, (y, x)."""
        first = self.frame(0)
        if self.n_frames == 1:
            return first
        total = first.astype(_wide(first.dtype))
        for number in range(1, self.n_frames):
            total += self.frame(number)
        return total.astype(first.dtype) if first.dtype.kind == "f" else total

    def refuse_spectra(self) -> None:
        """Raise ImageError if the frames are energies of a spectrum image."""
        axis = self.frame_axis
        if axis is not None and is_energy(axis.name, axis.units):
            raise ImageError(
                f"is a stack of {axis.size} energies or wavelengths ({axis.units or axis.name}), "
                "probably a spectrum image",
                expected="an image, or frames of a movie",
                remedy=f"Choose one with --frame 0 to {axis.size - 1}, or add them all with "
                "--frame sum",
            ).at(self.path)


@contextmanager
def open_stack(
    path: Path,
    *,
    dataset: int | None = None,
    pixel_size_A: float | None = None,
    gain: float | None = None,
) -> Iterator[Stack]:
    """Yield the image or movie in a file, which is closed afterwards.

    Parameters
    ----------
    path : pathlib.Path
        The file; its suffix determines the format.
    dataset : int, optional
        Index of an image in a file that contains several.
    pixel_size_A : float, optional
        Pixel size in angstrom, instead of that in the file.
    gain : float, optional
        Stored value of one electron, by which the caller will divide: the file's own value of it
        is then ignored.

    Raises
    ------
    ImageError
        If the file cannot be used, in one line; for errors inside the block too.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "movie.npy"
    ...     np.save(path, np.ones((5, 64, 48), dtype=np.uint8))
    ...     with open_stack(path, pixel_size_A=0.1) as stack:
    ...         print(stack.n_frames, stack.frame(2).shape)
    5 (64, 48)
    """
    path = Path(path)
    log: list[str] = []
    notes: list[str] = []
    try:
        with open_images(path, log) as images:
            image = _choose(images, dataset, notes)
            _refuse_other_data(image)
            sizes = (pixel_size_A, pixel_size_A) if pixel_size_A is not None else None
            sizes = sizes or pixel_sizes_of((image.y, image.x))
            line = image.calibration
            keep_slope = gain is None or line is None or not line.in_electrons
            if line is not None:
                notes.append(line.note(keep_slope=keep_slope))
            yield Stack(
                path=path,
                image=image,
                pixel_sizes_A=sizes,
                keep_slope=keep_slope,
                _notes=notes,
                _log=log,
            )
    except (ImageError, MissingPackage) as problem:
        raise problem.at(path) from problem.__cause__


def open_as_told(path: Path, options: FileOptions) -> AbstractContextManager[Stack]:
    """Open the image or movie in a file as the user's options say; see `open_stack`."""
    return open_stack(
        path, dataset=options.dataset, pixel_size_A=options.pixel_size_A, gain=options.gain
    )


def _choose(images: Sequence[StoredImage], dataset: int | None, notes: list[str]) -> StoredImage:
    """Return the image asked for, or the only one that is not a thumbnail or picture of another."""
    if not images:
        raise ImageError("contains no image", expected="an array of at least two dimensions")
    if dataset is not None:
        if not 0 <= dataset < len(images):
            raise ImageError(
                f"has no image {dataset}",
                expected=f"0 to {len(images) - 1}",
                remedy="Choose another with --dataset",
            )
        return images[dataset]
    main = [image for image in images if not image.minor] or images
    if len(main) > 1:
        listed = "; ".join(f"{i}: {_label(image)}" for i, image in enumerate(images[:16]))
        raise ImageError(
            f"contains {len(images)} images", got=listed, remedy="Choose one with --dataset N"
        )
    if len(images) > 1:
        left = ", ".join(f"{image.minor} {_label(image)}" for image in images if image.minor)
        notes.append(f"the file contains more, which is ignored: {left}")
    return main[0]


def _label(image: StoredImage) -> str:
    return f"{image.title} {' x '.join(map(str, image.shape))}".strip()


def _refuse_other_data(image: StoredImage) -> None:
    if image.refusal is not None:
        raise image.refusal
    for axis in (image.y, image.x):
        if is_energy(axis.name, axis.units):
            raise ImageError(
                "is a set of spectra",
                expected="an image",
                got=f"an axis of {axis.size} energies or wavelengths ({axis.units or axis.name})",
            )
    if image.dtype.names or image.dtype.kind not in "uifb":
        kind = "complex numbers" if image.dtype.kind == "c" else str(image.dtype)
        raise ImageError("does not contain real numbers", expected="counts", got=kind)
    if 0 in (image.y.size, image.x.size):
        raise ImageError("has no pixels")
    if len(image.frames) > 1:
        raise ImageError(
            "is not an image",
            expected="two dimensions, or a stack of frames",
            got=" x ".join(_named(axis) for axis in (*image.frames, image.y, image.x)),
        )


def _named(axis: Axis) -> str:
    return f"{axis.size} ({axis.name})" if axis.name else str(axis.size)


def _wide(dtype: np.dtype) -> np.dtype:
    """Return the type in which sums of a type do not overflow."""
    return np.dtype({"f": "f8", "u": "u8"}.get(dtype.kind, "i8"))
