"""Reads vector tiles (Mapbox Vector Tile 2.1) as far as the tests need, by the published protobuf schema."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Feature:
    """One feature: its id, properties, and the vertices in tile steps."""

    id: int | None
    properties: dict[str, Any]
    vertices: list[tuple[int, int]]


@dataclass
class Layer:
    """One layer of a tile."""

    name: str = ""
    extent: int = 4096
    features: list[Feature] = field(default_factory=list)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _fields(data: bytes) -> Iterator[tuple[int, Any]]:
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        if key & 7 == 0:
            value, at = _varint(data, at)
            yield key >> 3, value
        elif key & 7 == 2:
            size, at = _varint(data, at)
            yield key >> 3, data[at : at + size]
            at += size
        elif key & 7 == 1:
            yield key >> 3, struct.unpack_from("<d", data, at)[0]
            at += 8
        else:
            raise ValueError(f"wire type {key & 7} has no place in these tiles")


def _numbers(data: bytes) -> list[int]:
    found, at = [], 0
    while at < len(data):
        value, at = _varint(data, at)
        found.append(value)
    return found


def _vertices(commands: list[int]) -> list[tuple[int, int]]:
    found, at, x, y = [], 0, 0, 0
    while at < len(commands):
        command, count = commands[at] & 7, commands[at] >> 3
        at += 1
        if command == 7:
            continue
        for _ in range(count):
            dx, dy = commands[at], commands[at + 1]
            x, y = x + ((dx >> 1) ^ -(dx & 1)), y + ((dy >> 1) ^ -(dy & 1))
            found.append((x, y))
            at += 2
    return found


def _value(data: bytes) -> Any:
    number, value = next(_fields(data))
    return value.decode() if number == 1 else value


def read(tile: bytes) -> dict[str, Layer]:
    """The layers of a tile, by name."""
    layers = {}
    for _, content in _fields(tile):
        layer, keys, values, raw = Layer(), [], [], []
        for number, value in _fields(content):
            match number:
                case 1:
                    layer.name = value.decode()
                case 2:
                    raw.append(dict(_fields(value)))
                case 3:
                    keys.append(value.decode())
                case 4:
                    values.append(_value(value))
                case 5:
                    layer.extent = value
        for feature in raw:
            tags = _numbers(feature.get(2, b""))
            properties = {keys[key]: values[value] for key, value in zip(tags[::2], tags[1::2], strict=True)}
            layer.features.append(Feature(feature.get(1), properties, _vertices(_numbers(feature[4]))))
        layers[layer.name] = layer
    return layers
