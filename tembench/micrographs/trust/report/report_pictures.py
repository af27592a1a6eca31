"""Report pictures: images, maps and columns as PNG."""

from __future__ import annotations

import io
import math

import numpy as np

from tembench.micrographs.trust.column_evidence import AGAINST, VERDICT_COLOURS, ColumnVerdicts

_MOST_PX = 720
# Ends of the scale of signed maps: orange, white, blue; readable in every kind of colour vision.
_NEGATIVE, _MIDDLE, _POSITIVE = (178, 80, 28), (247, 247, 245), (30, 90, 140)
_BAR_A = 10.0


def grey(image: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return an image as grey values (y, x, 3), averaged to at most 720 px."""
    small = averaged(image)
    share = np.clip((small - low) / max(high - low, 1e-12), 0, 1)
    return np.repeat(np.rint(255 * share).astype(np.uint8)[:, :, None], 3, axis=2)


def signed(image: np.ndarray, most: float) -> np.ndarray:
    """Return a map of both signs in colour (y, x, 3): orange below zero, blue above."""
    share = np.clip(averaged(image) / max(most, 1e-12), -1, 1)[:, :, None]
    middle = np.array(_MIDDLE, dtype=np.float64)
    end = np.where(share < 0, np.array(_NEGATIVE, dtype=np.float64), np.array(_POSITIVE))
    return np.rint(middle + np.abs(share) * (end - middle)).astype(np.uint8)


def averaged(image: np.ndarray) -> np.ndarray:
    """Return an image averaged over blocks, so that no side has more than 720 px."""
    step = -(-max(image.shape) // _MOST_PX)
    height, width = (max(1, side // step) for side in image.shape)
    blocks = image[: height * step, : width * step].astype(np.float64)
    if step == 1:
        return blocks
    return np.asarray(blocks.reshape(height, step, width, step).mean(axis=(1, 3)))


def overlay(image: np.ndarray, columns: ColumnVerdicts, pixel_size_A: float) -> np.ndarray:
    """Draw the columns on the denoised image, (y, x, 3).

    Supported columns are blue, contradicted ones orange with a cross, the others small and yellow;
    bright ones are circles, dark ones squares.
    """
    from PIL import Image, ImageDraw

    low, high = limits(image)
    scale = max(1, min(3, round(1400 / max(image.shape))))
    picture = Image.fromarray(grey_whole(image, low, high)).resize(
        (image.shape[1] * scale, image.shape[0] * scale), Image.Resampling.BICUBIC
    )
    draw = ImageDraw.Draw(picture)
    radius = max(3.0, 0.62 / pixel_size_A * scale)
    width = max(2, round(radius / 5))
    for (x, y), sign, found in zip(
        columns.columns.xy_px, columns.columns.sign, columns.verdict, strict=True
    ):
        x, y = (x + 0.5) * scale, (y + 0.5) * scale
        size = radius if found else radius * 0.45
        box = (x - size, y - size, x + size, y + size)
        colour = VERDICT_COLOURS[int(found)]
        shape = draw.ellipse if sign > 0 else draw.rectangle
        shape(box, outline=colour, width=width if found else max(2, width - 1))
        if found == AGAINST:
            draw.line(box, fill=colour, width=width)
    return np.asarray(picture)


def grey_whole(image: np.ndarray, low: float, high: float) -> np.ndarray:
    """Return an image as grey values (y, x, 3) on its own pixels."""
    share = np.clip((image.astype(np.float64) - low) / max(high - low, 1e-12), 0, 1)
    return np.repeat(np.rint(255 * share).astype(np.uint8)[:, :, None], 3, axis=2)


def limits(image: np.ndarray) -> tuple[float, float]:
    """Return the values shown black and white, all but 0.2 % of the pixels between them."""
    low, high = np.quantile(image, (0.001, 0.999))
    return float(low), float(high)


def counts_limits(dose_e_per_px: float, shape: tuple[int, ...]) -> tuple[float, float]:
    """Return the counts shown black and white: three standard deviations about the dose."""
    step = -(-max(shape) // _MOST_PX)
    spread = 3 * math.sqrt(dose_e_per_px) / step
    return max(0.0, dose_e_per_px - spread), dose_e_per_px + spread


def with_scale_bar(picture: np.ndarray, field_A: float) -> np.ndarray:
    """Draw a bar of 1 nm into a picture whose width is a number of angstrom."""
    from PIL import Image, ImageDraw

    height, width = picture.shape[:2]
    length = round(width * _BAR_A / field_A)
    image = Image.fromarray(picture.copy())
    draw = ImageDraw.Draw(image)
    left, bottom, thick = round(0.04 * width), round(0.955 * height), max(3, round(0.008 * height))
    draw.rectangle((left - 2, bottom - thick - 2, left + length + 2, bottom + 2), fill=(0, 0, 0))
    draw.rectangle((left, bottom - thick, left + length, bottom), fill=(255, 255, 255))
    return np.asarray(image)


def png_bytes(picture: np.ndarray) -> bytes:
    """Encode a picture (y, x, 3) as PNG."""
    from PIL import Image

    buffer = io.BytesIO()
    image = Image.fromarray(picture)
    if (picture[:, :, 0] == picture[:, :, 1]).all() and (
        picture[:, :, 1] == picture[:, :, 2]
    ).all():
        image = image.convert("L")
    image.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
