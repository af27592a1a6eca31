"""Check of `tembench apply gaussian` on awkward image files of a known image.

    python benchmarks/awkward_files.py [FOLDER] [--match PATTERN]

Writes the files into FOLDER (default: a temporary one): counts of one clean image of 511 x 509 px
at 0.06 Å and 2 electrons per pixel, in every format that is read, each with something awkward.
Denoises each in this process, as the command does, and prints a Markdown table: file, what is
awkward, what happened, and the verdict.

- ``right``: the result has the electrons of the file (to 1 %), its pixel sizes (to 0.5 %), its
  dose (to 5 %), its shape, the orientation of the clean image, and of a movie the interval.
- ``right, warned``: the same, where the program said what it did to the values.
- ``one clear line``: an error of one line with the words expected.
- ``FAULT``: anything else. The exit code is then 1.

The writers of .hspy, .zspy, .ser and .emd are those of the tests; pytest has to be installed.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from pathlib import Path

import numpy as np
from scipy import ndimage

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "micrographs"))
import awkward_stacks  # noqa: F401
from awkward_cases import CASES, DOSE_E_PER_PX, PIXEL_SIZE_A, Case

from tembench.core import TembenchError
from tembench.methods import load_method
from tembench.micrographs.denoising.file_record import read_record
from tembench.micrographs.domain import ReadyMethod
from tembench.micrographs.file_batches.batch import Batch
from tembench.micrographs.reading.file_options import FileOptions
from tembench.micrographs.reading.stack import open_stack

_SMOOTH_PX = 3
_LEAST_ALIKE = 0.9


def denoised(case: Case, path: Path, out: Path) -> tuple[Path, list[str]]:
    """Denoise a file; return the path of the result and the warnings."""
    warnings: list[str] = []
    source = ReadyMethod(method=load_method("gaussian"))
    batch = Batch(source=source, options=FileOptions(**case.options), workers=0)
    batch.run([path], out, say=lambda line: None, warn=lambda line: warnings.append(str(line)))
    (result,) = out.glob("*.tif")
    return result, warnings


def differences(case: Case, result: Path) -> tuple[str, list[str]]:
    """Return a summary of a result, and in what it differs from the truth."""
    with open_stack(result) as stack:
        image = stack.sum().astype(np.float64)
        sizes_A, frames, axis = stack.pixel_sizes_A or (0, 0), stack.n_frames, stack.frame_axis
    dose = read_record(result)["dose_e_per_px"]["value"] * frames
    electrons = image.sum() / case.electrons
    size = " x ".join(dict.fromkeys(f"{one:.4g}" for one in sizes_A))
    seen = f"{size} Å, {dose:.3g} e/px, {electrons:.4f} of the electrons"
    if axis is not None:
        seen += f", {frames} frames"
    if axis is not None and axis.units == "s":
        seen += f" at {axis.scale:g} s"
    wrong = []
    if image.shape != case.clean.shape:
        return seen, [f"shape {image.shape}"]
    if abs(electrons - 1) > case.within:
        wrong.append("electrons")
    if any(abs(a / b - 1) > 0.005 for a, b in zip(sizes_A, case.pixel_sizes_A, strict=True)):
        wrong.append("pixel size")
    if abs(dose / case.dose_e_per_px - 1) > max(0.05, case.within):
        wrong.append(f"dose, {case.dose_e_per_px:.3g} e/px in truth")
    if abs((axis.scale if axis and axis.units == "s" else 0) - case.interval_s) > 1e-6:
        wrong.append(f"interval, {case.interval_s:g} s in truth")
    # Hot pixels, which the program has to name, leave most of the image as it is.
    usual = np.minimum(image, 2 * dose)
    smooth = [ndimage.gaussian_filter(one, _SMOOTH_PX).ravel() for one in (usual, case.clean)]
    if np.corrcoef(*smooth)[0, 1] < _LEAST_ALIKE:
        wrong.append("orientation or content")
    return seen, wrong


def judged(case: Case, folder: Path) -> tuple[str, str]:
    """Write and denoise a case; return what happened, and the verdict."""
    path = case.write(folder)
    with tempfile.TemporaryDirectory() as out:
        try:
            result, warnings = denoised(case, path, Path(out))
        except TembenchError as problem:
            text = str(problem).replace(str(path), path.name)
            clear = case.line and re.search(case.line, text) and "\n" not in text
            return text, "one clear line" if clear else "FAULT"
        except Exception as problem:
            return f"{type(problem).__name__}: {problem}"[:300], "FAULT"
        seen, wrong = differences(case, result)
    said = [text.removeprefix(f"Warning: {path}: ") for text in warnings]
    told = "".join(f"; *{text}*" for text in said if re.search(case.warning or "^$", text))
    if wrong:
        told = "".join(f"; *{text}*" for text in said)
    if case.line and not case.right:
        return f"{seen}{told}", "FAULT: should be refused"
    if wrong:
        return f"{seen}{told}", f"FAULT: {', '.join(wrong)}"
    if case.warning and not told:
        return f"{seen}; said {said}", "FAULT: silent"
    return f"{seen}{told}", "right, warned" if told else "right"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--match", default="")
    arguments = parser.parse_args()
    faults = 0
    with tempfile.TemporaryDirectory() as scratch:
        folder = arguments.folder or Path(scratch)
        folder.mkdir(parents=True, exist_ok=True)
        print(f"Truth: {PIXEL_SIZE_A} Å, {DOSE_E_PER_PX} e/px in vacuum\n")
        print("| file | awkward | what happened | verdict |\n|---|---|---|---|")
        cases = [case for case in CASES if arguments.match in case.name]
        for case in cases:
            happened, verdict = judged(case, folder)
            faults += verdict.startswith("FAULT")
            options = "".join(
                f" --{name.replace('_', '-')} {value}" for name, value in case.options.items()
            )
            cells = (f"`{case.name}`{options}", case.awkward, happened, verdict)
            print("| " + " | ".join(cell.replace("|", "/") for cell in cells) + " |", flush=True)
    print(f"\n{len(cases)} files, {faults} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    main()
