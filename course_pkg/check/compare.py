"""Compare plain data with what was expected, and say in words where it differs.

The tolerance comes from float32 and the length of the computation, also for a float64
answer: its array may be wider than the numbers that were put in, as with `float(x)` of
a float32 sum or np.zeros filled from a tensor. A coarser dtype gets no more.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from course_pkg.check.case import Form
from course_pkg.check.picture import Graph, graph, where

EPS = float(np.finfo(np.float32).eps)
DRIFT = 8 * float(np.finfo(np.float64).eps)  # of an argument moved and put back


@dataclass(frozen=True)
class Difference:
    """One part of a result that is not right: its name, a sentence, pictures."""

    part: str
    text: str
    picture: str = ""
    graph: Graph = ()


def tolerance(inputs: Any) -> float:
    """Return the largest relative error of a right answer: 8 ε n, n numbers in."""
    return 8 * EPS * max(64, *_sizes(inputs))


def _sizes(x: Any) -> list[int]:
    if isinstance(x, dict):
        return [size for part in x.values() for size in _sizes(part)]
    return [x.size if isinstance(x, np.ndarray) else 1]


def differences(
    form: Form, expected: Any, got: Any, rtol: float, part: str = ""
) -> list[Difference]:
    """Return what is wrong with got, part by part in the order of form; [] if right."""
    if form is None:
        return []
    if isinstance(form, str):
        difference = _leaf(form, np.asarray(expected), got, rtol, part)
        return [difference] if difference else []
    if isinstance(form, dict):
        return _dict(form, expected, got, rtol, part)
    if not isinstance(got, (tuple, list)) or len(got) != len(form):
        names = ", ".join(name for name, _ in form)
        text = f"expected {len(form)} results ({names}), got {describe(got)}"
        return [Difference(part, _colon(part) + text)]
    found = []
    for (name, inner), e, g in zip(form, expected, got, strict=True):
        found += differences(inner, e, g, rtol, f"{part}: {name}" if part else name)
    return found


def _dict(
    form: dict[str, Form], expected: Any, got: Any, rtol: float, part: str
) -> list[Difference]:
    if not isinstance(got, dict):
        text = f"{_colon(part)}expected a dict, got {describe(got)}"
        return [Difference(part, text)]
    need = [name for name in expected if form[name] is not None]
    missing = [name for name in need if name not in got]
    extra = [str(name)[:60] for name in got if name not in expected]
    if missing or extra:
        said = [f"{_are(missing)} missing"] if missing else []
        said += [f"{_are(extra[:6])} not asked for"] if extra else []
        return [Difference(part, f"{_colon(part)}{' and '.join(said)}")]
    found = []
    for name in need:
        inner = f"{part}['{name}']"
        found += differences(form[name], expected[name], got[name], rtol, inner)
    return found


def _leaf(
    axes: str, expected: np.ndarray, got: Any, rtol: float, part: str
) -> Difference | None:
    letters = axes.split()
    need = _wanted(letters, expected.shape)
    if type(got) is float:
        got = np.asarray(got)
    if not isinstance(got, np.ndarray):
        advice = "; np.stack makes one of a list of arrays" * isinstance(got, list)
        advice = "; is there a `return`?" if got is None else advice
        text = f"{_colon(part)}expected {need}, got {describe(got)}{advice}"
        return Difference(part, text)
    if got.dtype.kind != "f" or got.shape != expected.shape:
        text = f"{_colon(part)}expected {need}, got {describe(got)}"
        turned = got.ndim > 1 and sorted(got.shape) == sorted(expected.shape)
        more = " (the right axes in another order)"
        swapped = turned and got.shape != expected.shape
        return Difference(part, text + more * swapped)
    # In the wider type, so that no float16 overflows while it is judged.
    return _numbers(letters, expected, got.astype(np.float64), rtol, part)


def _numbers(
    letters: list[str], expected: np.ndarray, got: np.ndarray, rtol: float, part: str
) -> Difference | None:
    finite = np.isfinite(got)
    with np.errstate(all="ignore"):
        error = np.where(finite, np.abs(got - expected), np.inf)
    scale = float(np.abs(expected).max(initial=0)) or 1.0
    wrong = error > rtol * scale
    if not wrong.any():
        return None
    first = tuple(int(i) for i in np.argwhere(wrong)[0])
    place = f"{part or 'the result'}{_index(letters, first)}"
    text = f"{place}: expected {expected[first]:.6g}, got {got[first]:.6g}."
    if wrong.size > 1:
        text += f" {wrong.sum()} of {wrong.size} entries are wrong"
        text += _only(letters, wrong)
        text += _size_of(letters, error, finite, expected, got, wrong)
    pictures = where(letters, wrong), graph(expected, got, wrong)
    return Difference(part, text, *pictures)


def _size_of(
    letters: list[str],
    error: np.ndarray,
    finite: np.ndarray,
    expected: np.ndarray,
    got: np.ndarray,
    wrong: np.ndarray,
) -> str:
    """Tell the largest error, or how many are not finite, or a common factor."""
    if not finite.all():
        return f"; {(~finite).sum()} of them are NaN or infinite."
    worst = tuple(int(i) for i in np.unravel_index(error.argmax(), error.shape))
    text = f"; the largest error is {error[worst]:.3g}, at {_index(letters, worst)}."
    large = np.abs(expected) > 0.05 * np.abs(expected).max()
    ratio = got[large] / expected[large]
    if wrong[large].all() and len(ratio) > 2 and np.ptp(ratio) < 1e-3 * abs(ratio[0]):
        text += f" Yours is {ratio[0]:.4g} times the expected one."
    return text


def _only(letters: list[str], wrong: np.ndarray) -> str:
    """Say on which single index of an axis all the wrong entries lie, if on one."""
    for axis, letter in enumerate(letters):
        indices = np.unique(np.argwhere(wrong)[:, axis])
        if len(indices) == 1 and wrong.shape[axis] > 1:
            return f", all at {letter.lower()}={indices[0]}"
    return ""


def _index(letters: list[str], index: tuple[int, ...]) -> str:
    named = [f"{a.lower()}={i}" for a, i in zip(letters, index, strict=True)]
    return f"[{', '.join(named)}]" if named else ""


def wanted(form: Form, expected: Any) -> str:
    """Say what a result should be, from its form and an expected one."""
    if isinstance(form, str):
        return _wanted(form.split(), np.shape(expected))
    if isinstance(form, dict):
        return f"a dict with {', '.join(expected)}"
    names = [name for name, _ in form]
    if names[0] == "first call":
        return wanted(form[0][1], expected[0])
    return f"{len(names)} results ({', '.join(names)})"


def _wanted(letters: list[str], shape: tuple[int, ...]) -> str:
    if not letters:
        return "a real number"
    return f"real numbers of shape ({', '.join(letters)}) = {shape}"


def _are(names: list[str]) -> str:
    return f"{', '.join(names)} {'are' if names[1:] else 'is'}"


def _colon(part: str) -> str:
    return f"{part}: " if part else ""


def describe(x: Any) -> str:
    """Say what plain data is: its type, and shape and dtype or length."""
    if isinstance(x, np.ndarray):
        kind = {"c": "complex numbers", "f": "real numbers"}.get(x.dtype.kind)
        return f"{kind or 'integers'} of shape {x.shape} and dtype {x.dtype}"
    if isinstance(x, (list, tuple, dict)):
        size = f" of {len(x)}" if len(x) else ", empty"
        return f"a {type(x).__name__}{size}"
    if x is None or isinstance(x, (bool, int, float)):
        return f"{x!r}" if x is None else f"the {type(x).__name__} {x!r}"
    return f"a {type(x).__name__}"
