"""Seed files: created for their owner alone, never overwritten, and refused where they are weak."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tembench.core.errors import RecipeError
from tembench.recipe.seal_file import create_seal_file, read_seal_file


def written(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.write_bytes(content)
    path.chmod(mode)
    return path


def test_a_new_file_has_256_random_bits_that_its_owner_alone_may_read(tmp_path: Path) -> None:
    create_seal_file(tmp_path / "one")
    create_seal_file(tmp_path / "other")
    one, other = (read_seal_file(tmp_path / name) for name in ("one", "other"))
    assert one != other
    assert len(bytes.fromhex(one.decode())) == 32
    assert stat.S_IMODE((tmp_path / "one").stat().st_mode) == 0o600


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    file = written(tmp_path / "seed", b"kept")
    with pytest.raises(RecipeError, match="exists already"):
        create_seal_file(file)
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    with pytest.raises(RecipeError, match="exists already"):
        create_seal_file(tmp_path / "link")
    with pytest.raises(RecipeError, match="no such folder"):
        create_seal_file(tmp_path / "no" / "seed")
    assert file.read_bytes() == b"kept"


def test_white_space_around_a_seed_does_not_count(tmp_path: Path) -> None:
    seed = bytes(range(65, 65 + 32))
    plain = read_seal_file(written(tmp_path / "plain", seed))
    assert read_seal_file(written(tmp_path / "windows", b"\n" + seed + b"\r\n")) == plain == seed


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"0123456789abcdef0123456789abcde", "expected 32 to 4096 bytes, got 31"),
        (b"0123456789" * 500, "more than 4096"),
        (b"2027" * 16, "easily guessed; expected at least 8 different characters, got 3"),
    ],
)
def test_a_weak_seed_is_refused_with_a_way_to_a_better_one(
    tmp_path: Path, content: bytes, message: str
) -> None:
    file = written(tmp_path / "seed", content)
    with pytest.raises(RecipeError, match=message) as problem:
        read_seal_file(file)
    assert "tembench seal" in str(problem.value)
    assert not content.strip() or content.strip().decode() not in str(problem.value)


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(RecipeError, match=r"no such seed file\. Create one with: tembench seal"):
        read_seal_file(tmp_path / "seed")
    with pytest.raises(RecipeError, match="not a file"):
        read_seal_file(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
@pytest.mark.parametrize("mode", [0o644, 0o640, 0o620, 0o604])
def test_a_seed_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    file = written(tmp_path / "seed", bytes(range(40)), mode)
    with pytest.raises(RecipeError, match=f"got {mode:o}.*chmod 600"):
        read_seal_file(file)
