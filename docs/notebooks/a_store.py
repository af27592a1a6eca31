# ---
# jupyter: {jupytext: {text_representation: {format_name: percent}}}
# ---
# %% [markdown]
# # A store, its images, and what a filter is worth
# Open it as a notebook with Jupytext (`jupytext --to ipynb a_store.py`), or run it as a script.
# It needs `tembench generate quickstart --out quickstart.zarr`.

# %%
import matplotlib.pyplot as plt
from scipy.ndimage import gaussian_filter

import tembench as tb

store = tb.open_store("quickstart.zarr")
store

# %% [markdown]
# Every image has a row of factors, and is in one part of each split.

# %%
store.table[["model", "thickness_A", "defocus_nm", "contrast", "split_model"]].head()

# %%
numbers = store.images("model", "validation")
fig, axes = plt.subplots(2, 2, figsize=(7, 7), layout="constrained")
for column, number in zip(axes.T, numbers[:2], strict=True):
    column[0].imshow(store.clean(number), cmap="gray")
    column[0].set_title(f"image {number}, {store.defocus_of(number):g} nm")
    column[1].imshow(store.noisy(number), cmap="gray")
fig.savefig("images.png")

# %% [markdown]
# How wide should a Gaussian filter be? Validation images answer that, and the test stays a test.


# %%
def smoothed(width_A):
    return lambda image: gaussian_filter(
        image.counts.astype("float32"), width_A / image.pixel_size_A
    )


widths = (0.3, 0.6, 1.2)
scores = {width: tb.score_all(smoothed(width), store, part="validation") for width in widths}
{width: table[["psnr_db", "column_f1"]].mean().to_dict() for width, table in scores.items()}

# %%
best = max(widths, key=lambda width: scores[width]["psnr_db"].mean())
tb.score_all(smoothed(best), store, part="test")[["psnr_db", "ssim", "column_f1"]].describe()
