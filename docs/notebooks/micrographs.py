# ---
# jupyter: {jupytext: {text_representation: {format_name: percent}}}
# ---
# %% [markdown]
# # A movie denoised frame by frame, and one frame judged without its truth
# Open it as a notebook with Jupytext (`jupytext --to ipynb micrographs.py`), or run it as a script.
# It needs HyperSpy (`pip install hyperspy`).

# %%
import hyperspy.api as hs
import matplotlib.pyplot as plt
import numpy as np
from scipy.ndimage import shift

import tembench as tb
from tembench.core import thin
from tembench.metrics.unsupervised import estimate_paired_umse

# %% [markdown]
# A movie of SrTiO3 as a camera might have written it: 12 frames that drift, 1.5 electrons per pixel
# each, in a file with its pixel size. The specimen is simulated, so that the truth is known; it is
# not used before the last two cells.

# %%
made = tb.simulate("srtio3", 0, images=1)
dose = 1.5
whole = made.clean[0] * dose / made.table["dose_e_per_px"].iloc[0]
generator = np.random.default_rng(1)
clean = np.stack([shift(whole, (0.8 * t, 0.3 * t), mode="wrap")[60:252, 60:252] for t in range(12)])
frames = generator.poisson(np.maximum(clean, 0)).astype(np.uint8)

movie = hs.signals.Signal2D(frames)
movie.metadata.General.title = "SrTiO3"
for axis, name in zip(movie.axes_manager.signal_axes, "xy", strict=True):
    axis.name, axis.units, axis.scale = name, "nm", made.pixel_size_A / 10
time = movie.axes_manager.navigation_axes[0]
time.name, time.units, time.scale = "time", "s", 0.1
movie.save("movie.hspy", overwrite=True)

# %% [markdown]
# Opened lazily, it stays lazy: each frame is read and denoised when it is needed. One counting rule
# and one dose hold for all frames, and are recorded with the method.

# %%
movie = hs.load("movie.hspy", lazy=True)
denoised = tb.hyperspy.denoise(movie, "bm3d", dose_e_per_px=dose)
denoised

# %%
denoised.compute(show_progressbar=False)
denoised.metadata.tembench

# %% [markdown]
# Is BM3D worth more than a Gaussian filter on this very frame? A fifth of its electrons is held
# out; both denoise the others, and the held-out ones, which neither saw, say which is closer to the
# truth. Negative: BM3D is better.

# %%
frame = frames[6]
kept, rest = thin(frame, 0.8, np.random.default_rng(2))
image = tb.NoisyImage(
    counts=kept.astype(np.uint8), pixel_size_A=made.pixel_size_A, dose_e_per_px=0.8 * dose
)
of_kept = {name: tb.load_method(name).build().denoise(image) for name in ("bm3d", "gaussian")}
quarter = {name: result / 4 for name, result in of_kept.items()}
estimate = estimate_paired_umse(quarter["bm3d"], quarter["gaussian"], rest).scaled(1 / 0.2**2)
low, high = estimate.interval(0.95)
f"MSE of BM3D less that of the Gaussian: {low:.1e} to {high:.1e} e²/px², with 95 % confidence"

# %% [markdown]
# Here the truth is known, and says whether that was right.

# %%
at_full_dose = {name: result / 0.8 for name, result in of_kept.items()}
error = {name: np.mean((result - clean[6]) ** 2) for name, result in at_full_dose.items()}
f"in truth {error['bm3d'] - error['gaussian']:.1e} e²/px²"

# %%
fig, axes = plt.subplots(1, 3, figsize=(10, 3.6), layout="constrained")
shown = {"one frame": frame, "BM3D": denoised.data[6], "truth": clean[6]}
for ax, (title, values) in zip(axes, shown.items(), strict=True):
    ax.imshow(values, cmap="gray")
    ax.set_title(title)
    ax.set_axis_off()
fig.savefig("movie.png")
