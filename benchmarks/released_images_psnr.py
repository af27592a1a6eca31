"""PSNR of networks on clean images that the authors released, none of which is training data here.

    python benchmarks/released_images_psnr.py FOLDER [METHOD ...]

FOLDER contains the TIFFs. Shot noise is added with seed 1; the PSNR that `tembench apply` prints
is written to `docs/results/released-images.csv`, for the table in `docs/baselines.md`.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from pathlib import Path

RESULTS = Path(__file__).parent.parent / "docs" / "results" / "released-images.csv"
METHODS = ("unet", "gated-unet")


def denoise(method: str, path: Path) -> tuple[str, str]:
    """PSNR in dB of the noisy and of the denoised image, as printed."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tembench", "apply", method, str(path), "--out", folder]
        command += ["--add-noise", "--seed", "1"]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    noisy, denoised = (
        re.search(rf"\b{what} (-?\d+\.\d+) dB", printed).group(1) for what in ("noisy", "denoised")
    )
    return noisy, denoised


def main(folder: Path, methods: tuple[str, ...]) -> None:
    lines = ["image,method,noisy_psnr_db,psnr_db"]
    for path in sorted(folder.glob("*.tif"), key=lambda path: path.name.lower()):
        for method in methods:
            lines.append(",".join([path.name, method, *denoise(method, path)]))
            print(lines[-1], flush=True)
    RESULTS.write_text("\n".join(lines) + "\n", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), tuple(sys.argv[2:]) or METHODS)
