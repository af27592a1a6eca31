"""Figure of what counts can tell of a column: errors of detection and place by defocus.

python docs/column_limits.py STORE    # a store of ptceo2-18k; draws column-limits.png beside this
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tembench.core import INK, MUTED, figure_of, save_figure
from tembench.dataset import open_store
from tembench.metrics import (
    detectability,
    detection_error,
    fitted_psnr_db,
    gaussian_column,
    position_bound_px,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from tembench.dataset import Store

PAIRS = {
    "PtNp1": ("PtNp1-D0_flat_30A", "PtNp1-D1_flat_30A"),
    "PtNp2": ("PtNp2-D0_flat_30A", "PtNp2-D1_flat_30A"),
    "PtNp3": ("PtNp3-D0_flat_30A", "PtNp3-D1_flat_30A"),
}
"""Models with the column S1 of the free surface, and without it."""
COLOURS = {"PtNp1": "#2f6db3", "PtNp2": "#c0504d", "PtNp3": "#2ca25f"}
SIGMA_A, WINDOW_A = 0.5, 2.4
DOSES = {0.45: "-", 1.8: "--"}
PARAMETERS = {190: "an amplitude for each column", 570: "an amplitude and a place"}


def main(path: Path) -> None:
    """Draw the figure from the images of a store at the zone axis."""
    store = open_store(path, complete=False)
    figure = figure_of(10.5, 4.2, dpi=110)
    left, right = (figure.add_axes((x, 0.14, 0.41, 0.74)) for x in (0.07, 0.57))
    record: dict[str, object] = {}
    for name, models in PAIRS.items():
        defocus_nm, signals, backgrounds = signals_of(store, models)
        for dose, style in DOSES.items():
            scale = dose / store.dose_e_per_px
            errors = [
                detection_error(detectability(scale * s, scale * b))
                for s, b in zip(signals, backgrounds, strict=True)
            ]
            label = f"{name}, {dose:g} e/px"
            left.plot(defocus_nm, errors, style, color=COLOURS[name], lw=1.4, label=label)
            heights = [_height(signal, store.pixel_size_A) for signal in signals]
            places = [_place_pm(scale * h, dose, store.pixel_size_A) for h in heights]
            right.plot(defocus_nm, places, style, color=COLOURS[name], lw=1.4, label=label)
            record[f"{name}, {dose:g} e/px"] = {
                "error": [round(error, 3) for error in errors],
                "place_pm": [round(place, 1) for place in places],
            }
    _decorate(left, "Is there a column? Share of wrong answers", 0.0, 0.5)
    _decorate(right, "Where is it? Standard deviation along an axis, pm", 0.0, 150.0)
    for parameters, what in PARAMETERS.items():
        pixels = store.shape[0] * store.shape[1]
        psnr_db = fitted_psnr_db(parameters, pixels=pixels, dose_e_per_px=store.dose_e_per_px)
        record[f"psnr_db of {parameters} parameters, {what}"] = round(psnr_db, 1)
    save_figure(figure, Path(__file__).with_name("column-limits.png"), record)
    for key, value in record.items():
        print(f"{key}: {value}")


def signals_of(
    store: Store, models: tuple[str, str]
) -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray]]:
    """Defoci, and at each the column's image and the image without it, near the column."""
    factors = store.files.factors
    upright = (factors["tilt_x_deg"] == 0) & (factors["tilt_y_deg"] == 0)
    whole, without = (factors[upright & (factors["model"] == model)] for model in models)
    pairs = [
        (store.clean(int(one)).astype(np.float64), store.clean(int(other)).astype(np.float64))
        for one, other in zip(whole.index, without.index, strict=True)
    ]
    power = np.sum([(one - other) ** 2 for one, other in pairs], axis=0)
    y, x = np.unravel_index(int(np.argmax(power)), power.shape)
    reach = round(WINDOW_A / store.pixel_size_A)
    crop = np.s_[y - reach : y + reach + 1, x - reach : x + reach + 1]
    signals = [(one - other)[crop] for one, other in pairs]
    return whole["defocus_nm"].to_numpy(), signals, [other[crop] for _, other in pairs]


def _height(signal: np.ndarray, pixel_size_A: float) -> float:
    """Height of the Gaussian that fits best at the middle of the window."""
    middle = (signal.shape[1] - 1) / 2, (signal.shape[0] - 1) / 2
    shape = (signal.shape[0], signal.shape[1])
    unit = gaussian_column(shape, middle, height=1.0, sigma_px=SIGMA_A / pixel_size_A)
    return float(np.vdot(unit, signal) / np.vdot(unit, unit))


def _place_pm(height: float, dose: float, pixel_size_A: float) -> float:
    """Bound of the place of a Gaussian column of that height over vacuum, pm."""
    side = 1 + 2 * round(2 * WINDOW_A / pixel_size_A)
    middle = ((side - 1) / 2, (side - 1) / 2)
    signal = gaussian_column((side, side), middle, height=height, sigma_px=SIGMA_A / pixel_size_A)
    return position_bound_px(signal, np.full(signal.shape, dose))[0] * pixel_size_A * 100


def _decorate(axes: Axes, title: str, low: float, high: float) -> None:
    axes.set_title(title, fontsize=10, color=INK, loc="left")
    axes.set_xlabel("defocus, nm", color=INK)
    axes.set_ylim(low, high)
    axes.set_xlim(0, 20)
    axes.grid(color=MUTED, lw=0.3, alpha=0.5)
    axes.legend(fontsize=7.5, frameon=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
