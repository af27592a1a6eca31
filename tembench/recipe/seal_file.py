"""Seed files of sealed tests: created with random bytes, and read with checks of their strength."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from tembench.core import RecipeError

FEWEST_BYTES = 32
_MOST_BYTES = 4096
# Of 64 random hexadecimal digits so few are distinct once in 10^18 files.
_FEWEST_DISTINCT = 8


def create_seal_file(path: Path) -> None:
    """Create a seed file: 32 random bytes as hexadecimal digits, for its owner's eyes alone.

    Parameters
    ----------
    path : Path
        The new file; its folder must exist.

    Raises
    ------
    RecipeError
        If there is something at `path`, or no such folder: nothing is overwritten.
    """
    path = Path(path)
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    try:
        handle = os.open(path, flags, 0o600)
    except FileExistsError:
        raise RecipeError(
            "exists already", where=str(path), remedy="Use it, or name another file"
        ) from None
    except (FileNotFoundError, NotADirectoryError):
        raise RecipeError(
            "no such folder", where=str(path.parent), remedy="Create it, or name another file"
        ) from None
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(FEWEST_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())


def read_seal_file(path: Path) -> bytes:
    """Read the secret seed from a file: its content without white space at either end.

    Parameters
    ----------
    path : Path
        The file; text or binary.

    Raises
    ------
    RecipeError
        If there is no such file, others may read it, or it is too short, too long or too simple
        to keep a secret. No message quotes its content.
    """
    path, create = Path(path), _create(path)
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise RecipeError("no such seed file", where=str(path), remedy=create) from None
    except (IsADirectoryError, NotADirectoryError):
        raise RecipeError("not a file", where=str(path), remedy=create) from None
    if os.name == "posix" and mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise RecipeError(
            "a secret seed that other users may read or change",
            where=str(path),
            expected="permissions 600",
            got=f"{stat.S_IMODE(mode):o}",
            remedy=f"Run: chmod 600 {path}; if others can have read it, create another",
        )
    secret = content.strip()
    _refuse_weak(path, secret)
    return secret


def _refuse_weak(path: Path, secret: bytes) -> None:
    if not FEWEST_BYTES <= len(secret) <= _MOST_BYTES:
        raise RecipeError(
            "not a secret seed" if secret else "empty",
            where=str(path),
            expected=f"{FEWEST_BYTES} to {_MOST_BYTES} bytes",
            got=f"{len(secret)}" if len(secret) <= _MOST_BYTES else f"more than {_MOST_BYTES}",
            remedy=_create("NEWFILE"),
        )
    if len(set(secret)) < _FEWEST_DISTINCT:
        raise RecipeError(
            "a seed that is easily guessed",
            where=str(path),
            expected=f"at least {_FEWEST_DISTINCT} different characters",
            got=str(len(set(secret))),
            remedy=_create("NEWFILE"),
        )


def _create(path: Path | str) -> str:
    return f"Create one with: tembench seal {path}"
