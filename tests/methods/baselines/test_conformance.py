"""Contract of every folder in ``baselines/``: ours and, copied there, a third-party method."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from onnx_files import BOX_FILTER

from tembench.core.errors import MethodError
from tembench.core.paths import baselines_folder
from tembench.methods.method import Method, load_method
from tembench.methods.protocol import Denoiser, NoisyImage, NoisySeries, TrainingData
from tembench.methods.runs.apply import apply

# A minimal training: it shows that training, weights and denoising fit together.
_TINY_TRAINING = {
    "steps": 2,
    # A normalisation over the batch needs two values, where the coarsest scale is one bin.
    "batch": 2,
    "crop": 8,
    "samples": "images",
    "device": "cpu",
    "scales": 2,
    "channels": 4,
    "layers": 3,
    "members": 1,
    "blocks_down": [1, 1],
    "blocks_up": [1],
    # Of an undecimated wavelet transform: more take seconds even for a small image.
    "levels": 5,
    # A network of the user's.
    "weights_file": str(BOX_FILTER),
}
_SHORT = ("steps", "batch", "crop", "samples", "device")
# They are fitted to the image itself.
# Pixels of a bin.
_NEED_A_BIN = {"gaintuning": 8, "gaintuning-open": 6, "thinning-zero-shot": 8}
# Every folder, so that one without a description fails.
METHODS = sorted(
    path.name for path in baselines_folder().iterdir() if path.is_dir() and path.name[0] not in "._"
)
_cache: dict[str, Denoiser] = {}


@pytest.fixture(params=METHODS)
def method(request: pytest.FixtureRequest) -> Method:
    return load_method(request.param)


def tiny(method: Method) -> dict[str, object]:
    """Parameters of the smallest network and training."""
    return {k: v for k, v in _TINY_TRAINING.items() if k in method.parameters}


@pytest.fixture
def denoiser(
    method: Method, tmp_path_factory: pytest.TempPathFactory, lattice, noisy_image
) -> Denoiser:
    if "weights_file" in method.parameters:
        pytest.importorskip("onnxruntime")
    if method.name not in _cache:
        weights = None
        trained = method.base or method
        if trained.trainable:
            weights = tmp_path_factory.mktemp(method.name)
            clean = [lattice((160, 192), phase) for phase in (0.0, 1.0, 2.0)]
            noisy = [noisy_image(each, number).counts for number, each in enumerate(clean)]
            data = TrainingData(
                train=clean[:2],
                validation=clean[2:],
                noisy=noisy[:2],
                noisy_validation=noisy[2:],
                pixel_size_A=0.0625,
                dose_e_per_px=0.45,
                seed=1,
            )
            # A base is built as it is described, so it is trained so.
            names = _SHORT if method.base else tuple(_TINY_TRAINING)
            short = {k: _TINY_TRAINING[k] for k in names if k in trained.parameters}
            trained.train(data, weights, **short)
        _cache[method.name] = method.build(weights, **tiny(method))
    return _cache[method.name]


def learned(method: Method) -> bool:
    """Whether it was trained, here too little for high expectations."""
    of_user = "weights_file" in method.parameters
    return method.trainable or method.base is not None or of_user


def given(method: Method, clean: np.ndarray, noisy_image) -> NoisyImage:
    """The method's view of an image: the truth for the oracle, a series where it takes one."""
    image = noisy_image(clean)
    if method.input == "clean":
        return replace(image, counts=clean)
    more = [noisy_image(clean, seed).counts for seed in (1, 2)]
    return seen(method, replace(image, counts=np.stack([more[0], image.counts, more[1]])), 1)


def seen(method: Method, image: NoisyImage, position: int = 0) -> NoisyImage:
    """One of some images, (n, y, x) counts, with the others where the method is to see them."""
    values_nm = tuple(4.0 + number for number in range(len(image.counts)))
    series = NoisySeries(
        counts=image.counts, axis="defocus", values_nm=values_nm, position=position
    )
    one = replace(image, counts=image.counts[position])
    return replace(one, series=series) if method.input == "series" else one


def with_type(image: NoisyImage, dtype: type) -> NoisyImage:
    """The same counts in another type."""
    if image.series is None:
        return replace(image, counts=image.counts.astype(dtype))
    series = replace(image.series, counts=image.series.counts.astype(dtype))
    return replace(image, counts=series.counts[series.position], series=series)


def test_the_description_is_whole(method: Method):
    assert method.name == method.folder.name
    assert len(method.title) <= 40
    assert method.summary.endswith(".")
    assert method.licence == "GPL-3.0-or-later"
    assert method.training_data
    if method.kind != "control" and not method.name.startswith("gaussian"):
        assert method.paper["title"]
    if method.kind == "classical":
        assert method.search
    for key, values in method.search.items():
        assert type(values[0]) is type(method.parameters[key])


@pytest.mark.slow
@pytest.mark.parametrize("shape", [(160, 160), (96, 150), (101, 83)])
def test_an_image_comes_back(method: Method, denoiser: Denoiser, lattice, noisy_image, shape):
    image = given(method, lattice(shape), noisy_image)
    before = image.counts.copy()
    series = None if image.series is None else image.series.counts.copy()
    out = apply(method, denoiser, image, "a test image")
    assert out.shape == shape
    assert out.dtype == np.float32
    assert out.min() >= 0
    np.testing.assert_array_equal(image.counts, before, err_msg="the input was changed")
    if image.series is not None:
        np.testing.assert_array_equal(image.series.counts, series, err_msg="the series was changed")
    again = denoiser.denoise(image)
    np.testing.assert_array_equal(out, again, err_msg="two calls differ")
    assert not np.shares_memory(out, image.counts)


@pytest.mark.slow
def test_another_build_gives_the_same(method: Method, denoiser: Denoiser, lattice, noisy_image):
    if learned(method):
        pytest.skip("weights are in the folder of the first build")
    image = given(method, lattice((96, 96)), noisy_image)
    again = method.build(**tiny(method)).denoise(image)
    np.testing.assert_array_equal(again, denoiser.denoise(image))


@pytest.mark.slow
def test_an_image_without_a_count(method: Method, denoiser: Denoiser):
    counts = np.zeros((96, 128), np.float32 if method.input == "clean" else np.uint8)
    image = NoisyImage(counts=counts[None], pixel_size_A=0.0625, dose_e_per_px=0.45)
    out = apply(method, denoiser, seen(method, image), "an empty image")
    if method.kind == "classical":
        np.testing.assert_allclose(out, 0, atol=1e-3)


@pytest.mark.slow
def test_counts_of_16_bits(method: Method, denoiser: Denoiser, lattice, noisy_image):
    image = given(method, lattice((96, 96)), noisy_image)
    if method.input == "clean":
        pytest.skip("the oracle is given no counts")
    wide = with_type(image, np.uint16)
    np.testing.assert_array_equal(denoiser.denoise(wide), denoiser.denoise(image))


@pytest.mark.slow
def test_counts_of_more_bits(method: Method, denoiser: Denoiser, lattice, noisy_image):
    image = given(method, lattice((96, 96)), noisy_image)
    if method.input == "clean":
        pytest.skip("the oracle is given no counts")
    for wide in (np.uint32, np.uint64):
        result = denoiser.denoise(with_type(image, wide))
        np.testing.assert_array_equal(result, denoiser.denoise(image))


@pytest.mark.slow
@pytest.mark.parametrize(
    "shape", [(1, 1), (1, 300), (300, 1), (2, 2), (3, 3), (5, 5), (7, 9), (17, 200)]
)
def test_a_tiny_image_comes_back_or_is_refused_in_words(method: Method, denoiser: Denoiser, shape):
    counts = np.random.default_rng(1).poisson(3, shape).astype(np.uint8)
    if method.input == "clean":
        pytest.skip("the oracle is given no counts")
    image = NoisyImage(counts=counts[None], pixel_size_A=0.0625, dose_e_per_px=3.0)
    if min(shape) < _NEED_A_BIN.get(method.name, 0):
        with pytest.raises(MethodError, match="smaller than one bin"):
            apply(method, denoiser, seen(method, image), "a tiny image")
    else:
        result = apply(method, denoiser, seen(method, image), "a tiny image")
        assert result.shape == shape


@pytest.mark.slow
def test_values_of_a_detector(method: Method, denoiser: Denoiser):
    if method.input == "clean":
        pytest.skip("the oracle is given no counts")
    # Half the electrons lost, and read noise: floats, many of them negative.
    draw = np.random.default_rng(5)
    electrons = 2.0 * draw.poisson(0.225, (160, 160)) + draw.normal(0, 0.3, (160, 160))
    counts = electrons.astype(np.float32)[None]
    image = NoisyImage(counts=counts, pixel_size_A=0.0625, dose_e_per_px=0.45)
    out = apply(method, denoiser, seen(method, image), "what a detector recorded")
    if not learned(method):
        assert out.mean() == pytest.approx(0.45, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("level", [0.45, 0.3])
def test_a_flat_field_keeps_its_mean(method: Method, denoiser: Denoiser, noisy_image, level):
    if learned(method) or (method.name == "vacuum" and level != 0.45):
        pytest.skip("is trained too little, or knows one level only")
    image = given(method, np.full((160, 160), level, np.float32), noisy_image)
    # In electrons per pixel, so the scale is held as well.
    assert apply(method, denoiser, image, "a flat field").mean() == pytest.approx(level, rel=0.05)


@pytest.mark.slow
def test_better_than_the_noisy_image(method: Method, denoiser: Denoiser, lattice, noisy_image):
    if method.name == "noisy":
        pytest.skip("is the noisy image")
    clean = lattice((160, 160))
    image = given(method, clean, noisy_image)
    error = np.mean((denoiser.denoise(image) - clean) ** 2)
    worst = np.mean((noisy_image(clean).counts - clean) ** 2)
    assert error < (worst if learned(method) else worst / 20)


def test_the_controls_return_what_they_are_named_after(lattice, noisy_image):
    clean = lattice((64, 72))
    image = noisy_image(clean)
    np.testing.assert_array_equal(load_method("noisy").build().denoise(image), image.counts)
    assert np.all(load_method("vacuum").build().denoise(image) == np.float32(0.45))
    truth = NoisyImage(counts=clean, pixel_size_A=0.0625, dose_e_per_px=0.45)
    np.testing.assert_array_equal(load_method("clean").build().denoise(truth), clean)


def test_only_the_oracle_sees_the_truth():
    assert [name for name in METHODS if load_method(name).input == "clean"] == ["clean"]


def test_no_method_reads_the_data_set(method: Method):
    source = "".join(path.read_text(encoding="utf-8") for path in method.code_folder.glob("*.py"))
    for room in ("tembench.dataset", "tembench.ranking", "tembench.simulation"):
        assert room not in source
