"""Scores of denoised images in memory: every metric of one image, or of a part of a split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tembench.api.denoised_arrays import Denoised, checked_image, denoised_images
from tembench.core import progress
from tembench.metrics import evaluate
from tembench.ranking import metric_inputs

if TYPE_CHECKING:
    import pandas as pd

    from tembench.dataset import Store


def score(denoised: Any, store: Store, image: int) -> dict[str, float]:
    """Compute every metric of one denoised image.

    Parameters
    ----------
    denoised : array_like (y, x)
        The denoised image, expected electrons per pixel.
    store : Store
        Holds the truth; from `tembench.open_store`.
    image : int
        Number of the image in the store, of any part.

    Returns
    -------
    dict of str to float
        Value of each metric, by name; NaN where the image lacks what it needs.
        `tembench.METRICS` has the definitions.

    Raises
    ------
    OutputError
        If the array has another shape than the image, or is not finite.

    Examples
    --------
    >>> import tembench as tb
    >>> store = tb.open_store("quickstart.zarr")  # doctest: +SKIP
    >>> tb.score(store.noisy(99), store, 99)["psnr_db"]  # doctest: +SKIP
    3.5
    """
    return evaluate(metric_inputs(store, int(image), checked_image(denoised, store, int(image))))


def score_all(
    denoised: Denoised, store: Store, split: str = "model", part: str = "test"
) -> pd.DataFrame:
    """Compute every metric of all images of a part.

    Choose settings on ``part="validation"``, so that the test remains one. Noisy copies that the
    metrics need are drawn from the images' seeds where the store does not keep them.

    Parameters
    ----------
    denoised : callable, Denoiser, mapping or sequence of arrays
        A function that takes a `NoisyImage` and returns an array (y, x) of electrons per pixel, or
        an object with such a method `denoise`; arrays by image number; or arrays in the order of
        ``store.images(split, part)``.
    store : Store
        Holds noisy images and truth; from `tembench.open_store`.
    split, part : str
        As in `Store.images`.

    Returns
    -------
    pandas.DataFrame
        One row per image, indexed by its number: ``model``, a column for each metric, and
        ``seconds``, NaN for arrays. Its mean over rows weighs images equally; tables weigh drawn
        specimens equally.

    Raises
    ------
    OutputError
        If an image is missing, has another shape or is not finite.
    StoreError
        If the store has no such part.

    Examples
    --------
    >>> import tembench as tb
    >>> from scipy.ndimage import gaussian_filter
    >>> store = tb.open_store("quickstart.zarr")  # doctest: +SKIP
    >>> scores = tb.score_all(  # doctest: +SKIP
    ...     lambda image: gaussian_filter(image.counts.astype("float32"), 8), store,
    ...     part="validation",
    ... )
    >>> scores["psnr_db"].mean()  # doctest: +SKIP
    """
    import pandas as pd

    images = store.images(split, part)
    models = store.table["model"]
    rows = {}
    with progress("Scoring", len(images)) as advance:
        for number, array, seconds in denoised_images(denoised, store, images):
            values = evaluate(metric_inputs(store, number, array))
            rows[number] = {"model": models.loc[number], **values, "seconds": seconds}
            advance(1)
    return pd.DataFrame.from_dict(rows, orient="index").rename_axis("image")
