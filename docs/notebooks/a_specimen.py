# ---
# jupyter: {jupytext: {text_representation: {format_name: percent}}}
# ---
# %% [markdown]
# # A specimen simulated in memory, denoised, and its columns
# Open it as a notebook with Jupytext (`jupytext --to ipynb a_specimen.py`), or run it as a script.

# %%
import matplotlib.pyplot as plt
import numpy as np

import tembench as tb

made = tb.simulate("srtio3", 0, images=1)
made

# %% [markdown]
# What was drawn for it: thickness, defocus, dose, and everything else that the recipe leaves open.

# %%
row = made.table.iloc[0]
row[[name for name in ("depth_A", "C10_nm", "dose_e_per_A2") if name in row]]

# %%
image = tb.NoisyImage(
    counts=made.noisy[0], pixel_size_A=made.pixel_size_A, dose_e_per_px=row["dose_e_per_px"]
)
denoised = tb.load_method("spectral-wiener").build().denoise(image)
error = np.mean((denoised - made.clean[0]) ** 2) / row["dose_e_per_px"] ** 2
f"{-10 * np.log10(error):.1f} dB below the vacuum"

# %%
columns = made.columns[0]
fig, axes = plt.subplots(1, 3, figsize=(11, 4), layout="constrained", sharex=True, sharey=True)
for ax, (title, shown) in zip(
    axes,
    {"noisy": made.noisy[0], "denoised": denoised, "clean": made.clean[0]}.items(),
    strict=True,
):
    ax.imshow(shown, cmap="gray")
    ax.set_title(title)
axes[2].plot(columns["x_A"] / made.pixel_size_A, columns["y_A"] / made.pixel_size_A, "r.", ms=2)
fig.savefig("specimen.png")
