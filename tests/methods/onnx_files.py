"""ONNX files of one small network, a mean over 3 x 3 pixels, encoded without the onnx package."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

# Numbers of the fields are those of onnx.proto, in comments by name.
_FLOAT, _INTS = 1, 7
BOX_FILTER = Path(__file__).parent / "box_filter.onnx"
"""`network_file` of the shape ("n", "y", "x", 1)."""


def network_file(shape: Sequence[int | str]) -> bytes:
    """The network for an input of a shape: a number, or the name of a side of any length.

    The channel, of length 1, is the last axis or the second.
    """
    nodes = [_pool("x", "y")]
    if shape[-1] == 1:
        to_second, to_last = (0, 3, 1, 2), (0, 2, 3, 1)
        nodes = [_turn("x", "a", to_second), _pool("a", "b"), _turn("b", "y", to_last)]
    graph = b"".join(_field(1, node) for node in nodes)  # node
    graph += _field(2, b"box")  # name
    graph += _field(11, _value("x", shape))  # input
    graph += _field(12, _value("y", shape))  # output
    opset = _number(2, 17)  # version
    return _number(1, 8) + _field(7, graph) + _field(8, opset)  # ir_version, graph, opset_import


def _pool(source: str, result: str) -> bytes:
    return _node("AveragePool", source, result, kernel_shape=(3, 3), pads=(1, 1, 1, 1))


def _turn(source: str, result: str, axes: Sequence[int]) -> bytes:
    return _node("Transpose", source, result, perm=axes)


def _node(kind: str, source: str, result: str, **attributes: Sequence[int]) -> bytes:
    encoded = _field(1, source.encode()) + _field(2, result.encode()) + _field(4, kind.encode())
    for name, values in attributes.items():
        numbers = b"".join(_number(8, value) for value in values)  # ints
        encoded += _field(5, _field(1, name.encode()) + numbers + _number(20, _INTS))
    return encoded


def _value(name: str, shape: Sequence[int | str]) -> bytes:
    dims = b"".join(
        _field(1, _number(1, side) if isinstance(side, int) else _field(2, side.encode()))
        for side in shape
    )
    tensor = _number(1, _FLOAT) + _field(2, dims)  # elem_type, shape
    return _field(1, name.encode()) + _field(2, _field(1, tensor))  # name, type.tensor_type


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    groups = bytearray()
    while value > 127:
        groups.append(value & 127 | 128)
        value >>= 7
    return bytes([*groups, value])
