"""Pictures of two reports of `tembench trust`, for docs/micrographs.md; needs Chromium.

python docs/trust_figures.py

One image of the benchmark is simulated, and denoised by the network that leads its closed track: as
it is, and turned by 90 degrees, which the network has never seen.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import tifffile
from PIL import Image

import tembench as tb

DOCS = Path(__file__).parent
METHOD, DOSE_E_PER_PX = "gated-unet", 0.45
FIGURES = {"trust-supported": 0, "trust-hallucinated": 1}
_SIZE = (1000, 1250)


def write_counts(path: Path, quarter_turns: int) -> Path:
    """Write counts of a simulated image of platinum on ceria as a camera would."""
    made = tb.simulate("quickstart", 0, images=1)
    clean = np.rot90(
        made.clean[0] * DOSE_E_PER_PX / made.table["dose_e_per_px"].iloc[0], quarter_turns
    )
    per_nm = 10 / made.pixel_size_A
    tifffile.imwrite(
        path,
        np.random.default_rng(1).poisson(clean).astype(np.uint8),
        imagej=True,
        resolution=(per_nm, per_nm),
        metadata={"unit": "nm"},
    )
    return path


def draw(name: str, quarter_turns: int) -> None:
    """Write a report and draw the top of its page; of the first, the figure of columns too."""
    with tempfile.TemporaryDirectory() as folder:
        image = write_counts(Path(folder) / "image.tif", quarter_turns)
        command = [sys.executable, "-m", "tembench", "trust", str(image), "--method", METHOD]
        subprocess.run([*command, "--out", f"{folder}/report"], check=True)
        if not quarter_turns:
            with Image.open(Path(folder) / "report" / "columns.png") as drawn:
                drawn.convert("RGB").quantize(64).save(DOCS / "trust-columns.png", optimize=True)
        picture = Path(folder) / "page.png"
        browser = ["chromium", "--headless=new", "--no-sandbox", "--hide-scrollbars"]
        size = f"--window-size={_SIZE[0]},{_SIZE[1]}"
        page = f"file://{folder}/report/report.html"
        subprocess.run([*browser, size, f"--screenshot={picture}", page], check=True)
        with Image.open(picture) as drawn:
            drawn.convert("RGB").quantize(256, method=Image.Quantize.MAXCOVERAGE).save(
                DOCS / f"{name}.png", optimize=True
            )


if __name__ == "__main__":
    for figure, turns in FIGURES.items():
        draw(figure, turns)
