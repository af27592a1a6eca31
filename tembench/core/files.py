"""Files and folders that are written whole or not at all, locks on folders, and TOML files."""

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
    """Absolute form of `path` in the present working folder, which a method may change later.

    Functions that run third-party code, or pass a path to another process, make their paths
    absolute first. Links are not resolved.
    """
    return Path(path).absolute()


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to a temporary file beside `path`, then move it into place.

    Parameters
    ----------
    path : Path
        The file to write; its folder is created if it is missing.
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
                # A killed process loses its lock, and `remove_leftovers` then removes the file.
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
    """Remove temporary files that killed processes left beside `paths`; locked ones stay."""
    names: dict[Path, set[str]] = {}
    for path in paths:
        names.setdefault(path.parent, set()).add(path.name)
    for folder, targets in names.items():
        for left in folder.glob(".*.part"):
            if left.name[1:].rsplit(".", 2)[0] in targets and left.is_file():
                with suppress(OSError), left.open("rb") as file:
                    if _lock(file.fileno()):
                        left.unlink()


def _lock(handle: int) -> bool:
    """Lock an open file; False if another process has locked it, or the system has no locks."""
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
        The kind of error raised for a file that is missing or not valid TOML.
    """
    path = Path(path)
    try:
        # At most one byte beyond the limit: the size of a file is not always known before.
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
        raise error("not a plain description", where=str(path), expected=str(problem)) from None
    except tomllib.TOMLDecodeError as problem:
        raise error("not valid TOML", where=str(path), got=str(problem)) from None
    except RecursionError:
        raise error("nested too deeply", where=str(path), expected="plain tables") from None
    except ValueError as problem:
        # A path with a null byte, or a number with more digits than Python parses.
        raise error("cannot be read", where=str(path), got=str(problem)) from None


@contextmanager
def naming(path: Path) -> Iterator[None]:
    """Make errors of the system name `path`, which the user knows, instead of a temporary file.

    Otherwise a full disk is reported without a name, and a read-only folder with the name of the
    temporary file that was to be moved to `path`.
    """
    try:
        yield
    except OSError as problem:
        problem.filename, problem.filename2 = str(path), None
        raise


@contextmanager
def locked(folder: Path, error: type[TembenchError], *, wait_s: float = 0.0) -> Iterator[None]:
    """Lock a folder against other processes while this one works in it.

    Parameters
    ----------
    folder : Path
        The folder; it must exist.
    error : type
        The kind of error raised if another process has locked it.
    wait_s : float
        Time to wait for the other process, in seconds.

    Notes
    -----
    The folder itself is locked, without a lock file, so even a killed process leaves nothing
    behind. Where the system or the file system has no such locks, nothing is locked.
    """
    if os.name != "posix":  # neither such locks nor folders that can be opened
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
    """Whether the lock is acquired before that time, or the file system has no locks."""
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
    """A new folder beside `target`, to build a result in before it is moved into place.

    Parameters
    ----------
    target : Path
        Final path of the result; inside the block, move it there with `os.replace`.
    error : type
        The kind of error raised for a folder that another process has locked.

    Notes
    -----
    The new folder is removed at the end, also after an error; folders that killed processes left
    beside the same target are removed at the beginning.
    """
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    for left in target.parent.glob(f".{glob.escape(target.name)}.*.part"):
        if left.is_dir():
            # A folder that is in use is locked, and stays; another process may have removed it.
            with suppress(error, FileNotFoundError), locked(left, error):
                _remove(left)
    with naming(target):
        new = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".new", dir=target.parent))
    aside = new.with_suffix(".part")
    try:
        # mkdtemp makes folders that other users cannot read; results are to be read.
        new.chmod(0o777 & ~_umask())
        with naming(target), locked(new, error):
            # Named as one that may be left over only now that it is locked: another process that
            # looks for those would remove it. The lock stays with the folder.
            new.rename(aside)
            yield aside
    finally:
        _remove(new)
        _remove(aside)


def put_in_place(folder: Path, target: Path) -> None:
    """Move a folder to `target`; a folder that was there is moved out of the way, beside `folder`.

    Where the system can exchange two names in one step (Linux, from 3.15), `target` is never
    absent; elsewhere it is for the moment between two moves.
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

    # CDLL(None) is the C library of the process itself; Windows has no such name.
    exchange = getattr(ctypes.CDLL(None), "renameat2", None) if os.name == "posix" else None
    if exchange is None:
        return False
    folder, flag = -100, 2  # AT_FDCWD, RENAME_EXCHANGE
    names = (os.fsencode(os.path.abspath(path)) for path in (first, second))
    return int(exchange(folder, next(names), folder, next(names), flag)) == 0


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
