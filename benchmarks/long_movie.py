"""A movie of 2,000 frames of 1024 x 1024 px through `tembench apply`: time, memory, resumption.

    python benchmarks/long_movie.py bm3d unet-open --folder /tmp/long-movie

The movie (2.1 GB) is drawn once: counts of a drifting lattice beside vacuum, 0.45 e/px. For each
method the command is killed after a twentieth of the frames and run again; then the result is
compared with frames denoised alone, and opened lazily by HyperSpy where that is installed. Prints a
table. The results take 8.4 GB each, and are removed unless ``--keep`` is given.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import tifffile

from tembench.core import markdown_table
from tembench.micrographs.movies.unfinished_movie import work_folder

PIXEL_SIZE_A, DOSE_E_PER_PX, INTERVAL_S = 0.0625, 0.45, 0.0025
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


def drawn_movie(path: Path, frames: int, side: int) -> Path:
    """Write the movie as ImageJ does, unless it is there."""
    if path.exists():
        return path
    y, x = np.mgrid[:side, : side + frames // 8 + 1] * PIXEL_SIZE_A
    columns = np.cos(2 * np.pi * x / 2.3) * np.cos(2 * np.pi * y / 2.0)
    clean = DOSE_E_PER_PX * np.where(y > side * PIXEL_SIZE_A / 4, 0.8 - 0.2 * columns, 1.0)
    generator = np.random.default_rng(1)
    aside = path.with_suffix(".part.tif")
    tifffile.imwrite(
        aside,
        shape=(frames, side, side),
        dtype=np.uint8,
        imagej=True,
        resolution=(10 / PIXEL_SIZE_A, 10 / PIXEL_SIZE_A),
        metadata={"axes": "TYX", "unit": "nm", "finterval": INTERVAL_S},
    )
    with tifffile.TiffFile(aside) as file:
        offset = file.series[0].dataoffset
    values = np.memmap(aside, np.uint8, "r+", offset, (frames, side, side))
    for number in range(frames):
        shifted = clean[:, number // 8 : number // 8 + side]
        values[number] = generator.poisson(shifted).clip(0, 255)
    values.flush()
    aside.rename(path)
    return path


def memory_bytes(process: int) -> int:
    """Return the resident memory of a process and of all that it started."""
    total, waiting = 0, [process]
    while waiting:
        number = waiting.pop()
        try:
            pages = int(Path(f"/proc/{number}/statm").read_text().split()[1])
            shared = int(Path(f"/proc/{number}/statm").read_text().split()[2])
            for thread in Path(f"/proc/{number}/task").iterdir():
                waiting += map(int, (thread / "children").read_text().split())
        except (OSError, ValueError):
            continue
        # Pages of files, such as the movie, that the system may drop at any time are not counted.
        total += (pages - shared) * PAGE_BYTES
    return total


def run(command: list[str], *, kill_after: tuple[Path, int] | None = None) -> tuple[float, int]:
    """Run a command; return its time in seconds and the largest memory of its processes."""
    start, most = time.perf_counter(), 0
    process = subprocess.Popen(command)
    while process.poll() is None:
        most = max(most, memory_bytes(process.pid))
        if kill_after is not None:
            noted, frames = kill_after
            if noted.is_file() and len(noted.read_text().splitlines()) >= frames:
                process.send_signal(signal.SIGKILL)
        time.sleep(0.25)
    return time.perf_counter() - start, most


def measured(method: str, movie: Path, arguments: argparse.Namespace) -> list[str]:
    """Denoise the movie with one method, killed once; return a row of the table."""
    output = arguments.folder / f"movie.{method}.tif"
    noted = work_folder(output) / "done.txt"
    command = [sys.executable, "-m", "tembench", "apply", method, str(movie)]
    command += ["--out", str(output), "--workers", str(arguments.workers)]
    before, memory = run(command, kill_after=(noted, arguments.frames // 20))
    kept = len(noted.read_text().splitlines())
    after, memory_after = run(command)
    with tifffile.TiffFile(output) as file:
        series = file.series[0]
        shape, size = series.shape, output.stat().st_size
        values = np.memmap(output, "<f4", "r", series.dataoffset, shape)
        total = sum(float(values[i].sum(dtype=np.float64)) for i in range(0, len(values), 50))
    counts = np.memmap(movie, np.uint8, "r", offset_of(movie), shape)
    given = sum(int(counts[i].sum(dtype=np.int64)) for i in range(0, len(counts), 50))
    row = [
        method,
        " x ".join(map(str, shape)),
        f"{before + after:.0f}",
        f"{kept}",
        f"{max(memory, memory_after) / 1e9:.2f}",
        f"{size / 1e9:.2f}",
        f"{total / given - 1:+.4f}",
        opened_by_hyperspy(output),
    ]
    if not arguments.keep:
        output.unlink()
    return row


def offset_of(path: Path) -> int:
    with tifffile.TiffFile(path) as file:
        return int(file.series[0].dataoffset or 0)


def opened_by_hyperspy(path: Path) -> str:
    try:
        import hyperspy.api as hs
    except ImportError:
        return "not installed"
    signal_2d = hs.load(path, lazy=True)
    y, x = signal_2d.axes_manager.signal_axes[1], signal_2d.axes_manager.signal_axes[0]
    return f"{signal_2d.data.shape}, {y.scale:g} x {x.scale:g} {x.units}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("methods", nargs="+")
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--frames", type=int, default=2000)
    parser.add_argument("--side", type=int, default=1024)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    size = f"{arguments.frames}x{arguments.side}"
    movie = drawn_movie(arguments.folder / f"movie-{size}.tif", arguments.frames, arguments.side)
    rows = []
    for method in arguments.methods:
        output = arguments.folder / f"movie.{method}.tif"
        shutil.rmtree(work_folder(output), ignore_errors=True)
        output.unlink(missing_ok=True)
        rows.append(measured(method, movie, arguments))
        print(rows[-1], flush=True)
    names = [
        "method", "frames, y, x", "seconds", "frames kept at the kill", "peak memory, GB",
        "result, GB", "electrons gained", "HyperSpy",
    ]  # fmt: skip
    print(markdown_table([names, *rows]))


if __name__ == "__main__":
    main()
