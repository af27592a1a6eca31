"""ONNX network of images, opened from a file, and applied to images of any size in tiles.

Read from the file: the name of its input, whether the channel is the last axis, as TensorFlow has
it, or the second, and whether the network takes images of any size or of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tembench.core import MethodError

_WHERE = "method tk-r-em"
# tk_r_em halves the image once: sides are padded to a multiple of 2, here by the mirror image.
_MULTIPLE = 2


@dataclass(frozen=True, kw_only=True)
class ImageNetwork:
    """A network that maps an image to an image of the same shape.

    Attributes
    ----------
    session : onnxruntime.InferenceSession
        The network.
    channel_last : bool
        Whether the input is (n, y, x, 1) instead of (n, 1, y, x).
    height, width : int
        Size of the tiles, px; 0 if the network takes the whole image.
    """

    session: Any
    channel_last: bool
    height: int
    width: int

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Return the network's result for an image (y, x), float32."""
        rows, columns = values.shape
        height, width = self.height or _even(rows), self.width or _even(columns)
        extra = [
            (0, max(0, tile - side))
            for side, tile in zip(values.shape, (height, width), strict=True)
        ]
        padded = np.pad(values, extra, mode="symmetric").astype(np.float32)
        total, weights = np.zeros((2, *padded.shape), np.float32)
        weight = np.outer(_fading(height), _fading(width)).astype(np.float32)
        for top in _starts(padded.shape[0], height):
            for left in _starts(padded.shape[1], width):
                area = np.s_[top : top + height, left : left + width]
                total[area] += weight * self._run(padded[area])
                weights[area] += weight
        return (total / weights)[:rows, :columns]

    def _run(self, tile: np.ndarray) -> np.ndarray:
        axes = (0, 3) if self.channel_last else (0, 1)
        (first,) = self.session.get_inputs()
        result = self.session.run(None, {first.name: np.expand_dims(tile, axes)})[0]
        if result.size != tile.size:
            raise MethodError(
                "the network's result has another size than its input",
                where=_WHERE,
                expected=f"{tile.shape[0]} x {tile.shape[1]} values",
                got=f"the shape {result.shape}",
                remedy="use the file of a network that maps images to images, such as sfr_hrtem",
            )
        return np.asarray(result, np.float32).reshape(tile.shape)


def open_network(weights_file: str, tile: int) -> ImageNetwork:
    """Open an ONNX file.

    Parameters
    ----------
    weights_file : str
        Path of the file.
    tile : int
        Side of the tiles that large images are processed in, px; 0 takes every image whole. A
        network of one size is applied in tiles of that.

    Raises
    ------
    MethodError
        If there is no such file, it is not an ONNX network, or its input is not one grey image.
    """
    import onnxruntime

    if not weights_file or not Path(weights_file).is_file():
        raise MethodError(
            "no such file" if weights_file else "no file of a network",
            where=weights_file or _WHERE,
            expected="an ONNX file, such as sfr_hrtem.onnx of tk_r_em",
            remedy="download it from its authors, and name it: --set weights_file=PATH",
        )
    try:
        session = onnxruntime.InferenceSession(
            weights_file, _options(), providers=["CPUExecutionProvider"]
        )
    # onnxruntime has one class for each way in which a file is wrong, and names none of them.
    except Exception as error:
        raise MethodError(
            "is not a network that onnxruntime can open",
            where=weights_file,
            expected="an ONNX file, such as sfr_hrtem.onnx of tk_r_em",
            got=(str(error).splitlines() or [type(error).__name__])[0].rstrip("."),
            remedy="check the download: git-lfs leaves a text of a few lines in place of the file",
        ) from error
    inputs = session.get_inputs()
    shape = inputs[0].shape if inputs else []
    grey = len(inputs) == 1 and inputs[0].type == "tensor(float)" and len(shape) == 4
    if not grey or 1 not in (shape[1], shape[3]):
        raise MethodError(
            "the network does not take one grey image",
            where=weights_file,
            expected="one input of float32, (n, y, x, 1) or (n, 1, y, x)",
            got=", ".join(f"{each.type} {each.shape}" for each in inputs) or "no input",
            remedy="use the file sfr_hrtem.onnx of tk_r_em",
        )
    channel_last = shape[3] == 1
    sides = shape[1:3] if channel_last else shape[2:4]
    height, width = (side if isinstance(side, int) else _even(tile) for side in sides)
    return ImageNetwork(session=session, channel_last=channel_last, height=height, width=width)


def _options() -> Any:
    import onnxruntime
    from threadpoolctl import threadpool_info

    options = onnxruntime.SessionOptions()
    # Its messages; errors are exceptions.
    options.log_severity_level = 4
    # Its threads are its own: as many as those of NumPy, one in a worker process.
    threads = [pool["num_threads"] for pool in threadpool_info()]
    options.intra_op_num_threads = max(threads, default=1)
    return options


def _even(side: int) -> int:
    return side + -side % _MULTIPLE


def _starts(side: int, tile: int) -> list[int]:
    """Return the first pixels of tiles that overlap by half; the last touches the edge."""
    return sorted({*range(0, side - tile, max(1, tile // 2)), side - tile})


def _fading(side: int) -> np.ndarray:
    """Return the weights of a tile along one axis, low at its edges, above 0."""
    return np.sin(np.pi * (np.arange(side) + 0.5) / side) ** 2
