"""Plain data: what is copied, and what is said of the rest."""

import numpy as np
import pytest

from course_pkg.check.plain import NotPlain, to_plain


@pytest.mark.parametrize(
    "x", [None, True, 3, 2.5, "s", b"b", [1, (2.0, {"k": None})], np.eye(2)]
)
def test_plain_data_is_copied_as_it_is(x):
    np.testing.assert_equal(to_plain(x), x)


def test_numpy_scalars_keep_their_dtype():
    plain = to_plain(np.float32(0.5))
    assert (plain.dtype, plain.shape) == (np.float32, ())


def test_arrays_become_contiguous_native_copies():
    x = np.arange(6, dtype=">f8").reshape(2, 3).T
    plain = to_plain(x)
    assert plain.flags.c_contiguous
    assert plain.dtype.isnative
    assert not np.shares_memory(plain, x)
    np.testing.assert_array_equal(plain, x)


LOOP: list = []
LOOP.append(LOOP)


class Long(list):
    """A list that says it is short."""

    def __len__(self):
        return 1

    def __iter__(self):
        return iter([1.0])


@pytest.mark.parametrize(
    ("x", "said"),
    [
        (LOOP, "deep"),
        ([0.0] * 1_000_001, "more than the 1,000,000 numbers"),
        ([np.zeros(600_000)] * 2, "more than the 1,000,000 numbers"),
        ("x" * 20_000, "more than 10,000 characters"),
        ({(1, 2): 3}, "keys other than names"),
        (np.zeros(2, dtype="m8[s]"), "dtype timedelta64"),
        (np.zeros(2, dtype=[("a", "f8")]), "not of numbers"),
        (object(), "an object"),
    ],
)
def test_what_is_not_plain_is_said(x, said):
    with pytest.raises(NotPlain, match=said):
        to_plain(x)


def test_a_list_cannot_lie_about_its_content():
    assert to_plain(Long([1.0, 2.0, 3.0])) == [1.0, 2.0, 3.0]
