"""Packages that are not installed: one error, with the command that installs them."""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

import tembench.core.environment as environment
from tembench.core.environment import install_command, installed, missing_package
from tembench.core.errors import MissingPackage
from tembench.methods.method import load_method
from tembench.methods.protocol import NoisyImage
from tembench.micrographs.reading.read_image import read_micrograph
from tembench.pipeline import _choose


class _Hidden:
    """Finds some packages missing, as the system does that has none."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def find_spec(self, name: str, *_: Any) -> importlib.machinery.ModuleSpec | None:
        if name.partition(".")[0] in self.names:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return None


@pytest.fixture
def hide(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def hide(*names: str) -> None:
        for module in list(sys.modules):
            # Modules that have imported it are imported again.
            if module.partition(".")[0] in names or f"{module}.".startswith(
                ("tembench.methods.", "tembench.micrographs.formats.")
            ):
                monkeypatch.delitem(sys.modules, module)
            if module.startswith("tembench_method_"):
                monkeypatch.delitem(sys.modules, module)
        monkeypatch.setattr(sys, "meta_path", [_Hidden(*names), *sys.meta_path])

    return hide


@pytest.mark.slow
@pytest.mark.parametrize("package", ["torch", "safetensors"])
def test_a_network_without_torch_says_what_to_install(
    package: str, hide: Callable[..., None]
) -> None:
    method = load_method("unet")
    hide(package)
    with pytest.raises(MissingPackage) as caught:
        method.build()
    message = str(caught.value)
    assert message.startswith(f"method unet: needs the package {package}, which is not installed")
    assert "pip install" in message
    assert "torch" in message.partition("pip install")[2]
    assert caught.value.exit_code == 9


def test_a_third_party_method_names_the_package_it_lacks(write_method: Any) -> None:
    first = write_method(python="import no_such_module_at_all.part\ndef build(p): ...")
    with pytest.raises(MissingPackage, match=r"method mine: .*pip install no_such_module_at_all$"):
        load_method(first).build()
    late = """
class Late:
    def denoise(self, image):
        import no_such_module_at_all
def build(parameters):
    return Late()
"""
    from tembench.methods.runs.apply import apply

    method = load_method(write_method(python=late, name="late"))
    image = NoisyImage(counts=np.ones((2, 2), np.uint8), pixel_size_A=0.1, dose_e_per_px=1.0)
    with pytest.raises(MissingPackage, match="no_such_module_at_all"):
        apply(method, method.build(), image, "a.tif")


def test_a_misspelt_module_is_not_a_missing_package() -> None:
    for name in ("torch.no_such_part", "tembench.no_such_part", "tembench_method_12.neighbour"):
        assert (
            missing_package(ModuleNotFoundError(f"No module named {name}", name=name), "x") is None
        )
    assert missing_package(ImportError("libcudart.so.12: cannot open"), "x") is None
    assert missing_package(ValueError("a large package"), "x") is None


@pytest.mark.slow
def test_a_run_leaves_networks_out_and_refuses_those_asked_for(hide: Callable[..., None]) -> None:
    said: list[str] = []
    hide("torch")
    chosen = [method.name for method in _choose((), said.append)]
    assert "unet" not in chosen
    assert "bm3d" in chosen
    assert any(line.startswith("unet: left out, needs the package torch") for line in said)
    with pytest.raises(MissingPackage, match="method unet"):
        _choose(("unet",), said.append)


def test_a_reader_of_files_that_is_missing_is_named(
    tmp_path: Path, hide: Callable[..., None]
) -> None:
    import numpy as np

    tifffile.imwrite(tmp_path / "a.tif", np.ones((8, 8), np.uint8))
    hide("tifffile")
    with pytest.raises(Exception, match="needs the package tifffile") as caught:
        read_micrograph(tmp_path / "a.tif", pixel_size_A=0.1)
    assert type(caught.value).__name__ == "MissingPackage"
    assert str(caught.value).startswith(str(tmp_path / "a.tif"))
    problem = ValueError("<COMPRESSION.LZW: 5> requires the 'no_such_codecs' package")
    assert "no_such_codecs" in str(missing_package(problem, "a file .tif"))


def test_the_command_installs_from_where_the_program_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkout = Path(environment.__file__).parents[2]
    assert install_command("safetensors") == f"pip install -e '{checkout}[torch]'"
    assert install_command("cupyx") == f"pip install -e '{checkout}[cuda]'"
    assert install_command("pyarrow") == f"pip install -e '{checkout}[parquet]'"
    # In a wheel there is no pyproject.toml beside the package, and tembench is on no registry.
    monkeypatch.setattr(
        environment, "__file__", str(tmp_path / "tembench" / "core" / "environment.py")
    )
    stated = ["numpy>=2.0", "safetensors>=0.5; extra == 'torch'", 'torch>=2.5; extra == "torch"']
    monkeypatch.setattr("importlib.metadata.requires", lambda name: stated)
    assert install_command("torch") == "pip install 'safetensors>=0.5' 'torch>=2.5'"
    assert install_command("cupy") == "pip install cupy-cuda12x"
    assert install_command("skimage") == "pip install scikit-image"


def test_no_text_names_an_extra_of_a_registry() -> None:
    folder = Path(environment.__file__).parents[2]
    files = [*folder.glob("*.md"), *folder.glob("docs/*.md"), *folder.glob("tembench/**/*.py")]
    assert len(files) > 100
    wrong = "pip install '" + "tembench["
    assert not [path for path in files if wrong in path.read_text(encoding="utf-8")]


def test_a_module_blocked_by_name_counts_as_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    assert installed("json")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    assert not installed("pyarrow")
