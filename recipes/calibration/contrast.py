"""Fractions of the contrast classes in a store, compared with those of the released test images.

    python recipes/calibration/contrast.py STORE FACTORS.csv [--out FOLDER]

FACTORS.csv has the columns thickness, defocus and contrast, one line per image. Prints the
fractions by defocus and by thickness, and the total-variation distance (half the sum of the
absolute differences): over all images, averaged over the defoci, and averaged over the thicknesses.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import pandas as pd

from tembench.core import TembenchError, write_text
from tembench.dataset import open_store

CLASSES = ["black", "intermediate", "white"]


def shares(table: pd.DataFrame, by: str | None = None) -> pd.DataFrame:
    """Fraction of each class, one row per value of a factor."""
    groups = table.groupby(by) if by else [("all", table)]
    return (
        pd.DataFrame(
            {value: rows["contrast"].value_counts(normalize=True) for value, rows in groups}
        )
        .T.reindex(columns=CLASSES, fill_value=0.0)
        .fillna(0.0)
    )


def distances(ours: pd.DataFrame, theirs: pd.DataFrame) -> pd.Series:
    """Total-variation distance of the fractions in each row."""
    return (ours - theirs).abs().sum(axis=1) / 2


def main() -> None:
    """Print and write the comparison."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("store", type=Path)
    parser.add_argument("factors", type=Path)
    parser.add_argument("--out", type=Path, default=Path("runs/calibration"))
    arguments = parser.parse_args()
    try:
        table = open_store(arguments.store).table
        released = pd.read_csv(arguments.factors)
    except (TembenchError, OSError) as problem:
        parser.exit(2, f"Error: {problem}\n")
    ours = table.rename(columns={"thickness_A": "thickness", "defocus_nm": "defocus"})
    lines = []
    for by in ("defocus", "thickness"):
        mine, theirs = shares(ours, by), shares(released, by)
        apart = distances(mine, theirs)
        lines += [
            f"| {by} | ours: {', '.join(CLASSES)} | released | distance |",
            "|---|---|---|---|",
        ]
        for value in theirs.index:
            cells = [" ".join(f"{share:.2f}" for share in t.loc[value]) for t in (mine, theirs)]
            lines.append(f"| {value:g} | {cells[0]} | {cells[1]} | {apart[value]:.3f} |")
        lines += ["", f"Mean distance over {by}: {apart.mean():.3f}", ""]
    overall = distances(shares(ours), shares(released)).iloc[0]
    lines.append(f"Distance over all images: {overall:.3f}")
    text = "\n".join(lines) + "\n"
    write_text(arguments.out / "contrast.md", text)
    print(text)


if __name__ == "__main__":
    main()
