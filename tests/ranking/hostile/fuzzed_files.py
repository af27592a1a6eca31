"""Fuzzed files of submissions and outputs: whatever their bytes, they are read or refused."""

from __future__ import annotations

import hashlib
import io
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import tifffile
import zarr
from cases_of_images import good_images
from fuzzed_values import (
    Bytes,
    Strategy,
    bytes_changed,
    cells_changed,
    header_changed,
    json_changed,
    mostly,
    png_changed,
    toml_changed,
    toml_written,
)
from hostile_judge import read_shown
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from ranking_fakes import FakeStore

from tembench.core import TembenchError
from tembench.ranking.scoring.kept_rows import PARTIAL_SCORES, KeptRows
from tembench.ranking.scoring.output_reader import read_outputs
from tembench.ranking.submission import check_submission
from tembench.ranking.untrusted.audit_file import AUDIT_CASES, AUDIT_COLUMNS
from tembench.ranking.untrusted.png_file import redrawn
from tembench.ranking.untrusted_images import open_image_stack

MOST_SECONDS = 2.0


@dataclass(frozen=True, kw_only=True)
class FuzzedFile:
    """One file, and how it is changed and read.

    Attributes
    ----------
    kind : str
        The file, and what is changed in it.
    path : Path
        Where it is written.
    good : bytes
        What it says when nothing is changed.
    strategy : callable
        Strategy of changed bytes, from the good ones.
    read : callable
        Reads the folder; raises TembenchError where it is refused.
    """

    kind: str
    path: Path
    good: bytes
    strategy: Strategy
    read: Callable[[], object]

    def changed(self) -> Bytes:
        """Strategy of what is written."""
        return self.strategy(self.good)

    def is_accepted(self, content: bytes) -> bool:
        """Write and read the file; whether it is accepted. Any other error is a fault."""
        self.path.write_bytes(content)
        began = time.process_time()
        refusal = ""
        try:
            self.read()
        except TembenchError as problem:
            refusal = str(problem)
        finally:
            self.path.write_bytes(self.good)
        assert time.process_time() - began < MOST_SECONDS
        assert refusal.isprintable()
        return not refusal


def fuzzed_files(submission: Path, outputs: Path, store: FakeStore) -> list[FuzzedFile]:
    """All files that are fuzzed, of these good folders, which are written to."""
    found: list[FuzzedFile] = []

    def add(kind: str, path: Path, read: Callable[[], object], *how: Strategy) -> None:
        found.append(
            FuzzedFile(
                kind=kind, path=path, good=path.read_bytes(), strategy=mostly(*how), read=read
            )
        )

    _audited(submission)
    (submission / "panel.png").write_bytes(_palette_png())

    def checked() -> object:
        return check_submission(submission)

    description, picture = submission / "submission.toml", submission / "panel.png"
    add("submission.toml: values", description, checked, toml_changed)
    add("submission.toml: syntax", description, checked, toml_written, bytes_changed)
    scores, read_scores = submission / "scores.csv", _with_digest(submission, "scores.csv")
    add("scores.csv: cells", scores, read_scores, cells_changed)
    add("scores.csv: bytes", scores, read_scores, bytes_changed)
    add("panel.png: behind checksums", picture, lambda: redrawn(_panel(submission)), png_changed)
    add("panel.png: bytes", picture, checked, bytes_changed)
    for name, how in (("shown.png", png_changed), ("shown.csv", cells_changed)):
        add(name, submission / name, _with_digest(submission, name), how, bytes_changed)
    audit, read_scored = submission / "audit.csv", _with_digest(submission, "audit.csv")
    add("audit.toml: values", submission / "audit.toml", checked, toml_changed)
    add("audit.csv: cells", audit, read_scored, cells_changed, bytes_changed)

    def looked_at() -> object:
        return read_outputs(outputs, store)  # type: ignore[arg-type]

    add("outputs.toml: values", outputs / "outputs.toml", looked_at, toml_changed)
    for name in ("denoised", "image"):
        metadata = outputs / "denoised.zarr" / name / "zarr.json"
        read = partial(_images, outputs, store)
        add(f"zarr.json of {name}", metadata, read, json_changed, bytes_changed)
    for name in ("blosc", "zstd"):
        copy = Path(shutil.copytree(outputs, outputs.with_name(f"outputs-{name}")))
        _compress(copy, name)
        chunk = copy / "denoised.zarr" / "denoised" / "c" / "0" / "0" / "0"
        read = partial(_images, copy, store, most=1)
        add(f"chunk of {name}: header", chunk, read, header_changed)
        add(f"chunk of {name}: bytes", chunk, read, bytes_changed)
    for suffix, write in _WRITERS.items():
        path = outputs.with_name(f"images{suffix}")
        write(path)
        read = partial(_stack, path, store)
        add(f"{suffix}: header", path, read, header_changed)
        add(f"{suffix}: bytes", path, read, bytes_changed)
    kept = outputs / PARTIAL_SCORES
    models = {image: str(store.table["model"][image]) for image in store.images().tolist()}
    kept.write_bytes(b'{"fingerprint": "x", "metrics": {}}\n{"image": 2, "psnr_db": 1.0}\n')
    add("scores.part.jsonl", kept, lambda: KeptRows(outputs, "x", models), bytes_changed)
    return found


_WRITERS: dict[str, Callable[[Path], object]] = {
    ".npy": lambda path: np.save(path, good_images()[:2]),
    ".npz": lambda path: np.savez_compressed(path, images=good_images()[:2]),
    ".tif": lambda path: tifffile.imwrite(
        path, good_images()[:2], photometric="minisblack", compression="zlib"
    ),
}


def _stack(path: Path, store: FakeStore) -> None:
    for image in open_image_stack(path, store.shape, len(store.images())).images():
        assert image.shape == store.shape


def _panel(submission: Path) -> bytes:
    return check_submission(submission).panel


def _audited(submission: Path) -> None:
    rows = [f"test-00001,4,{case},30.0,0.5" for case in ("base", *AUDIT_CASES)]
    content = "\n".join([",".join(AUDIT_COLUMNS), *rows, ""]).encode()
    (submission / "audit.csv").write_bytes(content)
    (submission / "audit.toml").write_text(
        f'format = 1\nmethod = "good"\n[data]\nrecipe = "tiny"\nversion = "1.0.0"\n'
        f'recipe_id = "{"ab" * 32}"\npart = "test"\n[scores]\nspecimens = 1\nimages = 1\n'
        f'sha256 = "{hashlib.sha256(content).hexdigest()}"\n'
    )


def _palette_png() -> bytes:
    picture, buffer, comment = Image.new("P", (9, 7)), io.BytesIO(), PngInfo()
    picture.putpalette(range(256), "RGB")
    comment.add_text("Comment", "x" * 100)
    picture.save(buffer, format="PNG", pnginfo=comment)
    return buffer.getvalue()


# Where the digest of a file is recorded, and under which key.
_DIGESTS = {
    "scores.csv": ("submission.toml", "sha256"),
    "audit.csv": ("audit.toml", "sha256"),
    "shown.png": ("submission.toml", "png_sha256"),
    "shown.csv": ("submission.toml", "csv_sha256"),
}


def _with_digest(submission: Path, name: str) -> Callable[[], object]:
    """Read all of the submission once the digest of a changed file is put right."""
    description, key = _DIGESTS[name]
    file = submission / description

    def read() -> object:
        before = file.read_text()
        digest = hashlib.sha256((submission / name).read_bytes()).hexdigest()
        file.write_text(re.sub(rf'(?m)^{key} = ".*"', f'{key} = "{digest}"', before))
        try:
            return read_shown(check_submission(submission))
        finally:
            file.write_text(before)

    return read


def _images(outputs: Path, store: FakeStore, most: int = 3) -> None:
    checked = read_outputs(outputs, store)  # type: ignore[arg-type]
    reader = checked.reader()
    for image in checked.images[:most].tolist():
        reader.denoised(image)


def _compress(outputs: Path, name: str) -> None:
    array = outputs / "denoised.zarr" / "denoised"
    old = zarr.open_array(array, mode="r")[:]
    shutil.rmtree(array)
    codec = {
        "zstd": {"name": "zstd", "configuration": {"level": 1, "checksum": False}},
        "blosc": {
            "name": "blosc",
            "configuration": {
                "typesize": 4, "cname": "lz4", "clevel": 1, "shuffle": "shuffle", "blocksize": 0
            },
        },
    }[name]  # fmt: skip
    zarr.create_array(array, data=old, chunks=(1, *old.shape[1:]), compressors=codec)
