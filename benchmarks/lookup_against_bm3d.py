"""Look-up among the training images of a store against BM3D, by the number of images looked among.

python benchmarks/lookup_against_bm3d.py STORE                     # the split by model, all images
python benchmarks/lookup_against_bm3d.py STORE --split defect --images 60 --binning 4

A split is rankable where the look-up among all of its training images is no better than BM3D. How
its PSNR grows with their number shows how many more it would take.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path

import numpy as np

from tembench.dataset import open_store
from tembench.ranking import look_up_margin


def main() -> None:
    """Print a line for each number of training images, ten times as many each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store", type=Path)
    parser.add_argument("--split", default="model")
    parser.add_argument("--part", default="test")
    parser.add_argument("--images", type=int, default=0, help="of the test, spread evenly; 0: all")
    parser.add_argument("--binning", type=int, help="side of a block of the look-up, px")
    parser.add_argument("--folder", type=Path, help="for the binned images; default: temporary")
    chosen = parser.parse_args()
    store = open_store(chosen.store)
    train, test = (store.images(chosen.split, part) for part in ("train", chosen.part))
    if 0 < chosen.images < len(test):
        test = test[np.linspace(0, len(test) - 1, chosen.images).round().astype(int)]
    shuffled = np.random.default_rng(0).permutation(train)
    print(f"{store.recipe.name}, split {chosen.split}: {len(test)} images of the {chosen.part}")
    count = min(100, len(train))
    while True:
        before = time.process_time()
        found = look_up_margin(
            store,
            chosen.split,
            train=np.sort(shuffled[:count]),
            test=test,
            binning=chosen.binning,
            folder=chosen.folder,
        )
        seconds = time.process_time() - before
        wins = float(np.mean(found.look_up_db > found.bm3d_db))
        print(
            f"{count:6} training images: look-up {found.look_up_db.mean():.2f} dB, BM3D "
            f"{found.bm3d_db.mean():.2f} dB, margin {found.margin_db:+.2f} dB by models, better on "
            f"{wins:.0%}; {'not ' if not found.is_rankable else ''}rankable; {seconds:.0f} CPU s",
            flush=True,
        )
        if count == len(train):
            return
        count = min(10 * count, len(train))


if __name__ == "__main__":
    main()
