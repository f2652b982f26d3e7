"""Changes that make a real file wrong: what a bad disk, a cut download or a curious person would do to it."""

from __future__ import annotations

import io
import json
import random
from collections.abc import Callable
from typing import Any

import numpy as np

ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    10**30,
    1e308,
    "",
    "x",
    "\x00",
    "..",
    [],
    {},
    [[]],
    {"": None},
    -(2**63),
    0.5,
    "9" * 50,
    chr(0x1F389),
)
RAW = ("NaN", "1e999", "-Infinity", "1" * 5000, "[" * 20_000, r'"\ud800"', "nul", "'x'")


def mutated(content: bytes, other: bytes, rng: random.Random) -> bytes:
    """One to three changes. other: a file of another kind, for splices."""
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        content = rng.choice(_BYTES)(content, other, rng)
    return content


def mutated_json(content: bytes, other: bytes, rng: random.Random) -> bytes:
    """Changes of values, keys and types within JSON; at times of its bytes."""
    if rng.random() < 0.3:
        return mutated(content, other, rng)
    value = json.loads(content)
    mark = None
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        mark = rng.choice(RAW) if rng.random() < 0.2 else None
        value = _changed(value, rng, mark)
    text = json.dumps(value)
    return text.replace(f'"{MARK}"', mark).encode() if mark else text.encode()


def mutated_arrays(content: bytes, other: bytes, rng: random.Random) -> bytes:
    """Half of the time, arrays of other types, shapes and names in a file whose checksums are right."""
    if rng.random() < 0.5:
        return mutated(content, other, rng)
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        arrays = dict(file)
    name = rng.choice(list(arrays))
    array = arrays.pop(name)
    buffer = io.BytesIO()
    np.savez_compressed(buffer, **arrays | _of_arrays(name, array, list(arrays), rng))
    return buffer.getvalue()


def _of_arrays(name: str, array: np.ndarray, others: list[str], rng: random.Random) -> dict[str, Any]:
    """What replaces an array: nothing, itself under another name, or a changed one."""
    changes: tuple[Callable[[], Any], ...] = (
        lambda: array[: len(array) // 2] if array.ndim else array,
        lambda: array.reshape(-1),
        lambda: array[..., None],
        lambda: np.zeros(0, array.dtype),
        lambda: np.full(array.shape, np.nan),
        lambda: np.full(array.shape, -1, np.int64),
        lambda: array.astype("U"),
        lambda: np.zeros((3, 28, 28), np.uint16),
        lambda: np.zeros((), array.dtype),
    )
    match rng.randrange(6):
        case 0:
            return {}
        case 1 if others:
            return {rng.choice(others): array}
    return {name: rng.choice(changes)()}


MARK = "raw value goes here"


def _changed(value: Any, rng: random.Random, mark: str | None) -> Any:
    """The value with a change somewhere within it."""
    if isinstance(value, dict) and value and rng.random() < 0.9:
        name = rng.choice(list(value))
        match rng.randrange(8):
            case 0:
                return {each: value[each] for each in value if each != name}
            case 1:
                return {(rng.choice(list(value)) if each == name else each): value[each] for each in value}
            case 2:
                return value | {"more": rng.choice(ODD)}
        return value | {name: _changed(value[name], rng, mark)}
    if isinstance(value, list) and value and rng.random() < 0.9:
        index = rng.randrange(len(value))
        if rng.random() < 0.2:
            return value[:index]
        return [*value[:index], _changed(value[index], rng, mark), *value[index + 1 :]]
    return MARK if mark else rng.choice(ODD)


def _flip(content: bytes, other: bytes, rng: random.Random) -> bytes:
    if not content:
        return b"\x01"
    changed = bytearray(content)
    for _ in range(rng.choice((1, 1, 1, 8, 100))):
        changed[_place(changed, rng)] ^= 1 << rng.randrange(8)
    return bytes(changed)


def _place(content: bytes | bytearray, rng: random.Random) -> int:
    """More often near the start, where headers are."""
    return rng.randrange(min(len(content), rng.choice((16, 256, 4096, len(content)))))


def _cut(content: bytes, other: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content) + 1)]


def _drop(content: bytes, other: bytes, rng: random.Random) -> bytes:
    start = _place(content, rng) if content else 0
    return content[:start] + content[start + rng.choice((1, 2, 8, 512)) :]


def _splice(content: bytes, other: bytes, rng: random.Random) -> bytes:
    return content[: rng.randrange(len(content) + 1)] + other[rng.randrange(len(other)) :]


def _insert(content: bytes, other: bytes, rng: random.Random) -> bytes:
    start = _place(content, rng) if content else 0
    return content[:start] + rng.choice((b"\xff" * 8, b"\0" * 64, b"\n", b"PK\x03\x04")) + content[start:]


def _whole(content: bytes, other: bytes, rng: random.Random) -> bytes:
    """Another file under this name."""
    return rng.choice((other, b"", b"\x80\x04\x95cos\nsystem\n.", b"<!doctype html>", bytes(10_000)))


_BYTES: tuple[Callable[[bytes, bytes, random.Random], bytes], ...] = (
    _flip, _flip, _flip, _cut, _drop, _splice, _insert, _whole,
)  # fmt: skip
