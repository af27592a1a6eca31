"""Files that appear whole or not at all, and TOML in and out."""

from __future__ import annotations

import errno
import glob
import os
import shutil
import tempfile
import time
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from tembench.core.bounded_toml import BYTES_LIMIT, UnreasonableToml, loads
from tembench.core.errors import TembenchError


def absolute(path: str | Path) -> Path:
    """`path` from the root on, as it leads now: a method may change the working folder.

    Every entry that runs code of others, or hands a path to another process, takes its paths
    through here first. Links stay as they are.
    """
    return Path(path).absolute()


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path`: aside first, then moved into place.

    Parameters
    ----------
    path : Path
        The file to write; its folder is made where it is missing.
    data : bytes
        The content.
    """
    path = Path(path)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    path.parent.mkdir(parents=True, exist_ok=True)
    with naming(path):
        handle, aside = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file:
                # Of a process that is killed the lock goes, and `remove_leftovers` takes the file.
                _lock(handle)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.chmod(aside, 0o666 & ~_umask())
            os.replace(aside, path)
        except BaseException:
            Path(aside).unlink(missing_ok=True)
            raise


def remove_leftovers(paths: Iterable[Path]) -> None:
    """Remove what killed processes left of `write_bytes` to `paths`; what is in use stays."""
    names: dict[Path, set[str]] = {}
    for path in paths:
        names.setdefault(path.parent, set()).add(path.name)
    for folder, wanted in names.items():
        for left in folder.glob(".*.part"):
            if left.name[1:].rsplit(".", 2)[0] in wanted and left.is_file():
                with suppress(OSError), left.open("rb") as file:
                    if _lock(file.fileno()):
                        left.unlink()


def _lock(handle: int) -> bool:
    """Lock an open file; False where another process holds it, or there are no such locks."""
    try:
        import fcntl

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (ImportError, OSError):
        return False
    return True


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` as UTF-8, whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def write_toml(path: Path, content: Mapping[str, Any]) -> None:
    """Write a mapping to `path` as TOML, whole or not at all."""
    import tomli_w

    write_text(path, tomli_w.dumps(content))


def read_toml(path: Path, error: type[TembenchError]) -> dict[str, Any]:
    """Read a TOML file.

    Parameters
    ----------
    path : Path
        The file.
    error : type
        The kind of error raised for a file that is missing or no TOML.
    """
    path = Path(path)
    try:
        # No more of it than is parsed: its size is not always known before.
        with path.open("rb") as file:
            content = file.read(BYTES_LIMIT + 1)
        # Some editors put a byte order mark before the first key; lines may end as on Windows.
        return loads(content.decode("utf-8-sig").replace("\r\n", "\n"))
    except FileNotFoundError:
        raise error("no such file", where=str(path)) from None
    except (IsADirectoryError, NotADirectoryError):
        raise error("not a file", where=str(path), expected="a TOML file") from None
    except UnicodeDecodeError:
        raise error("not a text file", where=str(path), expected="TOML in UTF-8") from None
    except UnreasonableToml as problem:
        raise error("is no plain description", where=str(path), expected=str(problem)) from None
    except tomllib.TOMLDecodeError as problem:
        raise error("not valid TOML", where=str(path), got=str(problem)) from None
    except RecursionError:
        raise error("nested too deeply", where=str(path), expected="plain tables") from None
    except ValueError as problem:
        # A path with a null byte, or a number of more digits than Python reads.
        raise error("cannot be read", where=str(path), got=str(problem)) from None


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let errors of the system name `path`, which the user knows, and no file beside or in it.

    A full disk is told without any name, a folder that cannot be written to with that of the file
    that was to be moved to `path` later.
    """
    try:
        yield
    except OSError as problem:
        problem.filename, problem.filename2 = str(path), None
        raise


@contextmanager
def locked(folder: Path, error: type[TembenchError], *, wait_s: float = 0.0) -> Iterator[None]:
    """Keep other processes out of a folder while this one works in it.

    Parameters
    ----------
    folder : Path
        The folder; it has to be there.
    error : type
        The kind of error raised if another process holds it.
    wait_s : float
        How long to wait for it to be let go, in seconds.

    Notes
    -----
    The folder itself is locked, so nothing is left behind, not even by a process that is killed.
    Where the system or the file system knows no such locks, nothing is locked.
    """
    if os.name != "posix":  # no such locks, nor folders that can be opened
        yield
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        if not _locks(handle, time.monotonic() + wait_s):
            raise error(
                "another process is at work there",
                where=str(folder),
                remedy="Wait until it is done, then run the same command again",
            )
        yield
    finally:
        os.close(handle)


def _locks(handle: int, until: float) -> bool:
    """Whether the lock is had before that time, or there are no locks here."""
    import fcntl

    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= until:
                return False
            time.sleep(0.02)
        except OSError:
            return True
        else:
            return True


@contextmanager
def staging(target: Path, error: type[TembenchError]) -> Iterator[Path]:
    """A fresh folder beside `target`, to build something in before it is moved into place.

    Parameters
    ----------
    target : Path
        Where the result will be; inside the block, move it there with `os.replace`.
    error : type
        The kind of error raised for a folder that another process holds.

    Notes
    -----
    What is left in the fresh folder is removed at the end, however the block is left; what killed
    processes left beside the same target is removed at the beginning.
    """
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        if left.is_dir():
            # Nobody holds it any more, or it is in use and stays.
            with suppress(error), locked(left, error):
                _remove(left)
    with naming(target):
        aside = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".part", dir=target.parent))
    try:
        # A folder made by mkdtemp is closed to others; results are there to be read.
        aside.chmod(0o777 & ~_umask())
        with naming(target), locked(aside, error):
            yield aside
    finally:
        _remove(aside)


def put_in_place(folder: Path, target: Path) -> None:
    """Move a folder to `target`, where another may be; that one is where `folder` was then.

    In one step where the system can exchange two names (Linux, from 3.15), so that `target` is
    never absent; else it is for the moment between two moves.
    """
    if not target.exists():
        os.replace(folder, target)
    elif not _exchanged(folder, target):
        aside = folder.with_name(f"{folder.name}.replaced")
        os.replace(target, aside)
        os.replace(folder, target)


def _exchanged(first: Path, second: Path) -> bool:
    """Whether two names of one file system were exchanged."""
    import ctypes

    # Of the C library of the process itself, which Windows has no name for.
    exchange = getattr(ctypes.CDLL(None), "renameat2", None) if os.name == "posix" else None
    if exchange is None:
        return False
    here, flag = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    names = (os.fsencode(os.path.abspath(path)) for path in (first, second))
    return int(exchange(here, next(names), here, next(names), flag)) == 0


def _remove(folder: Path) -> None:
    # After Ctrl-C zarr's thread may still be writing a last file into it.
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)


def _umask() -> int:
    # The only portable way to read the umask is to set it.
    mask = os.umask(0o022)
    os.umask(mask)
    return mask
