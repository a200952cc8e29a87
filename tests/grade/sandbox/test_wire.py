"""Frames: plain data goes through unchanged, and nothing else is built."""

import contextlib
import socket
import struct

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_pkg.grade.sandbox import wire

ATOMS = st.none() | st.booleans() | st.floats(allow_nan=False) | st.binary(max_size=9)
ATOMS |= st.integers(-(2**64), 2**64) | st.text(max_size=9)
PLAIN = st.recursive(
    ATOMS,
    lambda x: (
        st.lists(x, max_size=3)
        | st.lists(x, max_size=3).map(tuple)
        | st.dictionaries(st.text(max_size=3) | st.integers(0, 9), x, max_size=3)
    ),
    max_leaves=9,
)


def same_kind(x, y):
    """Tell whether two plain things agree, types included."""
    if type(x) is not type(y):
        return False
    if isinstance(x, (list, tuple)):
        return len(x) == len(y) and all(map(same_kind, x, y))
    if isinstance(x, dict):
        return list(x) == list(y) and all(same_kind(x[k], y[k]) for k in x)
    return x == y


@given(PLAIN)
def test_plain_data_comes_back(x):
    assert same_kind(wire.unpack(wire.pack(x)), x)


@pytest.mark.parametrize("dtype", wire.DTYPES)
def test_arrays_come_back(dtype):
    for shape in ((), (0, 3), (2, 3)):
        x = np.arange(6)[: int(np.prod(shape))].reshape(shape).astype(dtype)
        y = wire.unpack(wire.pack(x.T))
        assert y.dtype == x.dtype
        assert y.shape == x.T.shape
        assert np.array_equal(x.T, y)
        y[...] = 1  # writable, like any array of the trusted side's


@pytest.mark.parametrize("x", [object(), {1, 2}, np.array([None]), np.float32(0)])
def test_other_objects_do_not_go_out(x):
    with pytest.raises(TypeError):
        wire.pack(x)


def array(*parts):
    return msgpack.packb(msgpack.ExtType(wire.ARRAY, msgpack.packb(list(parts))))


def around(*data):
    """Return a tuple of what is packed already."""
    many = bytes([0x90 + len(data)]) + b"".join(data)
    return msgpack.packb(msgpack.ExtType(wire.TUPLE, many))


def nested(n, inner=b"\x90"):
    for _ in range(n):
        inner = around(inner)
    return inner


def pairs(*keys):
    """Return a dict with these keys."""
    many = b"\xdf" + struct.pack(">I", len(keys))
    return many + b"".join(wire.pack(key) + b"\xc0" for key in keys)


HOSTILE = {
    "deep lists": b"\x91" * 10_000 + b"\xc0",
    "a long list that is not there": b"\xdd\xff\xff\xff\xff",
    "no msgpack": b"\xc1",
    "two messages": b"\x90\x90",
    "nothing": b"",
    "an unknown extension": b"\xc7\x01\x09x",
    "a huge integer": msgpack.packb(msgpack.ExtType(wire.INTEGER, bytes(99))),
    "many containers": b"\xdd" + struct.pack(">I", 200_000) + b"\x90" * 200_000,
    "a list as key": b"\x81\x90\xc0",
    "bytes as key": b"\x81\xc4\x01a\xc0",
    "text that is no text": b"\xa1\xff",
    "an array of objects": array("|O", [1], bytes(8)),
    "an array larger than its data": array("<f8", [10**12], bytes(8)),
    "a long axis without entries": array("<f8", [10**12, 0], b""),
    "a negative axis": array("<f8", [-1, -1], bytes(8)),
    "an axis that is a float": array("<f8", [1.0], bytes(8)),
    "many axes": array("<f8", [1] * 40, bytes(8)),
    "an array of parts": array("<f8", [1], bytes(8), 1),
    "text for bytes": array("<f8", [1], "12345678"),
    "deep tuples": nested(25),
    "tuples so deep that C's stack ends": nested(900),
    "lists in tuples in lists": nested(
        3, b"\x91" * 9 + nested(3, b"\x91" * 10 + b"\x90")
    ),
    "keys that fall on one place": pairs(*(n * (2**61 - 1) for n in range(99))),
    "a key below all": pairs(-(2**63)),
    "a tuple of no list": msgpack.packb(msgpack.ExtType(wire.TUPLE, b"\xc0")),
    "a tuple of a dict": msgpack.packb(msgpack.ExtType(wire.TUPLE, b"\x80")),
}


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE)
def test_hostile_bytes_are_malformed(data):
    with pytest.raises(wire.Malformed):
        wire.unpack(data)


LIMITS = {  # with limits of 100
    "MAX_PARTS": [b"\x93" + msgpack.packb([0] * 40) * 3, pairs(*range(60))],
    "MAX_CONTAINERS": [b"\xdc\0\x65" + b"\x90" * 101, b"\xdc\0\x65" + b"\x80" * 101],
    "MAX_COPIED": [
        nested(2, msgpack.packb(bytes(60))),
        around(array("|i1", [60], bytes(60))),
    ],
}


@pytest.mark.parametrize("limit", LIMITS)
def test_limits_are_of_a_whole_frame(limit, monkeypatch):
    """No part of these is too large by itself."""
    for data in LIMITS[limit]:
        wire.unpack(data)
    monkeypatch.setattr(wire, limit, 100)
    for data in LIMITS[limit]:
        with pytest.raises(wire.Malformed):
            wire.unpack(data)


def test_many_things_side_by_side_are_not_deep():
    x = [((1,), [2]) for _ in range(99)]
    assert wire.unpack(wire.pack(x)) == x
    assert wire.unpack(nested(12, b"\x91" * 11 + b"\x90"))


def test_a_time_is_a_number():
    """msgpack has a type of its own for it."""
    assert wire.unpack(msgpack.packb(msgpack.Timestamp(9))) == 9.0


def test_text_that_is_no_text_goes_out_all_the_same():
    assert wire.unpack(wire.pack("a\ud800")) == "a?"


def test_too_much_does_not_go_out(monkeypatch):
    monkeypatch.setattr(wire, "MAX_FRAME", 100)
    ours, theirs = socket.socketpair()
    with ours, theirs, pytest.raises(TypeError, match="more than"):
        wire.send(ours, bytes(200))


@given(st.binary(max_size=60))
def test_any_bytes_are_plain_or_malformed(data):
    with contextlib.suppress(wire.Malformed):
        wire.pack(wire.unpack(data))


def test_a_byte_of_two_is_true():
    x = wire.unpack(array("|b1", [2], b"\x02\x00"))
    assert x.view(np.uint8).tolist() == [1, 0]


def test_a_line_has_deadlines_and_an_end():
    ours, theirs = socket.socketpair()
    with ours, theirs:
        with pytest.raises(wire.Late):
            wire.receive(ours, 0.01)
        theirs.sendall(b"\xff\xff\xff\xff")
        with pytest.raises(wire.Malformed):
            wire.receive(ours, 1)
        wire.send(theirs, (1, 2))
        assert wire.receive(ours, 1) == (1, 2)
        theirs.close()
        with pytest.raises(wire.Closed):
            wire.receive(ours, 1)
