"""Untrusted arrays: only plain numbers of bounded size are read."""

from __future__ import annotations

import json
import pickle
import shutil
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import zarr
from hypothesis import given, strategies as st
from numcodecs import blosc, zstd
from ranking_fakes import FakeStore
from spoiled_outputs import assert_refused, edit_metadata, rewrite
from spoiled_submissions import QUICK

from tembench.core.errors import OutputError
from tembench.ranking.scoring.output_reader import read_outputs
from tembench.ranking.scoring.score import score_outputs

BLOSC = {
    "name": "blosc",
    "configuration": {
        "typesize": 4,
        "cname": "zstd",
        "clevel": 1,
        "shuffle": "shuffle",
        "blocksize": 0,
    },
}


def compressed(outputs: Path, codecs: list[dict[str, Any]]) -> None:
    old = zarr.open_group(outputs / "denoised.zarr", mode="r")["denoised"][:]
    shutil.rmtree(outputs / "denoised.zarr" / "denoised")
    array = zarr.create_array(
        outputs / "denoised.zarr" / "denoised", data=old, chunks=(1, 72, 72), compressors=codecs
    )
    assert array.metadata.zarr_format == 3


def double(outputs: Path) -> None:
    rewrite(outputs, lambda denoised: denoised.astype("f8"))


def complex_numbers(outputs: Path) -> None:
    rewrite(outputs, lambda denoised: denoised.astype("c8"))


def unwritten(outputs: Path) -> None:
    shutil.rmtree(outputs / "denoised.zarr" / "denoised" / "c" / "3")


def pickled_array(outputs: Path) -> None:
    """A Zarr v2 array of objects, whose codec unpickles."""
    shutil.rmtree(outputs / "denoised.zarr" / "denoised")
    array = outputs / "denoised.zarr" / "denoised"
    array.mkdir()
    (array / ".zarray").write_text(
        json.dumps(
            {
                "zarr_format": 2,
                "shape": [1],
                "chunks": [1],
                "dtype": "|O",
                "order": "C",
                "fill_value": None,
                "compressor": None,
                "filters": [{"id": "pickle"}],
            }
        )
    )
    (array / "0").write_bytes(pickle.dumps(["boom"]))


def pickle_codec(outputs: Path) -> None:
    edit_metadata(outputs, codecs=[{"name": "numcodecs.pickle", "configuration": {}}])


def object_dtype(outputs: Path) -> None:
    edit_metadata(outputs, data_type="object")


def huge_chunks(outputs: Path) -> None:
    grid = {"name": "regular", "configuration": {"chunk_shape": [10**6, 72, 72]}}
    edit_metadata(outputs, chunk_grid=grid)


def nonsense_metadata(outputs: Path) -> None:
    edit_metadata(outputs, codecs=["bytes"], shape="many")


def countless_images(outputs: Path) -> None:
    for name, shape in (("denoised", [10**12, 72, 72]), ("image", [10**12]), ("seconds", [10**12])):
        path = outputs / "denoised.zarr" / name / "zarr.json"
        path.write_text(json.dumps(json.loads(path.read_text()) | {"shape": shape}))


def bomb(outputs: Path, codec: str, data: bytes) -> None:
    edit_metadata(outputs, codecs=[{"name": "bytes"}, {"name": codec}])
    chunk = outputs / "denoised.zarr" / "denoised" / "c" / "4" / "0" / "0"
    chunk.write_bytes(data)


def zstd_bomb(outputs: Path) -> None:
    bomb(outputs, "zstd", zstd.compress(bytes(1 << 24), 1))


def zstd_bomb_of_unknown_size(outputs: Path) -> None:
    # Magic number, a descriptor without a content size, a window, one last empty block.
    bomb(outputs, "zstd", b"\x28\xb5\x2f\xfd\x00\x58\x01\x00\x00")


def zstd_bomb_behind_a_frame(outputs: Path) -> None:
    frame = zstd.compress(bytes(4 * 72 * 72), 1)
    bomb(outputs, "zstd", frame + zstd.compress(bytes(1 << 24), 1))


def blosc_bomb(outputs: Path) -> None:
    compressed(outputs, [BLOSC])
    chunk = outputs / "denoised.zarr" / "denoised" / "c" / "4" / "0" / "0"
    chunk.write_bytes(blosc.compress(bytes(1 << 24), b"zstd", 1, 1))


def compressed_twice(outputs: Path) -> None:
    edit_metadata(outputs, codecs=[{"name": "bytes"}, {"name": "zstd"}, {"name": "zstd"}])


def a_shard(outputs: Path) -> None:
    edit_metadata(outputs, codecs=[{"name": "sharding_indexed", "configuration": {}}])


def other_keys(outputs: Path) -> None:
    edit_metadata(outputs, chunk_key_encoding={"name": "v2"})


def a_type_that_is_no_name(outputs: Path) -> None:
    path = outputs / "denoised.zarr" / "image" / "zarr.json"
    data_type = {"name": "struct", "configuration": {}}
    path.write_text(json.dumps(json.loads(path.read_text()) | {"data_type": data_type}))


def a_type_that_is_a_riddle(outputs: Path) -> None:
    edit_metadata(outputs, data_type="(99999999999999,)f4")


def damaged_chunk(outputs: Path) -> None:
    chunk = outputs / "denoised.zarr" / "denoised" / "c" / "4" / "0" / "0"
    chunk.write_bytes(b"\x00" * 40)


@pytest.mark.slow
@pytest.mark.parametrize(
    "codecs",
    [
        [],
        [{"name": "zstd", "configuration": {"level": 3, "checksum": False}}],
        [{"name": "zstd", "configuration": {"level": 3, "checksum": True}}],
        [{"name": "zstd", "configuration": {"level": 3, "checksum": False}}, {"name": "crc32c"}],
        [{"name": "crc32c"}, BLOSC],
    ],
)
def test_plain_codecs_are_read(
    outputs: Path, store: FakeStore, codecs: list[dict[str, Any]]
) -> None:
    expected = score_outputs(outputs, store, workers=0).scores
    compressed(outputs, codecs)
    assert score_outputs(outputs, store, workers=0).scores.equals(expected)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (double, "wrong data type; expected float32, got float64"),
        (complex_numbers, "wrong data type; expected float32, got complex64"),
        (pickled_array, "not a Zarr v3 array"),
        (pickle_codec, "a codec that is not allowed.*got numcodecs.pickle"),
        (object_dtype, "wrong data type; expected float32, got object"),
        (huge_chunks, "chunks too large"),
        (nonsense_metadata, "not the metadata of a Zarr v3 array"),
        (damaged_chunk, "cannot be read"),
        (countless_images, "too many images; expected 10, got 1000000000000"),
        (zstd_bomb, "c/4/0/0: cannot be read.*expected at most 20740 bytes, got 16777216 bytes"),
        (zstd_bomb_of_unknown_size, "c/4/0/0: cannot be read.*got an unknown size"),
        (zstd_bomb_behind_a_frame, "c/4/0/0: cannot be read.*got an unknown size"),
        (blosc_bomb, "c/4/0/0: cannot be read.*expected at most 20740 bytes, got 16777216 bytes"),
        (compressed_twice, "compressed more than once"),
        (a_shard, "a codec that is not allowed.*got sharding_indexed"),
        (other_keys, "not a plain Zarr v3 array"),
        (a_type_that_is_no_name, "wrong data type"),
        (a_type_that_is_a_riddle, "wrong data type; expected float32"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_an_array_that_is_not_plain_is_refused(
    outputs: Path,
    store: FakeStore,
    monkeypatch: pytest.MonkeyPatch,
    spoil: Callable[[Path], None],
    message: str,
) -> None:
    spoil(outputs)
    assert_refused(outputs, store, monkeypatch, message)


def paths_into(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Paths to all values in nested tables and lists."""
    if not isinstance(value, dict | list):
        return [path]
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    return [path, *(found for key, one in inner for found in paths_into(one, (*path, key)))]


JSON = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-2, 2**70),
    st.sampled_from([[], {}, [[]], "", "blosc", "gzip", "float64", "NaN", -1.5, 1e308]),
)


@pytest.mark.slow
@QUICK
@given(st.data())
def test_any_metadata_of_an_array_are_read_or_refused(
    outputs: Path, store: FakeStore, data: st.DataObject
) -> None:
    file = (
        outputs / "denoised.zarr" / data.draw(st.sampled_from(["denoised", "image"])) / "zarr.json"
    )
    before = file.read_text()
    content = json.loads(before)
    place = data.draw(st.sampled_from([path for path in paths_into(content) if path]))
    inner = content
    for key in place[:-1]:
        inner = inner[key]
    inner[place[-1]] = data.draw(JSON)
    file.write_text(json.dumps(content))
    try:
        with suppress(OutputError):
            checked = read_outputs(outputs, store)  # type: ignore[arg-type]
            checked.reader().denoised(int(checked.images[0]))
    finally:
        file.write_text(before)
