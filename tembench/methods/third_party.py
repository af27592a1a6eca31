"""Calls into a method's own code: any exception becomes a MethodError that names file or image.

The attributes that a denoiser declares are read with the same care.
"""

from __future__ import annotations

import operator
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tembench.core import MethodError, TembenchError, missing_package

_DEBUG = "--debug shows the traceback"
_LONGEST_DEVICE = 100
_MOST_PARAMETERS = 2**53


@contextmanager
def foreign_code(
    what: str, where: str, *, disk: bool = False, needed_by: str | None = None
) -> Iterator[None]:
    """Run a block that calls a method's code.

    Parameters
    ----------
    what : str
        Name of the function called.
    where : str
        File or image concerned.
    disk : bool
        Whether the block builds or trains a method and so may use the disk: errors of the operating
        system, such as a full disk, pass unchanged.
    needed_by : str, optional
        Name in the error of a missing package, instead of `where`.

    Raises
    ------
    MissingPackage
        If the block imports a package that is not installed.
    MethodError
        For anything that the block raises except errors of this program and Ctrl-C: a method that
        exits the program or raises a `BaseException` has failed like any other.
    """
    try:
        with _own_folder(fresh=disk):
            yield
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        # Error classes that the method defines itself could not be sent to another process.
        if isinstance(error, TembenchError) and type(error).__module__ == TembenchError.__module__:
            raise
        if missing := missing_package(error, needed_by or where):
            raise missing from error
        if disk and isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            raise
        if disk and isinstance(error, FileNotFoundError):
            raise MethodError(
                f"{what} needs a file that is missing",
                where=where,
                got=str(error.filename),
                remedy="a trained method needs its weights: tembench train makes them",
            ) from error
        raise MethodError(
            f"{what} failed: {type(error).__name__}: {one_line(error)}", where=where, remedy=_DEBUG
        ) from error


# Working folder of the method that runs in this process, if it has chosen one.
_folder: Path | None = None


@contextmanager
def _own_folder(*, fresh: bool) -> Iterator[None]:
    """Give a method a working folder of its own, initially that of this program.

    Otherwise a method that calls ``os.chdir`` would change all relative paths of this program.
    """
    global _folder
    ours, theirs = _working_folder(), None if fresh else _folder
    if theirs is not None:
        with suppress(OSError):
            os.chdir(theirs)
    try:
        yield
    finally:
        now = _working_folder()
        _folder = None if now == ours else now
        if ours is not None and _folder is not None:
            os.chdir(ours)


def _working_folder() -> Path | None:
    """Return the working folder; None if it has been removed."""
    try:
        return Path.cwd()
    except FileNotFoundError:
        return None


def one_line(error: BaseException) -> str:
    """Return the first line of an exception's text; even a third-party one that raises."""
    try:
        lines = str(error).strip().splitlines()
    except KeyboardInterrupt:
        raise
    except BaseException:
        return "no readable message"
    return lines[0] if lines else "no message"


@dataclass(frozen=True, kw_only=True)
class DenoiserInfo:
    """Properties that a denoiser declares.

    Attributes
    ----------
    device : str
        Device that it computes on.
    n_parameters : int or None
        Number of parameters of a network.
    """

    device: str
    n_parameters: int | None


def denoiser_info(denoiser: Any, where: str) -> DenoiserInfo:
    """Read ``device`` and ``n_parameters`` of a denoiser, or count those of its ``network``.

    Raises
    ------
    MethodError
        If one of them cannot be read, or is not a text or not a number of parameters.
    """
    device = _attribute(denoiser, "device", "cpu", where)
    torch = sys.modules.get("torch")
    if torch is not None and isinstance(device, torch.device):
        device = str(device)
    if type(device) is not str or not (device.isprintable() and 0 < len(device) <= _LONGEST_DEVICE):
        raise _wrong(where, "device", "a short text such as 'cpu'", device)
    number = _attribute(denoiser, "n_parameters", None, where)
    if number is not None:
        return DenoiserInfo(device=device, n_parameters=_count(number, where))
    network = _attribute(denoiser, "network", None, where)
    # A method with a torch module has imported torch; this file does not need it.
    if torch is not None and isinstance(network, torch.nn.Module):
        from tembench.methods.networks.size import learned_values

        with foreign_code("counting the parameters of its network", where):
            return DenoiserInfo(device=device, n_parameters=learned_values(network))
    return DenoiserInfo(device=device, n_parameters=None)


def _attribute(denoiser: Any, name: str, default: Any, where: str) -> Any:
    with foreign_code(f"its attribute {name}", where):
        return getattr(denoiser, name, default)


def _count(value: Any, where: str) -> int:
    try:
        # Accepts NumPy's integers, but no float, not even an integral one.
        number = -1 if isinstance(value, bool) else int(operator.index(value))
    except KeyboardInterrupt:
        raise
    except BaseException:
        number = -1
    if not 0 <= number <= _MOST_PARAMETERS:
        raise _wrong(where, "n_parameters", "an integer, 0 or more", value)
    return number


def _wrong(where: str, name: str, expected: str, got: Any) -> MethodError:
    # Only values that print in one line: Python does not print a number of 5000 digits.
    plain = type(got) in (float, bool) or (type(got) is int and got.bit_length() <= 64)
    plain = plain or (type(got) is str and len(got) <= 60)
    return MethodError(
        f"its attribute {name} is wrong",
        where=where,
        expected=expected,
        got=repr(got) if plain else type(got).__name__,
        remedy="correct what build returns",
    )
