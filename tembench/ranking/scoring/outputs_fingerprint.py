"""Fingerprint of a folder of outputs: SHA-256 of everything that their scores depend on."""

from __future__ import annotations

import hashlib
import re
import stat
from pathlib import Path

from tembench.methods import OUTPUTS_TOML, OUTPUTS_ZARR
from tembench.ranking.untrusted import walk

_OF_AN_ARRAY = re.compile(r"(.+/)?zarr\.json|.+/c(/[0-9]+)+")


def fingerprint(outputs: Path, data_digest: str) -> str:
    """Fingerprint of outputs and their store, without reading the arrays.

    Parameters
    ----------
    outputs : Path
        Folder of the outputs.
    data_digest : str
        Digest of the store's content.

    Returns
    -------
    str
        SHA-256 of the store's digest, ``outputs.toml``, and the names, sizes and times of the files
        of the arrays: also their ctimes, which nobody can pack. Scores in a copy are not believed.
    """
    digest = hashlib.sha256(data_digest.encode())
    digest.update((outputs / OUTPUTS_TOML).read_bytes())
    root = outputs / OUTPUTS_ZARR
    for path in sorted(walk(root)):
        name = path.relative_to(root).as_posix()
        if not _OF_AN_ARRAY.fullmatch(name):
            continue
        now = path.stat()
        if stat.S_ISREG(now.st_mode):
            digest.update(f"{name}\0{now.st_size}\0{now.st_mtime_ns}\0{now.st_ctime_ns}\n".encode())
    return digest.hexdigest()
