"""Hostile folders of outputs: metadata and chunks of their arrays, and what lies beside them."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from hostile_case import outputs_case
from numcodecs import blosc, zstd
from ranking_fakes import FakeStore
from spoiled_outputs import edit, edit_metadata, rewrite

from tembench.core.files import write_toml
from tembench.metrics import METRICS, versions

_SIDE = 72
_IMAGE_BYTES = 4 * _SIDE**2


def _array(outputs: Path, name: str = "denoised") -> Path:
    return outputs / "denoised.zarr" / name


def _chunk(outputs: Path) -> Path:
    return _array(outputs) / "c" / "4" / "0" / "0"


def _metadata(outputs: Path, content: bytes, name: str = "denoised") -> None:
    (_array(outputs, name) / "zarr.json").write_bytes(content)


@outputs_case(refused="not the metadata of a Zarr v3 array")
def metadata_nested_without_end(outputs: Path) -> None:
    """zarr.json with lists in lists, 100,000 deep."""
    _metadata(outputs, b'{"attributes": ' + b"[" * 100_000 + b"]" * 100_000 + b"}")


@outputs_case(refused="not a Zarr v3 array; expected a zarr.json")
def metadata_of_many_megabytes(outputs: Path) -> None:
    """zarr.json of 4 MB."""
    edit_metadata(outputs, attributes={"a": "x" * (4 << 20)})


@outputs_case(refused="not the metadata of a Zarr v3 array")
def metadata_that_are_no_text(outputs: Path) -> None:
    """zarr.json of random bytes."""
    _metadata(outputs, np.random.default_rng(0).bytes(1000))


@outputs_case(refused="not the metadata of a Zarr v3 array")
def metadata_that_are_a_list(outputs: Path) -> None:
    """zarr.json that is a list."""
    _metadata(outputs, b"[1, 2]")


@outputs_case(refused="not the metadata of a Zarr v3 array")
def side_of_many_digits(outputs: Path) -> None:
    """A side of 5,000 digits."""
    _metadata(outputs, b'{"shape": [' + b"9" * 5000 + b"]}")


@outputs_case(refused="a codec that is not allowed.*got numcodecs.pickle")
def codec_that_unpickles(outputs: Path) -> None:
    """The codec that unpickles, and a chunk that would run code."""
    edit_metadata(outputs, codecs=[{"name": "numcodecs.pickle", "configuration": {}}])
    _chunk(outputs).write_bytes(b"cos\nsystem\n(S'touch /tmp/hostile'\ntR.")


@outputs_case(refused="not a Zarr v3 array")
def array_of_objects(outputs: Path) -> None:
    """An array of Zarr v2 whose filter unpickles."""
    shutil.rmtree(_array(outputs))
    _array(outputs).mkdir()
    content = {
        "zarr_format": 2, "shape": [1], "chunks": [1], "dtype": "|O", "order": "C",
        "fill_value": None, "compressor": None, "filters": [{"id": "pickle"}],
    }  # fmt: skip
    (_array(outputs) / ".zarray").write_text(json.dumps(content))
    (_array(outputs) / "0").write_bytes(pickle.dumps(["boom"]))


def _codec(name: str, done: str, refused: str, **configuration: Any) -> None:
    def spoil(outputs: Path) -> None:
        codecs = [{"name": "bytes", "configuration": {"endian": "little"}}]
        edit_metadata(outputs, codecs=[*codecs, {"name": name, "configuration": configuration}])

    spoil.__name__ = f"codec {name}".replace(".", "_")
    spoil.__doc__ = done
    outputs_case(refused=refused)(spoil)


_codec("gzip", "A codec that does not say how much it unpacks.", "not allowed.*got gzip", level=1)
_codec("numcodecs.json2", "A codec of objects.", "not allowed.*got numcodecs.json2")
_codec("vlen-utf8", "A codec of texts.", "not allowed.*got vlen-utf8")
_codec("sharding_indexed", "Shards, whose index may point anywhere.", "not allowed.*got sharding")
_codec("os.system", "A codec named as a function.", r"not allowed.*got os\.system")
_codec("../../../etc", "A codec named as a path.", r"not allowed.*got \.\./")


@outputs_case(refused="compressed more than once")
def compressed_twice(outputs: Path) -> None:
    """Compressed twice: the inner one may unpack to anything."""
    edit_metadata(outputs, codecs=[{"name": "bytes"}, {"name": "zstd"}, {"name": "zstd"}])


@outputs_case(refused="cannot be read: ")
def axes_that_there_are_not(outputs: Path) -> None:
    """A transposition that names one axis three times."""
    transpose = {"name": "transpose", "configuration": {"order": [0, 0, 0]}}
    edit_metadata(outputs, codecs=[transpose, {"name": "bytes"}])


@outputs_case(refused="cannot be read: ")
def order_of_bytes_that_there_is_not(outputs: Path) -> None:
    """An order of bytes that there is not."""
    edit_metadata(outputs, codecs=[{"name": "bytes", "configuration": {"endian": "middle"}}])


@outputs_case()
def order_of_bytes_of_other_machines(outputs: Path) -> None:
    """Numbers with the most significant byte first, as the metadata say."""
    old = zarr.open_array(_array(outputs), mode="r")[:]
    shutil.rmtree(_array(outputs))
    serializer = zarr.codecs.BytesCodec(endian="big")
    zarr.create_array(_array(outputs), data=old, chunks=(1, 72, 72), serializer=serializer)


@outputs_case(refused="chunks too large; expected at most 16 MiB")
def chunk_larger_than_the_array(outputs: Path) -> None:
    """16 kB that unpack to a chunk of 518 MB, of which ten images are asked for."""
    images = 25_000
    grid = {"name": "regular", "configuration": {"chunk_shape": [images, _SIDE, _SIDE]}}
    edit_metadata(outputs, chunk_grid=grid, codecs=[{"name": "bytes"}, {"name": "zstd"}])
    shutil.rmtree(_array(outputs) / "c")
    (_array(outputs) / "c" / "0" / "0").mkdir(parents=True)
    # The content is never reached.
    (_array(outputs) / "c" / "0" / "0" / "0").write_bytes(zstd.compress(bytes(1 << 20), 1))


@outputs_case(refused="chunks too large; expected at most 16 MiB")
def numbers_in_a_huge_chunk(outputs: Path) -> None:
    """Ten numbers of images in a chunk of 60 million."""
    file = _array(outputs, "image") / "zarr.json"
    grid = {"name": "regular", "configuration": {"chunk_shape": [60_000_000]}}
    file.write_text(json.dumps(json.loads(file.read_text()) | {"chunk_grid": grid}))


@outputs_case(refused="too many images; expected 10, got 1000000000000")
def a_trillion_images(outputs: Path) -> None:
    """A shape of 10^12 images."""
    for name, shape in (("denoised", [10**12, 72, 72]), ("image", [10**12]), ("seconds", [10**12])):
        file = _array(outputs, name) / "zarr.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | {"shape": shape}))


@outputs_case(refused="impossible shape|wrong shape")
def shape_before_zero(outputs: Path) -> None:
    """A shape of -10 images."""
    edit_metadata(outputs, shape=[-10, 72, 72])


@outputs_case(refused="not the metadata of a Zarr v3 array")
def shape_of_halves(outputs: Path) -> None:
    """A shape that is no whole number."""
    edit_metadata(outputs, shape=[9.5, 72, 72])


@outputs_case(refused="wrong shape|impossible shape")
def thousands_of_axes(outputs: Path) -> None:
    """An array of 10,000 axes."""
    grid = {"name": "regular", "configuration": {"chunk_shape": [1] * 10_000}}
    edit_metadata(outputs, shape=[1] * 10_000, chunk_grid=grid)


@outputs_case(refused=r"wrong shape; expected \(images, 72, 72\), got \(10, 71, 72\)")
def smaller_images(outputs: Path) -> None:
    """Images of a row less."""
    rewrite(outputs, lambda denoised: denoised[:, :-1])


@outputs_case(refused="wrong data type; expected float32, got float64")
def numbers_of_another_size(outputs: Path) -> None:
    """Numbers of 64 bits."""
    rewrite(outputs, lambda denoised: denoised.astype("f8"))


@outputs_case(refused="wrong data type; expected float32, got object")
def type_of_objects(outputs: Path) -> None:
    """The type of Python's objects."""
    edit_metadata(outputs, data_type="object")


@outputs_case(refused="wrong data type; expected float32")
def type_of_arrays(outputs: Path) -> None:
    """A type that is an array of 10^14 numbers."""
    edit_metadata(outputs, data_type="(99999999999999,)f4")


@outputs_case(refused="wrong data type.*got float64")
def type_that_the_bytes_are_not(outputs: Path) -> None:
    """A type of other numbers than the chunks have."""
    edit_metadata(outputs, data_type="float64")


@outputs_case(refused="not a plain Zarr v3 array")
def keys_of_another_kind(outputs: Path) -> None:
    """Chunks under other names."""
    edit_metadata(outputs, chunk_key_encoding={"name": "v2", "configuration": {"separator": "."}})


@outputs_case(refused="not a plain Zarr v3 array")
def transformer_of_the_store(outputs: Path) -> None:
    """A transformer between the array and its files."""
    edit_metadata(outputs, storage_transformers=[{"name": "remote", "configuration": {}}])


@outputs_case(refused="not a plain Zarr v3 array|not the metadata")
def group_for_an_array(outputs: Path) -> None:
    """A group in the place of the array."""
    _metadata(outputs, b'{"zarr_format": 3, "node_type": "group", "attributes": {}}')


@outputs_case()
def metadata_of_the_group_that_lie(outputs: Path) -> None:
    """Metadata of the group that describe arrays of objects; they are not read."""
    file = outputs / "denoised.zarr" / "zarr.json"
    lies = {"metadata": {"denoised": {"data_type": "object", "codecs": [{"name": "pickle"}]}}}
    content = json.loads(file.read_text()) | {"consolidated_metadata": lies}
    file.write_text(json.dumps(content))


@outputs_case(said="1 images are missing and count as the worst")
def image_never_written(outputs: Path) -> None:
    """An image that was never written, and a fill value that would replace it."""
    shutil.rmtree(_array(outputs) / "c" / "3")
    edit_metadata(outputs, fill_value=0.45)


@outputs_case(said="1 images are missing and count as the worst")
def image_filled_with_less_than_nothing(outputs: Path) -> None:
    """The same with a negative fill value."""
    shutil.rmtree(_array(outputs) / "c" / "3")
    edit_metadata(outputs, fill_value=-1e30)


@outputs_case()
def chunks_outside_the_grid(outputs: Path) -> None:
    """Chunks that the array does not have, one of them a bomb; they are not read."""
    for name in ("99", "-1", "04"):
        (_array(outputs) / "c" / name / "0").mkdir(parents=True)
        (_array(outputs) / "c" / name / "0" / "0").write_bytes(zstd.compress(bytes(1 << 24), 1))


@outputs_case(refused="c/4/0/0 is a link")
def chunk_linked_to_another(outputs: Path) -> None:
    """A chunk that is a link to another."""
    _chunk(outputs).unlink()
    _chunk(outputs).symlink_to("../../3/0/0")


@outputs_case(refused="c/4/0/0 is a link that leads out of the folder")
def chunk_linked_to_a_secret(outputs: Path) -> None:
    """A chunk that is a link to a file outside."""
    _chunk(outputs).unlink()
    _chunk(outputs).symlink_to(outputs.parent / "secret.txt")


@outputs_case(refused="c/4 is a link")
def folder_of_chunks_linked(outputs: Path) -> None:
    """A folder of chunks that is a link, so that checks of their sizes would be passed by."""
    (outputs / "other").mkdir()
    shutil.move(_array(outputs) / "c" / "4", outputs / "other" / "4")
    (_array(outputs) / "c" / "4").symlink_to("../../../other/4")


@outputs_case(refused="denoised.zarr is a link that leads out of the folder")
def arrays_linked_to_another_folder(outputs: Path) -> None:
    """denoised.zarr is a link to the outputs of another."""
    shutil.move(outputs / "denoised.zarr", outputs.parent / "theirs")
    (outputs / "denoised.zarr").symlink_to("../theirs")


@outputs_case(refused="denoised.zarr is a link that leads out of the folder")
def arrays_linked_to_a_process(outputs: Path) -> None:
    """denoised.zarr is a link to /proc/self."""
    shutil.rmtree(outputs / "denoised.zarr")
    (outputs / "denoised.zarr").symlink_to("/proc/self")


@outputs_case(refused="c/4/0/0 is neither a file nor a folder")
def chunk_that_is_a_pipe(outputs: Path) -> None:
    """A chunk that is a pipe that nobody writes to."""
    _chunk(outputs).unlink()
    os.mkfifo(_chunk(outputs))


@outputs_case(said="1 images are missing and count as the worst")
def chunk_that_is_a_folder(outputs: Path) -> None:
    """A chunk that is a folder."""
    _chunk(outputs).unlink()
    _chunk(outputs).mkdir()


@outputs_case(refused="all images are missing")
def chunks_that_are_a_file(outputs: Path) -> None:
    """A file in the place of all chunks."""
    shutil.rmtree(_array(outputs) / "c")
    (_array(outputs) / "c").write_text("")


def _compressed(outputs: Path, codec: dict[str, Any] | None) -> None:
    """The same images with another compression."""
    old = zarr.open_array(_array(outputs), mode="r")[:]
    shutil.rmtree(_array(outputs))
    zarr.create_array(_array(outputs), data=old, chunks=(1, _SIDE, _SIDE), compressors=codec)


def _bomb(outputs: Path, data: bytes) -> None:
    """A chunk of these bytes among others of Zstandard."""
    assert b"zstd" in (_array(outputs) / "zarr.json").read_bytes()
    _chunk(outputs).write_bytes(data)


_BLOSC = {
    "name": "blosc",
    "configuration": {
        "typesize": 4, "cname": "zstd", "clevel": 1, "shuffle": "shuffle", "blocksize": 0
    },
}  # fmt: skip


@outputs_case(refused="c/4/0/0: cannot be read.*expected at most 20740 bytes, got 67108864 bytes")
def chunk_that_unpacks_to_megabytes(outputs: Path) -> None:
    """A chunk of Zstandard that unpacks to 64 MB."""
    _bomb(outputs, zstd.compress(bytes(1 << 26), 1))


@outputs_case(refused="c/4/0/0: cannot be read.*got an unknown size")
def chunk_that_does_not_say_its_size(outputs: Path) -> None:
    """A chunk of Zstandard whose header does not say what it unpacks to."""
    _bomb(outputs, b"\x28\xb5\x2f\xfd\x00\x58\x01\x00\x00")


@outputs_case(refused="c/4/0/0: cannot be read.*got an unknown size")
def second_frame_behind_a_chunk(outputs: Path) -> None:
    """A second frame of Zstandard behind the one that fits."""
    frame = zstd.compress(bytes(_IMAGE_BYTES), 1)
    _bomb(outputs, frame + zstd.compress(bytes(1 << 26), 1))


@outputs_case(refused="cannot be read")
def chunk_that_lies_about_its_size(outputs: Path) -> None:
    """A chunk of Zstandard whose header says less than it unpacks to."""
    data = bytearray(zstd.compress(bytes(_IMAGE_BYTES - 256), 1))
    _bomb(outputs, bytes(data))


@outputs_case(refused="c/4/0/0: cannot be read.*expected at most 20740 bytes, got 67108864 bytes")
def chunk_of_blosc_that_unpacks_to_megabytes(outputs: Path) -> None:
    """A chunk of Blosc that unpacks to 64 MB."""
    _compressed(outputs, _BLOSC)
    _chunk(outputs).write_bytes(blosc.compress(bytes(1 << 26), b"zstd", 1, 1))


@outputs_case(refused="c/4/0/0: cannot be read.*got an unknown size")
def chunk_of_blosc_that_ends_early(outputs: Path) -> None:
    """A chunk of Blosc that says that it is longer: memory behind it would become the image."""
    data = blosc.compress(os.urandom(_IMAGE_BYTES), b"lz4", 0, 0)
    _compressed(outputs, _BLOSC)
    _chunk(outputs).write_bytes(data[:100])


@outputs_case(refused="cannot be read")
def chunk_of_blosc_that_lies(outputs: Path) -> None:
    """A chunk of Blosc whose header says another size than its blocks have."""
    data = bytearray(blosc.compress(os.urandom(64) * 1000, b"lz4", 1, 1))
    data[4:8] = _IMAGE_BYTES.to_bytes(4, "little")
    _compressed(outputs, _BLOSC)
    _chunk(outputs).write_bytes(bytes(data))


@outputs_case(refused="cannot be read")
def chunk_cut_short(outputs: Path) -> None:
    """A chunk of Zstandard without its second half."""
    data = zstd.compress(os.urandom(_IMAGE_BYTES), 1)
    _bomb(outputs, data[: len(data) // 2])


@outputs_case(refused="cannot be read")
def chunk_of_the_wrong_length(outputs: Path) -> None:
    """Numbers that are not compressed, and too few."""
    _compressed(outputs, None)
    _chunk(outputs).write_bytes(bytes(100))


def _images(outputs: Path, change: Callable[[np.ndarray], Any]) -> None:
    numbers = zarr.open_array(_array(outputs, "image"), mode="r+")
    numbers[:] = change(numbers[:])


@outputs_case(refused="an image appears more than once")
def easy_image_denoised_twice(outputs: Path) -> None:
    """An image twice, in the place of another."""
    _images(outputs, lambda numbers: np.where(numbers == 5, 4, numbers))


@outputs_case(refused="images missing: 5|images not in the test part")
def images_of_the_training_denoised(outputs: Path) -> None:
    """An image of the training in the place of one under test."""
    _images(outputs, lambda numbers: np.where(numbers == 5, 0, numbers))


@outputs_case(refused="images missing|not in the test part|not among")
def image_numbers_before_zero(outputs: Path) -> None:
    """Numbers of images below zero."""
    _images(outputs, lambda numbers: numbers - 100)


@outputs_case(refused="images missing|not in the test part|not among|numbers")
def image_numbers_of_64_bits(outputs: Path) -> None:
    """Numbers of images near 2^61."""
    _images(outputs, lambda numbers: numbers + 2**61)


@outputs_case(refused="image 3 has 1 pixels that are NaN or infinite")
def pixel_that_is_no_number(outputs: Path) -> None:
    """A pixel that is not a number."""

    def change(denoised: np.ndarray) -> np.ndarray:
        denoised[1, 5, 5] = np.nan
        return denoised

    rewrite(outputs, change)


@outputs_case(refused="image 4 has 4 pixels that are NaN or infinite")
def pixels_without_end(outputs: Path) -> None:
    """Pixels that are infinite."""

    def change(denoised: np.ndarray) -> np.ndarray:
        denoised[2, 0, :4] = -np.inf
        return denoised

    rewrite(outputs, change)


def _clean(outputs: Path) -> np.ndarray:
    store = FakeStore()
    return np.stack([store.clean(image) for image in store.images().tolist()])


@outputs_case(said="clean image")
def clean_images(outputs: Path) -> None:
    """The clean images themselves."""
    rewrite(outputs, lambda denoised: _clean(outputs))


@outputs_case(said="clean image")
def nearly_clean_images(outputs: Path) -> None:
    """The clean images with noise that nobody sees."""
    noise = np.random.default_rng(0).normal(0, 2e-4, (10, _SIDE, _SIDE)).astype(np.float32)
    rewrite(outputs, lambda denoised: _clean(outputs) + noise)


@outputs_case(said="order|other images")
def images_in_another_order(outputs: Path) -> None:
    """Images in another order than their numbers."""
    rewrite(outputs, lambda denoised: np.roll(denoised, 3, axis=0))


@outputs_case(said="as if (in other units|multiplied)")
def images_for_a_screen(outputs: Path) -> None:
    """Images rescaled to 0-255."""

    def change(denoised: np.ndarray) -> np.ndarray:
        low, high = (end(axis=(1, 2), keepdims=True) for end in (denoised.min, denoised.max))
        return np.asarray(255 * (denoised - low) / (high - low), dtype=np.float32)

    rewrite(outputs, change)


@outputs_case(said="mirrored")
def images_in_a_mirror(outputs: Path) -> None:
    """Images mirrored from left to right."""
    rewrite(outputs, lambda denoised: denoised[:, :, ::-1])


@outputs_case(said="as if (in other units|multiplied)")
def images_without_bounds(outputs: Path) -> None:
    """Images of 10^30 electrons a pixel."""
    rewrite(outputs, lambda denoised: denoised * np.float32(1e30))


@outputs_case(refused="impossible times")
def times_before_zero(outputs: Path) -> None:
    """A negative time."""
    zarr.open_array(_array(outputs, "seconds"), mode="r+")[2] = -1.0


@outputs_case(refused="made from a store of another recipe")
def outputs_of_another_recipe(outputs: Path) -> None:
    """Outputs of another recipe."""
    edit(outputs, "data", recipe_id="0" * 64)


@outputs_case(refused="data.images disagrees with the split; expected 10, got 9")
def fewer_images_by_their_description(outputs: Path) -> None:
    """Fewer images in the description than in the arrays."""
    edit(outputs, "data", images=9)


@outputs_case(refused="data.split: expected one of model")
def split_of_ones_own(outputs: Path) -> None:
    """A split that there is not."""
    edit(outputs, "data", split="../../etc")


@outputs_case(refused="data.recipe: expected text that matches")
def recipe_that_is_a_path(outputs: Path) -> None:
    """A recipe named as a path."""
    edit(outputs, "data", recipe="../../etc/passwd")


@outputs_case()
def code_beside_the_arrays(outputs: Path) -> None:
    """Python files beside the arrays; nobody imports them."""
    for name in ("method.py", "conftest.py", "denoised.zarr/__init__.py", "zarr.py"):
        (outputs / name).write_text("raise SystemExit('executed')")


FORGED_PSNR_DB = 99.0


def _forged_row(image: int, model: str) -> dict[str, Any]:
    values = dict.fromkeys(METRICS, 0.5)
    return {"image": image, "model": model, **values, "psnr_db": FORGED_PSNR_DB, "seconds": 0.1}


def _old_fingerprint(outputs: Path) -> str:
    """Fingerprint by all that the maker of a folder can know and set."""
    root = outputs / "denoised.zarr"
    digest = hashlib.sha256(FakeStore().data_digest().encode())
    digest.update((outputs / "outputs.toml").read_bytes())
    for path in sorted(root.rglob("*")):
        if path.is_file():
            status, name = path.stat(), path.relative_to(root).as_posix()
            digest.update(f"{name}\0{status.st_size}\0{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


@outputs_case()
def forged_scores_beside_the_arrays(outputs: Path) -> None:
    """Scores of 99 dB beside the arrays, with the fingerprint that anyone can compute."""
    store = FakeStore()
    models = store.table["model"]
    rows = [_forged_row(image, models[image]) for image in store.images().tolist()]
    text = "\n".join(",".join(map(str, line)) for line in (rows[0], *(r.values() for r in rows)))
    (outputs / "scores.csv").write_text(text + "\n")
    (outputs / "panel.png").write_bytes(b"")
    content = tomllib.loads((outputs / "outputs.toml").read_text())
    digest = hashlib.sha256((outputs / "scores.csv").read_bytes()).hexdigest()
    scores = {"sha256": digest, "images": len(rows), "models": 4}
    write_toml(
        outputs / "scores.toml",
        content | {
            "fingerprint": _old_fingerprint(outputs), "metrics": versions(), "scores": scores
        },
    )  # fmt: skip


@outputs_case()
def forged_rows_of_an_interrupted_run(outputs: Path) -> None:
    """Rows of 99 dB in the file that an interrupted run resumes from."""
    store = FakeStore()
    head = {"fingerprint": _old_fingerprint(outputs), "metrics": versions()}
    models = store.table["model"]
    lines = [json.dumps(head, sort_keys=True)]
    lines += [json.dumps(_forged_row(image, models[image])) for image in store.images().tolist()]
    (outputs / "scores.part.jsonl").write_text("\n".join(lines) + "\n")
