"""Input store: the same images and outputs as the data set, and no truth."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import zarr
from drawn_recipes import SECRET

from tembench.core.errors import OutputError, StoreError, TembenchError
from tembench.dataset import Store, open_store
from tembench.dataset.generation.input_store import Inputs, open_inputs, write_inputs
from tembench.dataset.generation.opaque_numbers import own_numbers
from tembench.methods.method import load_method
from tembench.methods.runs.apply import view
from tembench.methods.runs.denoise import denoise
from tembench.ranking.scoring.score import score_outputs
from tembench.recipe import unsealed


@pytest.fixture
def store(tiny_store_path: Path) -> Store:
    return open_store(tiny_store_path)


@pytest.fixture
def inputs(store: Store, tmp_path: Path) -> Path:
    write_inputs(store, tmp_path / "inputs.zarr")
    return tmp_path / "inputs.zarr"


def arrays_of(outputs: Path) -> bytes:
    found = zarr.open_array(outputs / "denoised.zarr" / "denoised", mode="r")
    return np.asarray(found[...]).tobytes()


@pytest.mark.slow
def test_methods_have_the_same_inputs_and_outputs_as_on_the_store(
    store: Store, inputs: Path, tmp_path: Path
) -> None:
    alone = open_inputs(inputs)
    assert isinstance(alone, Inputs)
    for image in store.images():
        assert alone.noisy(image).dtype == store.noisy(image).dtype
        assert np.array_equal(alone.noisy(image), store.noisy(image))
        assert alone.dose_of(image) == store.dose_of(image)
        assert alone.series(image) == store.series(image)
    method = load_method("gaussian")
    first = denoise(method, store, tmp_path / "first", workers=0)
    second = denoise(method, alone, tmp_path / "second", workers=0)
    assert hashlib.sha256(arrays_of(first)).digest() == hashlib.sha256(arrays_of(second)).digest()
    identities = [
        dict(zarr.open_group(path / "denoised.zarr", mode="r").attrs) for path in (first, second)
    ]
    assert identities[0]["tembench_identity"] == identities[1]["tembench_identity"]


@pytest.mark.slow
def test_inputs_contain_no_truth(store: Store, inputs: Path) -> None:
    group = zarr.open_group(inputs, mode="r")
    assert set(group.array_keys()) == {
        "noisy", "image", "under_test", "series", "place", "whole_counts", "dose", "defocus_nm",
        "pixel_size_A", "digest",
    }  # fmt: skip
    assert not {"seed", "recipe_text"} & set(group.attrs)
    assert str(store.recipe.seed) not in [str(value) for value in group.attrs.values()]
    with pytest.raises(TembenchError, match="no clean image"):
        denoise(load_method("clean"), open_inputs(inputs), inputs.parent / "out", workers=0)
    with pytest.raises(StoreError, match="not a data set"):
        open_store(inputs)


@pytest.mark.slow
def test_inputs_contain_one_part_only(inputs: Path) -> None:
    with pytest.raises(StoreError, match="the test part of split model, which it contains"):
        open_inputs(inputs).images("model", "test-full")


@pytest.mark.slow
def test_a_lost_image_is_not_read_as_zeros(store: Store, inputs: Path) -> None:
    (inputs / "noisy" / "c" / "0" / "0" / "0").unlink()
    alone = open_inputs(inputs)
    first = int(alone.images()[0])
    with pytest.raises(StoreError, match=f"image {first} is damaged"):
        alone.noisy(first)


@pytest.mark.slow
def test_an_existing_folder_is_not_overwritten(store: Store, inputs: Path) -> None:
    with pytest.raises(StoreError, match="exists already"):
        write_inputs(store, inputs)


# --- drawn data sets ---

TOLD = {"pixel_size_A", "dose_e_per_px"}


@pytest.fixture
def sealed(sealed_store_path: Path) -> Store:
    return open_store(sealed_store_path)


@pytest.fixture
def handed_out(sealed: Store, tmp_path: Path) -> Path:
    write_inputs(sealed, tmp_path / "inputs.zarr")
    return tmp_path / "inputs.zarr"


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder as it lies there, and every array of its group decoded."""
    found = {str(f.relative_to(folder)): f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    group = zarr.open_group(folder, mode="r", use_consolidated=False)
    for name, array in group.arrays():
        found[f"{name}, decoded"] = np.ascontiguousarray(array[...]).tobytes()
    return found


def test_a_drawn_store_and_its_inputs_give_the_same_scores(
    sealed: Store, handed_out: Path, tmp_path: Path
) -> None:
    method, alone = load_method("gaussian"), open_inputs(handed_out)
    assert not set(alone.images()) & set(sealed.images())
    of_store = score_outputs(
        denoise(method, sealed, tmp_path / "one", workers=0), sealed, workers=0
    )
    of_inputs = score_outputs(
        denoise(method, alone, tmp_path / "other", workers=0), sealed, workers=0
    )
    assert of_inputs.scores["image"].tolist() == sealed.images().tolist()
    columns = ["image", "model", "psnr_db", "ssim"]
    assert of_inputs.scores[columns].equals(of_store.scores[columns])


def test_outputs_of_other_inputs_are_not_scored(
    sealed: Store, handed_out: Path, tmp_path: Path
) -> None:
    outputs = denoise(load_method("gaussian"), open_inputs(handed_out), tmp_path / "o", workers=0)
    numbers = zarr.open_array(outputs / "denoised.zarr" / "image", mode="r+")
    numbers[0] = int(np.asarray(numbers[0])) + 1024
    with pytest.raises(OutputError, match="1 of 8 images not in the test part"):
        score_outputs(outputs, sealed, workers=0)


@pytest.mark.parametrize("part", ["dev", "validation"])
def test_every_part_of_an_open_seed_can_be_handed_out(
    drawn_store_path: Path, tmp_path: Path, part: str
) -> None:
    store = open_store(drawn_store_path)
    assert write_inputs(store, tmp_path / "inputs", part=part) == 2
    own = own_numbers(store, open_inputs(tmp_path / "inputs").images("model", part))
    assert own.tolist() == store.images("model", part).tolist()


def test_drawn_inputs_have_the_values_that_are_meant_to_be_there(
    sealed: Store, handed_out: Path
) -> None:
    group = zarr.open_group(handed_out, mode="r")
    values = {name: np.asarray(array[...]) for name, array in group.arrays()}
    own = own_numbers(sealed, values["image"])
    assert (np.diff(values["image"]) > 0).all()
    expected = {
        "noisy": np.stack([sealed.noisy(i).astype(np.float32) for i in own]),
        "under_test": np.ones(len(own), dtype=bool),
        "series": np.repeat(np.arange(len(own) // 2), 2),
        "place": np.tile([0, 1], len(own) // 2),
        "whole_counts": np.array([sealed.noisy(i).dtype.kind == "u" for i in own]),
        "dose": np.array([sealed.dose_of(i) for i in own]),
        "pixel_size_A": np.array([sealed.pixel_size_of(i) for i in own]),
    }
    assert set(values) == {*expected, "image", "digest"}
    for name, there in expected.items():
        assert np.array_equal(values[name], there), name
    assert set(group.attrs) == {
        "tembench_inputs", "recipe", "version", "recipe_id", "ids", "is_drawn", "split", "part",
        "pixel_size_A", "dose_e_per_px", "series_axis", "counted_dtype",
    }  # fmt: skip
    for name, array in group.arrays():
        assert not set(array.attrs) - {"units"}, name


def test_no_byte_of_drawn_inputs_tells_the_secret_or_the_truth(
    sealed: Store, handed_out: Path
) -> None:
    secret = unsealed(sealed.recipe, SECRET, "here").secret
    assert secret is not None
    table = sealed.table
    hidden = [SECRET, secret.key, bytes.fromhex(secret.ids)]
    hidden += [one.hex().encode() for one in hidden] + [b'"seed"', b"sealed_ids", b"coordinates"]
    for name in ("model", *(n for n in table if table[n].dtype == object)):
        hidden += [str(value).encode() for value in set(table[name]) - {"test"} if len(value) > 3]
    for name in (n for n in table if table[n].dtype == float and n not in TOLD):
        numbers = {value for value in table[name] if np.isfinite(value) and value % 1}
        hidden += [number.tobytes() for number in map(np.float64, numbers)]
        hidden += [repr(float(number)).encode() for number in numbers]
    copies = [sealed.noisy_copy(int(i), c) for i in sealed.images()[:2] for c in (1, 2, 3)]
    images = [*copies, *(sealed.clean(int(i)) for i in sealed.images())]
    hidden += [image.astype(np.float32).tobytes() for image in images]
    assert len(hidden) > 100
    # The recipe's own name is public, and its id contains the commitment.
    public = sealed.recipe.name.encode()
    for place, content in contents(handed_out).items():
        for one in hidden:
            assert one not in content.replace(public, b""), (place, one[:60])


def test_names_and_times_of_files_tell_no_order(sealed: Store, handed_out: Path) -> None:
    number = len(sealed.images())
    chunks = [handed_out / "noisy" / "c" / str(i) / "0" / "0" for i in range(number)]
    assert all(chunk.is_file() for chunk in chunks)
    # Written one after the other in the order in which they lie there, which is shuffled.
    times = [chunk.stat().st_mtime_ns for chunk in chunks]
    assert times == sorted(times)
    everything = {path.name for path in handed_out.rglob("*")}
    group = zarr.open_group(handed_out, mode="r")
    assert everything <= {"c", "zarr.json", *map(str, range(number)), *group.array_keys()}


def test_the_organisers_store_does_not_contain_the_secret(sealed: Store) -> None:
    secret = unsealed(sealed.recipe, SECRET, "here").secret
    assert secret is not None
    for content in contents(sealed.path).values():
        for one in (SECRET, secret.key, secret.key.hex().encode()):
            assert one not in content


def test_frames_of_an_exposure_stay_a_series(sealed: Store, handed_out: Path) -> None:
    alone = open_inputs(handed_out)
    for image in alone.images():
        own = own_numbers(sealed, np.array(alone.series(int(image))))
        assert own.tolist() == sealed.series(int(own[0]))
    seen = view(replace(load_method("udvd"), input="series"), alone, int(alone.images()[3]))
    assert seen.series is not None
    assert seen.series.position == 1
    assert seen.series.values_nm == (0.0, 0.0)


def test_drawn_inputs_do_not_tell_the_defocus(handed_out: Path) -> None:
    alone = open_inputs(handed_out)
    with pytest.raises(StoreError, match=r"defocus of image \d+ is not told"):
        alone.defocus_of(int(alone.images()[0]))


def test_a_store_is_opened_as_before(tiny_store_path: Path, tmp_path: Path) -> None:
    assert isinstance(open_inputs(tiny_store_path), Store)
    with pytest.raises(StoreError, match="no such data set"):
        open_inputs(tmp_path / "nowhere")
