"""Figure of released images, ours and the difference, side by side."""

from __future__ import annotations

from pathlib import Path

import numpy as np


def draw(rows: list[tuple[str, np.ndarray, np.ndarray]], path: Path) -> None:
    """Write a figure with one row per image: released, ours, ours minus released.

    Parameters
    ----------
    rows : list of (name, released, ours)
        Images relative to vacuum, of equal shape.
    path : Path
        PNG to write.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(
        len(rows), 3, figsize=(9, 2.95 * len(rows)), squeeze=False, layout="constrained"
    )
    for line, (name, released, ours) in zip(axes, rows, strict=True):
        for axis, image, title in zip(
            line,
            (released, ours, ours - released),
            (f"released: {name[:24]}", "tembench", "difference"),
            strict=True,
        ):
            low, high = (0.5, 1.5) if title != "difference" else (-0.5, 0.5)
            axis.imshow(image, cmap="gray", vmin=low, vmax=high)
            axis.set_title(title, fontsize=9)
            axis.set_axis_off()
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=90)
    plt.close(figure)
