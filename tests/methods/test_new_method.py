"""Folders of new methods: they run as they are written, and replace nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tembench.core.errors import MethodError
from tembench.methods.method import load_method
from tembench.methods.new_method import write_new_method
from tembench.methods.runs.apply import apply


def test_a_new_filter_denoises(tmp_path: Path, lattice, noisy_image) -> None:
    written = write_new_method(tmp_path / "my-method")
    assert [path.name for path in written] == ["method.toml", "method.py"]
    assert sorted(tmp_path.rglob("*")) == sorted([tmp_path / "my-method", *written])
    method = load_method(tmp_path / "my-method")
    assert (method.name, method.title, method.trainable) == ("my-method", "My method", False)
    assert method.search["sigma_A"]
    clean = lattice((96, 120))
    image = noisy_image(clean)
    out = apply(method, method.build(), image, "a test image")
    assert np.mean((out - clean) ** 2) < np.mean((image.counts - clean) ** 2) / 20


@pytest.mark.slow
def test_a_new_network_is_trainable_in_the_words_of_the_interface(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    from tembench.methods.training.config import TrainingConfig

    write_new_method(tmp_path / "my-net", trained=True)
    method = load_method(tmp_path / "my-net")
    assert method.trainable
    assert method.kind == "learned"
    method.check()
    assert TrainingConfig.from_parameters(method.settings()).steps == 1000
    named = set(TrainingConfig.__dataclass_fields__)
    assert method.parameters.keys() - named == {"layers", "channels", "shifts", "mirror"}


@pytest.mark.parametrize("trained", [False, True])
def test_the_contract_is_named_and_not_repeated(tmp_path: Path, trained: bool) -> None:
    _, code = write_new_method(tmp_path / "one", trained=trained)
    text = code.read_text()
    assert "`tembench.methods.protocol.Denoiser` is the contract" in text
    assert "$" not in text + (tmp_path / "one" / "method.toml").read_text()


def test_an_existing_path_is_kept(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("folder", "file", "link"):
        with pytest.raises(MethodError, match="exists already"):
            write_new_method(tmp_path / name)
    assert (tmp_path / "file").read_text() == "mine"
    assert not any((tmp_path / "folder").iterdir())


@pytest.mark.parametrize("name", ["My-Method", "a.b", "-a", "a" * 65, "é"])
def test_a_name_that_no_method_can_have_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(MethodError, match="cannot be the name of a method"):
        write_new_method(tmp_path / name)
    assert not any(tmp_path.iterdir())


def test_names_of_baselines_are_taken(tmp_path: Path) -> None:
    with pytest.raises(MethodError, match="comes with tembench"):
        write_new_method(tmp_path / "unet")
