"""Tell whether two pieces of plain data are the same, without words."""

from typing import Any

import numpy as np


def same(a: Any, b: Any, rtol: float) -> bool:
    """Compare plain data: same structure, same shapes, numbers equal up to rtol.

    rtol is relative to the largest number of each array. NaN equals NaN here: the
    question is whether two answers went wrong in the same way.
    """
    if isinstance(a, dict) or isinstance(b, dict):
        return _is(dict, a, b) and a.keys() == b.keys() and _all(a, b, list(a), rtol)
    if isinstance(a, (list, tuple)) or isinstance(b, (list, tuple)):
        return (
            _is((list, tuple), a, b)
            and len(a) == len(b)
            and _all(a, b, range(len(a)), rtol)
        )
    number = (bool, int, float, np.ndarray)
    if not (isinstance(a, number) and isinstance(b, number)):
        return type(a) is type(b) and a == b
    return _close(np.asarray(a), np.asarray(b), rtol)


def changed(before: dict[str, Any], after: dict[str, Any], rtol: float) -> list[str]:
    """Return the names of what differs after a call."""
    return [
        name
        for name, x in before.items()
        if name not in after or not same(x, after[name], rtol)
    ]


def _is(kind: Any, a: Any, b: Any) -> bool:
    return isinstance(a, kind) and isinstance(b, kind)


def _all(a: Any, b: Any, keys: Any, rtol: float) -> bool:
    return all(same(a[key], b[key], rtol) for key in keys)


def _close(a: np.ndarray, b: np.ndarray, rtol: float) -> bool:
    if a.shape != b.shape:
        return False
    a, b = a.astype(complex), b.astype(complex)  # booleans and integers too
    finite = np.abs(a[np.isfinite(a)])
    atol = rtol * finite.max(initial=0)
    return bool(np.isclose(a, b, rtol=0, atol=atol, equal_nan=True).all())
