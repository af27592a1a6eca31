"""Check of `tembench apply` on every image file of a folder, against the truth.

    PYTHONPATH=EXTRA python benchmarks/denoise_file_folder.py FOLDER
        [--methods gaussian bm3d unet] [--limit-s 120] [--match PATTERN]

Runs ``tembench apply METHOD FILE --out FRESH`` for each file, in one process per method, and
reruns it with the options that the program asks for: a pixel size (``--pixel-size-A``),
``--frame 0``, ``--dataset 0``, ``--mask-outliers``, once each. Prints the file, whether it was
written or refused, the seconds, the options used and the last line that the program printed; then
the counts of each mark.

- ``FAULT``: a traceback, "bug in tembench", or a process that died;
- ``SLOW``: more than 30 s; ``TIME``: stopped at the limit;
- ``WRONG``: the result differs from the truth in its number of electrons (by 3 %) or in its
  orientation. The truth is NAME_truth.npy, else plain.npy or clean.npy in FOLDER where it
  resembles the second reading, else the values from a second reader (see
  compare_file_readers.py; needs mrcfile and ncempy).
- ``warned``: the same, for a file on which the program warned that the method was not trained;
- ``right``, or ``?`` where there is nothing to compare with: no truth, or no structure in it.

The exit code is 1 if any mark is in capitals.
"""

from __future__ import annotations

import argparse
import contextlib
import multiprocessing
import os
import re
import sys
import tempfile
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
import tifffile
from compare_file_readers import best_symmetry, image_files, second_reading
from scipy import ndimage

_SLOW_S = 30
_NEAR = 0.03
_SMOOTH_PX = 3
_LEAST_ALIKE = 0.3
# Below this correlation the image has too little structure to see its orientation.
_STRUCTURE = 0.5
# Smaller images are mostly edges, so their orientation cannot be determined.
_LEAST_PX = 5


def serve(orders: Connection) -> None:
    """Run command lines one after another and capture the output of each."""
    from tembench.cli import main

    for arguments in iter(orders.recv, None):
        with tempfile.TemporaryFile("w+") as log:
            kept = [os.dup(number) for number in (1, 2)]
            for number in (1, 2):
                os.dup2(log.fileno(), number)
            sys.argv = ["tembench", *arguments]
            code: object = 0
            try:
                main()
            except SystemExit as end:
                code = end.code
            sys.stdout.flush()
            sys.stderr.flush()
            for number, copy in zip((1, 2), kept, strict=True):
                os.dup2(copy, number)
                os.close(copy)
            log.seek(0)
            orders.send((code, log.read()))


class Worker:
    """A process that runs command lines; it is replaced if it dies or hangs."""

    def __init__(self, limit_s: float) -> None:
        self._limit_s = limit_s
        self._process: multiprocessing.process.BaseProcess | None = None

    def run(self, arguments: list[str]) -> tuple[object, str, float]:
        if self._process is None or not self._process.is_alive():
            context = multiprocessing.get_context("spawn")
            self._orders, theirs = context.Pipe()
            self._process = context.Process(target=serve, args=(theirs,), daemon=True)
            self._process.start()
            theirs.close()
        started = time.perf_counter()
        self._orders.send(arguments)
        code: object = "TIME"
        text = ""
        if self._orders.poll(self._limit_s):
            try:
                code, text = self._orders.recv()
            except EOFError:
                code, text = "FAULT", "the process died"
        if isinstance(code, str):
            self._process.kill()
            self._process.join()
        return code, text, time.perf_counter() - started

    def close(self) -> None:
        if self._process is not None and self._process.is_alive():
            self._orders.send(None)
            self._process.join()


def attempts(worker: Worker, method: str, file: Path, out: Path) -> tuple[object, str, float, list]:
    """Denoise a file, and retry with the options that the program asks for."""
    options: list[str] = []
    for number in range(4):
        folder = out / str(number)
        code, text, seconds = worker.run(
            ["apply", method, str(file), "--out", str(folder), *options]
        )
        needed = {
            "--pixel-size-A": "0.06" if "has no pixel size" in text else "",
            "--frame": "0" if "Choose one with --frame" in text else "",
            "--dataset": "0" if "Choose one with --dataset" in text else "",
        }
        more = [
            part
            for name, value in needed.items()
            if value and name not in options
            for part in (name, value)
        ]
        if "--mask-outliers replaces" in text:
            more.append("--mask-outliers")
        if not more:
            break
        options += more
    return code, text, seconds, [*options, str(folder)]


def truths(file: Path, frame: int) -> Iterator[np.ndarray]:
    """Images to compare the result with, the most reliable first."""
    own = file.with_name(f"{file.stem}_truth.npy")
    if own.is_file():
        yield np.load(own)
        return
    with contextlib.redirect_stderr(None):
        second = second_reading(file, 0, frame)
    for name in ("plain.npy", "clean.npy"):
        if (file.parent / name).is_file():
            yield np.load(file.parent / name)
    if second is not None and second[0].dtype.kind in "uifb":
        yield second[0]


def compared(file: Path, written: Path, frame: int, printed: str) -> str:
    """Compare a result with the truth: number of electrons, and orientation."""
    result = tifffile.imread(written).astype(np.float64)
    if min(result.shape) < _LEAST_PX:
        return "?"
    differences = []
    for truth in truths(file, frame):
        if any(abs(n - m) > 1 for n, m in zip(result.shape, truth.shape, strict=True)):
            ours, theirs = result, truth.astype(np.float64)
        else:
            # A packed row may lack its last pixel.
            rows, columns = np.minimum(result.shape, truth.shape)
            ours, theirs = result[:rows, :columns], truth[:rows, :columns].astype(np.float64)
        smooth = [ndimage.gaussian_filter(one, _SMOOTH_PX) for one in (ours, theirs)]
        how, alike = best_symmetry(*smooth)
        ratio = _ratio(ours, theirs)
        # At the edges, a resampled image shares electrons with its surroundings.
        near = _NEAR + 1 / min(ours.shape)
        same_orientation = how == "as stored" or (how == "transposed" and how in printed)
        if same_orientation and alike > _LEAST_ALIKE and abs(ratio - 1) < near:
            return "right" if how == "as stored" else f"right, {how} as printed"
        if ours.shape == theirs.shape and abs(ratio - 1) < near and alike < _STRUCTURE:
            return "?"
        differences.append(f"{how} {alike:.2f}, {ratio:.3g} times the electrons")
    if not differences:
        return "?"
    word = "warned" if "NOT WHAT" in printed else "WRONG"
    return f"{word} ({'; '.join(differences)})"


def _ratio(ours: np.ndarray, theirs: np.ndarray) -> float:
    """Ratio of electrons in the result and in the truth, without hot pixels and empty lines."""
    if ours.shape != theirs.shape or not theirs.any():
        return ours.mean() / theirs.mean() if theirs.any() else np.inf
    counted = theirs.any(axis=1)[:, None] & theirs.any(axis=0)
    usual = np.minimum(theirs, 20 * max(np.quantile(theirs, 0.99), 1))
    return ours[counted].mean() / usual[counted].mean()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--methods", nargs="+", default=["gaussian", "bm3d", "unet"])
    parser.add_argument("--limit-s", type=float, default=120.0)
    parser.add_argument("--match", default="")
    arguments = parser.parse_args()
    files = [file for file in image_files(arguments.folder) if arguments.match in file.name]
    tally: dict[str, int] = {}
    for method in arguments.methods:
        worker = Worker(arguments.limit_s)
        for file in files:
            with tempfile.TemporaryDirectory() as out:
                code, text, seconds, options = attempts(worker, method, file, Path(out))
                written = sorted(Path(options[-1]).glob("*.tif"))
                marks = ["written" if code == 0 else "refused"]
                if re.search("Traceback|bug in tembench", text) or code in ("FAULT", 1):
                    marks.append("FAULT")
                if code == "TIME":
                    marks.append("TIME")
                elif seconds > _SLOW_S:
                    marks.append("SLOW")
                if code == 0:
                    verdict = compared(file, written[0], 0, text) if written else "FAULT: no file"
                    marks.append(verdict)
            for mark in marks:
                word = mark.split()[0].strip(":,")
                tally[word] = tally.get(word, 0) + 1
            notes = [line for line in text.strip().splitlines() if line]
            shown = " | ".join(notes).replace(str(file), file.name).replace(out, "OUT")
            used = " ".join(options[:-1])
            name = str(file.relative_to(arguments.folder))[-34:]
            row = f"{method:9} {name:34} {' '.join(marks)}  {seconds:5.1f} s  {used}"
            print(f"{row}  {shown[:400]}")
            sys.stdout.flush()
        worker.close()
    print(", ".join(f"{count} {word}" for word, count in sorted(tally.items())))
    sys.exit(1 if {"FAULT", "SLOW", "TIME", "WRONG"} & set(tally) else 0)


if __name__ == "__main__":
    main()
