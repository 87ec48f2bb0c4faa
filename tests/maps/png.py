"""Reads PNGs (ISO/IEC 15948) of 8 bits as far as the tests need: the colour of a pixel."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass


@dataclass(frozen=True)
class Image:
    """A decoded picture."""

    width: int
    height: int
    channels: int
    rows: list[bytes]

    def at(self, x: float, y: float) -> str:
        """The colour of the pixel that a point lies in, as ``#rrggbb``."""
        begin = int(x) * self.channels
        return "#" + self.rows[int(y)][begin : begin + 3].hex()


def read(data: bytes) -> Image:
    """The picture, not interlaced, in RGB with or without transparency."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    at, packed, head = 8, b"", b""
    while at < len(data):
        (size,), name = struct.unpack(">I", data[at : at + 4]), data[at + 4 : at + 8]
        content = data[at + 8 : at + 8 + size]
        head = content if name == b"IHDR" else head
        packed += content if name == b"IDAT" else b""
        at += size + 12
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", head)
    assert (depth, interlaced) == (8, 0)
    channels = {2: 3, 6: 4}[colour]
    raw, stride = zlib.decompress(packed), width * channels
    rows, above = [], bytes(stride)
    for y in range(height):
        begin = y * (stride + 1)
        above = _unfiltered(raw[begin], raw[begin + 1 : begin + 1 + stride], above, channels)
        rows.append(above)
    return Image(width, height, channels, rows)


def _unfiltered(kind: int, line: bytes, above: bytes, channels: int) -> bytes:
    made = bytearray(line)
    for i in range(len(made)):
        left = made[i - channels] if i >= channels else 0
        up, corner = above[i], above[i - channels] if i >= channels else 0
        guess = (0, left, up, (left + up) // 2, _paeth(left, up, corner))[kind]
        made[i] = (made[i] + guess) & 255
    return bytes(made)


def _paeth(left: int, up: int, corner: int) -> int:
    distance = left + up - corner
    return min((left, up, corner), key=lambda value: abs(distance - value))
