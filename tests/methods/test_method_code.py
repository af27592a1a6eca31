"""Code of a method's folder: inspected, imported, hashed."""

from __future__ import annotations

import shutil

from methods_fakes import load_refusal, refusal

from tembench.core.errors import OutputError
from tembench.methods.method import load_method
from tembench.methods.runs import denoise as run


def test_a_data_file_of_a_method_counts_as_its_code(store, write_method, tmp_path):
    folder = write_method()
    plain = load_method(folder).code_digest()
    for name in ("weights/w.bin", "__pycache__/m.pyc", ".DS_Store", ".git/x", "out/outputs.toml"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("x")
    assert load_method(folder).code_digest() == plain
    shutil.rmtree(folder / "weights")
    out = run.denoise(load_method(folder), store, tmp_path / "outputs", workers=0)
    (folder / "kernel.npy").write_text("x")
    text = refusal(OutputError, run.denoise, load_method(folder), store, out, workers=0)
    assert ": code differ" in text
    (folder / "kernel.npy").unlink()
    shutil.move(folder / "out", folder / "data")
    assert load_method(folder).code_digest() == plain


def test_neighbours_are_imported_and_equal_names_do_not_mix(write_method, tmp_path):
    folders = []
    for number in (1, 2):
        (tmp_path / str(number)).mkdir()
        folder = write_method(
            python="from .helper import NUMBER\n"
            "def build(parameters):\n"
            "    class D:\n"
            "        number = NUMBER\n"
            "        def denoise(self, image): ...\n"
            "    return D()\n",
            name=f"{number}/mine",
        )
        (folder / "helper.py").write_text(f"NUMBER = {number}\n")
        folders.append(folder)
    assert [load_method(folder).build().number for folder in folders] == [1, 2]


def test_no_python(write_method):
    assert "is not Python" in load_refusal(write_method(python="def build(:"))


def test_trainable_is_seen_from_the_code(write_method):
    python = "def build(p): ...\ndef train(parameters, data, folder): ..."
    assert load_method(write_method(python=python)).trainable
    assert not load_method("gaussian").trainable


def test_the_digest_follows_the_code(write_method):
    folder = write_method()
    before = load_method(folder).code_digest()
    assert load_method(folder).code_digest() == before
    (folder / "extra.py").write_text("x = 1\n")
    assert load_method(folder).code_digest() != before
