"""The guard notices what it has to, or the table of hostile cases would prove nothing."""

from __future__ import annotations

import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hostile_case import SECRET
from hostile_formats import differences
from hostile_guard import guarded


def a_process(root: Path) -> None:
    subprocess.run([sys.executable, "-c", ""], check=True)


def an_object(root: Path) -> None:
    pickle.loads(pickle.dumps([1]))


def a_file_outside(root: Path) -> None:
    (root.parent / "outside").write_text("")


def a_folder_outside(root: Path) -> None:
    (root.parent / "another").mkdir()


def the_secret(root: Path) -> None:
    (root / "secret.txt").read_text()


def a_text_as_code(root: Path) -> None:
    eval(f"0 # {SECRET}")


def a_module(root: Path) -> None:
    exec(compile("1", str(root / "method.py"), "exec"))


@pytest.mark.parametrize(
    "do",
    [a_process, an_object, a_file_outside, a_folder_outside, the_secret, a_text_as_code, a_module],
    ids=lambda do: do.__name__,
)
def test_the_guard_notices(tmp_path: Path, do: Callable[[Path], None]) -> None:
    root = tmp_path / "root"
    root.mkdir()
    (root / "secret.txt").write_text(SECRET)
    with guarded(root) as found, suppress(AssertionError):
        do(root)
    assert found.broken


@pytest.mark.slow
def test_the_guard_allows_what_is_inside(tmp_path: Path) -> None:
    with guarded(tmp_path) as found:
        (tmp_path / "folder").mkdir()
        (tmp_path / "folder" / "file").write_text("x")
        held = bytearray(b"x") * (1 << 28)
    assert not found.broken
    # Some of it may have been the process's already.
    assert found.memory_MB > 200
    assert len(held) == 1 << 28


@pytest.mark.parametrize(
    ("form", "plain", "hostile"),
    [
        ("html", "<p>x</p>", "<p><img src=x></p>"),
        ("html", '<a href="#a">x</a>', '<a href="javascript:x">x</a>'),
        ("markdown", "| a |\n|---|\n| x |\n", "| a |\n|---|\n| ![x](y) |\n"),
        ("markdown", "x", "https://a.example"),
        ("markdown", "x", "@someone"),
        ("csv", "a,b\n1,x\n", "a,b\n1,=x\n"),
        ("csv", "a,b\n1,x\n", "a,b\n1,x,y\n"),
        ("json", '{"a": ""}', '{"a": "", "b": ""}'),
        ("terminal", "x", "\x1b[2J"),
        ("latex", "x & y", r"\input{z} & y"),
        ("latex", "x & y", "x & y & z"),
    ],
)
def test_a_format_with_another_structure_is_noticed(form: str, plain: str, hostile: str) -> None:
    assert differences({form: plain}, {form: hostile})
    assert not differences({form: plain}, {form: plain})
