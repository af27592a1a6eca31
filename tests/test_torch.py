"""Pairs of noisy and clean images, also through torch's `DataLoader`."""

from __future__ import annotations

import pickle
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tembench.core.errors import StoreError
from tembench.dataset import Store, open_store
from tembench.torch import NoisyCleanPairs

# A worker made by spawn loads torch, which takes long on a busy machine; a hang takes for ever.
SECONDS = 300


@pytest.fixture(scope="module")
def store(tiny_store_path: Path) -> Store:
    return open_store(tiny_store_path)


def test_pairs_of_a_part_are_aligned(store: Store) -> None:
    found = list(store.pairs("model", "test"))
    assert [number for number, _, _ in found] == store.images("model", "test").tolist()
    # There are more noisy images than the part has.
    assert store.files.array("noisy").shape[0] > len(found)
    for number, noisy, clean in found:
        np.testing.assert_array_equal(noisy, store.noisy(number))
        np.testing.assert_array_equal(clean, store.clean(number))
        assert abs(float(noisy.mean()) - float(clean.mean())) < 0.02


def test_an_item_has_the_images_and_the_factors_of_its_number(store: Store) -> None:
    pairs = NoisyCleanPairs(store, "model", "test")
    assert len(pairs) == len(store.images())
    item = pairs[1]
    assert item["image"] == store.images()[1]
    assert item["noisy"].dtype == item["clean"].dtype == np.float32
    np.testing.assert_array_equal(item["clean"], store.clean(item["image"]))
    row = store.table.loc[item["image"]]
    assert item["factors"] == row.to_dict()
    assert {"particle", "defocus_nm", "contrast", "split_model"} <= set(item["factors"])


def test_the_noise_of_the_store_is_that_of_the_store(store: Store) -> None:
    for part in ("train", "validation", "test"):
        pairs = NoisyCleanPairs(store, "model", part, fresh_noise=False)
        for item in (pairs[0], pairs[-1]):
            np.testing.assert_array_equal(item["noisy"], store.noisy(item["image"]))


def test_noise_and_crops_depend_on_seed_epoch_and_image_alone(store: Store) -> None:
    def drawn(seed: int = 0, epoch: int = 0, index: int = 0) -> bytes:
        pairs = NoisyCleanPairs(store, seed=seed, crop=64)
        pairs.set_epoch(epoch)
        return pairs[index]["noisy"].tobytes()

    assert drawn() == drawn()
    assert len({drawn(), drawn(seed=1), drawn(epoch=1), drawn(index=1)}) == 4


def test_a_crop_is_a_piece_of_the_image(store: Store) -> None:
    pairs = NoisyCleanPairs(store, crop=40)
    item = pairs[0]
    assert item["noisy"].shape == item["clean"].shape == (40, 40)
    windows = np.lib.stride_tricks.sliding_window_view(store.clean(item["image"]), (40, 40))
    assert (windows == item["clean"]).all(axis=(2, 3)).any()
    places = []
    for epoch in range(8):
        pairs.set_epoch(epoch)
        places.append(pairs[0]["clean"].tobytes())
    assert len(set(places)) > 4
    assert NoisyCleanPairs(store, crop=store.shape[0])[0]["clean"].shape == store.shape


@pytest.mark.parametrize("dose", [0.01, 3000.0])
def test_a_dose_scales_both(store: Store, dose: float) -> None:
    item, usual = NoisyCleanPairs(store, dose=dose)[0], NoisyCleanPairs(store)[0]
    np.testing.assert_allclose(item["clean"], usual["clean"] * (dose / 0.45), rtol=1e-5)
    assert item["noisy"].mean() == pytest.approx(item["clean"].mean(), rel=0.2)
    assert item["factors"]["dose_e_per_px"] == dose
    assert usual["factors"]["dose_e_per_px"] == 0.45


def test_bins_have_the_sums_of_their_pixels(store: Store) -> None:
    for part, fresh in (("train", True), ("test", False)):
        fine = NoisyCleanPairs(store, "model", part, fresh_noise=fresh)[0]
        pairs = NoisyCleanPairs(store, "model", part, binning=8, fresh_noise=fresh)
        coarse = pairs[0]
        for name in ("clean", "noisy"):
            sums = fine[name].reshape(20, 8, 20, 8).sum((1, 3))
            if name == "clean" or not fresh:
                np.testing.assert_allclose(coarse[name], sums, rtol=1e-5)
            else:
                assert coarse[name].mean() == pytest.approx(sums.mean(), rel=0.05)
                assert (coarse[name] == np.rint(coarse[name])).all()
        assert "20 x 20 bins of 8 px" in repr(pairs)


def test_images_from_waves_are_those_of_the_store_at_their_defocus(store: Store) -> None:
    usual = NoisyCleanPairs(store)[1]
    defocus = usual["factors"]["defocus_nm"]
    same = NoisyCleanPairs(store, from_waves=(defocus, defocus))[1]
    # The store keeps images in steps of 2^-11 electrons.
    np.testing.assert_allclose(same["clean"], usual["clean"], atol=2**-11)
    other = NoisyCleanPairs(store, from_waves=(defocus + 2, defocus + 4), crop=40, binning=4)[1]
    assert defocus + 2 <= other["factors"]["defocus_nm"] <= defocus + 4
    assert other["clean"].shape == (40, 40)


def test_drawn_images_do_not_follow_from_their_waves(tiny_drawn_path: Path) -> None:
    with pytest.raises(StoreError, match="do not follow from the exit waves"):
        NoisyCleanPairs(tiny_drawn_path, from_waves=(1, 3))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"crop": 0}, "crop is not possible; expected from 1 to 160 px"),
        ({"crop": 161}, "got 161"),
        ({"crop": 64.0}, "crop is not possible"),
        ({"dose": float("nan")}, "dose is not possible; expected more than 0"),
        ({"dose": 0}, "dose is not possible"),
        ({"dose": 1.0, "fresh_noise": False}, "none with fresh_noise=False"),
        ({"seed": -1}, "seed is not possible"),
        ({"binning": 0}, "binning is not possible; expected from 1 to 160 px"),
        ({"crop": 21, "binning": 8}, "expected from 1 to 20 bins"),
        ({"from_waves": (3, 1)}, "from_waves is not possible; expected a least and a greatest"),
        ({"from_waves": (1, 3), "fresh_noise": False}, "none with fresh_noise=False"),
        ({"part": "tset"}, "no such part"),
    ],
)
def test_arguments_that_do_not_fit_are_refused(
    store: Store, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(StoreError, match=message):
        NoisyCleanPairs(store, **arguments)


@pytest.mark.slow
def test_a_lost_image_is_an_error_and_no_zeros(tiny_store_path: Path, tmp_path: Path) -> None:
    copy = Path(shutil.copytree(tiny_store_path, tmp_path / "copy.zarr"))
    pairs = NoisyCleanPairs(copy, "model", "test", fresh_noise=False)
    shutil.rmtree(copy / "noisy" / "c")
    with pytest.raises(StoreError, match=r"'noisy' is damaged at image 8.*--repair"):
        pairs[0]
    shutil.rmtree(copy / "clean" / "c")
    with pytest.raises(StoreError, match=r"'clean' is damaged at image 8.*--repair"):
        pairs[0]


@pytest.mark.slow
def test_pairs_are_pickled(tiny_store_path: Path, tmp_path: Path) -> None:
    file = tmp_path / "pairs.pickle"
    code = (
        "import pickle, sys; from tembench.torch import NoisyCleanPairs\n"
        f"pairs = NoisyCleanPairs({str(tiny_store_path)!r}); pairs[0]\n"
        f"open({str(file)!r}, 'wb').write(pickle.dumps(pairs))"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=SECONDS)
    again = pickle.loads(file.read_bytes())
    fresh = NoisyCleanPairs(tiny_store_path)
    np.testing.assert_array_equal(again[2]["noisy"], fresh[2]["noisy"])
    assert repr(again) == repr(fresh)
    assert "4 of 160 x 160 px, train part of split model, fresh noise of epoch 0" in repr(fresh)


LOADER = """
import sys
import torch
from tembench.torch import NoisyCleanPairs
from tembench.dataset import open_store

if __name__ == "__main__":
    # Zarr's threads are there and have worked before the workers are made.
    store = open_store(sys.argv[1])
    assert store.waves(0).any() and len(store.table)
    for part in sys.argv[3:]:
        pairs = NoisyCleanPairs(store, "paper", part, crop=96, fresh_noise=part == "train")
        loader = torch.utils.data.DataLoader(
            pairs, batch_size=2, num_workers=2, multiprocessing_context=sys.argv[2]
        )
        numbers = []
        for batch in loader:
            for place, number in enumerate(batch["image"].tolist()):
                here = pairs[pairs.images.tolist().index(number)]
                for name in ("noisy", "clean"):
                    assert batch[name].dtype == torch.float32
                    assert (batch[name][place].numpy() == here[name]).all()
                assert batch["factors"]["model"][place] == here["factors"]["model"]
            numbers += batch["image"].tolist()
        assert numbers == pairs.images.tolist()
"""


@pytest.mark.parametrize(
    "arguments",
    [("fork", "train", "test"), pytest.param(("spawn", "train"), marks=pytest.mark.slow)],
    ids=["fork", "spawn"],
)
def test_a_loader_with_workers_ends(
    tiny_store_path: Path, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    pytest.importorskip("torch")
    script = tmp_path / "loader.py"
    script.write_text(LOADER)
    result = subprocess.run(
        [sys.executable, script, tiny_store_path, *arguments],
        capture_output=True,
        text=True,
        timeout=SECONDS,
    )
    assert result.returncode == 0, result.stderr
