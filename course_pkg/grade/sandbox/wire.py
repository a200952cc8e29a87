"""Plain data as bytes and back: msgpack, with arrays as raw buffers. Never pickle.

Whoever sends is taken for hostile: `unpack` builds nothing but plain data, counts what
it builds, and raises Malformed for everything else.
"""

import math
import socket
import struct
import time
from collections.abc import Callable
from typing import Any

import msgpack
import numpy as np

MAX_FRAME = 64 * 2**20  # bytes
MAX_PARTS = 2_000_000  # entries of all lists and dicts of one frame together
MAX_CONTAINERS = 100_000
MAX_AXIS = 1_000_000  # also of an array without entries
MAX_DEPTH = 24  # containers in containers
MAX_KEY = 2**63  # larger integers can be chosen to fall on one place of a dict
MAX_COPIED = 4 * MAX_FRAME  # each extension around data copies it
ARRAY, TUPLE, INTEGER = 1, 2, 3
DTYPES = {
    np.dtype(name).str: np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64"),
        *("uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "complex64", "complex128"),
    )
}
HEAD = struct.Struct(">I")
TICK = 0.05  # seconds between two looks


class Malformed(ValueError):
    """Bytes that are no frame of plain data."""


class Closed(EOFError):
    """The other side is gone."""


class Late(TimeoutError):
    """Nothing came in time."""


def pack(x: Any) -> bytes:
    """Write plain data as bytes; raises TypeError for what is not plain."""
    return msgpack.packb(
        x, default=_extend, strict_types=True, unicode_errors="replace"
    )


def _extend(x: Any) -> msgpack.ExtType:
    kind = type(x)
    if kind is tuple:
        return msgpack.ExtType(TUPLE, pack(list(x)))
    if kind is int:
        size = x.bit_length() // 8 + 1
        return msgpack.ExtType(INTEGER, x.to_bytes(size, "big", signed=True))
    if issubclass(kind, np.ndarray) and x.dtype.str in DTYPES:
        return msgpack.ExtType(ARRAY, pack([x.dtype.str, list(x.shape), x.tobytes()]))
    raise TypeError(f"{kind.__name__} is no plain data")


def unpack(data: bytes) -> Any:
    """Read plain data; raises Malformed."""
    try:
        return _shallow(_Reader().read(data))
    except Malformed:
        raise
    except (ValueError, RecursionError, OverflowError, TypeError, MemoryError) as error:
        raise Malformed(type(error).__name__) from None


def _shallow(x: Any) -> Any:
    """Return x; raises Malformed where containers lie too deep in one another."""
    level: list[Any] = [[x]]
    for _ in range(MAX_DEPTH + 1):
        inner = [y for ys in level for y in ys if type(y) in (list, tuple, dict)]
        level = [y.values() if type(y) is dict else y for y in inner]
        if not level:
            return x
    raise Malformed(f"more than {MAX_DEPTH} containers in one another")


class _Reader:
    """One frame's reading, with what is left of the limits."""

    def __init__(self) -> None:
        self.parts, self.containers, self.depth = MAX_PARTS, MAX_CONTAINERS, 0
        self.copied = MAX_COPIED

    def read(self, data: bytes) -> Any:
        return msgpack.unpackb(
            data,
            strict_map_key=False,
            timestamp=1,
            list_hook=self._list,
            object_pairs_hook=self._dict,
            ext_hook=self._extension,
            max_array_len=MAX_PARTS,
            max_map_len=MAX_PARTS,
        )

    def _spend(self, parts: int) -> None:
        self.parts -= parts
        self.containers -= 1
        if self.parts < 0 or self.containers < 0:
            raise Malformed("too many parts")

    def _list(self, items: list) -> list:
        self._spend(len(items))
        return items

    def _dict(self, pairs: list[tuple[Any, Any]]) -> dict:
        self._spend(2 * len(pairs))
        keys = [key for key, _ in pairs if type(key) is not str]
        if not all(type(key) is int and abs(key) < MAX_KEY for key in keys):
            raise Malformed("a key that is no name")
        return dict(pairs)

    def _extension(self, code: int, data: bytes) -> Any:
        if code == INTEGER and len(data) <= 16:
            return int.from_bytes(data, "big", signed=True)
        self.copied -= len(data)
        if code not in (ARRAY, TUPLE) or self.depth >= MAX_DEPTH or self.copied < 0:
            raise Malformed(f"extension {code}")
        self.depth += 1
        inner = self.read(data)
        self.depth -= 1
        if type(inner) is not list:
            raise Malformed("an extension without a list")
        return tuple(inner) if code == TUPLE else _array(*inner)


def _array(name: str, shape: list[int], raw: bytes) -> np.ndarray:
    dtype = DTYPES.get(name)
    if dtype is None or type(shape) is not list or type(raw) is not bytes:
        raise Malformed("an array of no known kind")
    good = all(type(n) is int and 0 <= n <= MAX_AXIS for n in shape)
    if not good or len(shape) > 32 or math.prod(shape) * dtype.itemsize != len(raw):
        raise Malformed("an array of another size than it says")
    if dtype.kind == "b":  # a byte of 2 would be neither True nor False
        return (np.frombuffer(raw, np.uint8) != 0).reshape(shape)
    return np.frombuffer(raw, dtype).reshape(shape).copy()


def send(line: socket.socket, x: Any, seconds: float = 10.0) -> None:
    """Send one frame; raises Late or Closed."""
    data = pack(x)
    if len(data) > MAX_FRAME:
        raise TypeError(f"more than {MAX_FRAME // 2**20} MiB of data")
    line.settimeout(seconds)
    try:
        line.sendall(HEAD.pack(len(data)) + data)
    except TimeoutError:
        raise Late from None
    except OSError:
        raise Closed from None


def receive(
    line: socket.socket, seconds: float | None, look: Callable[[], None] | None = None
) -> Any:
    """Wait for one frame and read it; raises Late, Closed or Malformed.

    look is called now and then while nothing comes; what it raises ends the wait.
    """
    end = math.inf if seconds is None else time.monotonic() + seconds
    (size,) = HEAD.unpack(_exactly(line, HEAD.size, end, look))
    if size > MAX_FRAME:
        raise Malformed(f"a frame of {size} bytes")
    return unpack(_exactly(line, size, end, look))


def _exactly(
    line: socket.socket, size: int, end: float, look: Callable[[], None] | None
) -> bytes:
    data = bytearray()
    while len(data) < size:
        left = end - time.monotonic()
        if left <= 0:
            raise Late
        line.settimeout(min(left, TICK) if look or left < math.inf else None)
        try:
            piece = line.recv(min(size - len(data), 2**20))
        except TimeoutError:
            if look:
                look()
            continue
        except OSError:
            raise Closed from None
        if not piece:
            raise Closed
        data += piece
    return bytes(data)
