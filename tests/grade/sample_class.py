"""A small class that hands in `bptt`: who wrote what, and what a fair person gives.

`python tests/grade/sample_class.py` writes the notebooks of tests/data/class/bptt from
the released assignment. A student is a class; who inherits wrote the same but for the
methods that differ. The docstrings are what happened, not what the student thinks.
"""

import inspect
import json
import textwrap
from pathlib import Path

import numpy as np

from course_pkg.bptt import at
from course_pkg.bptt import scan_grad as package_scan_grad

ROOT = Path(__file__).parents[2]
RELEASED = ROOT / "assignments" / "bptt" / "bptt.ipynb"
CLASS = ROOT / "tests" / "data" / "class" / "bptt"


class Ada:
    """Everything right, in whole arrays."""

    why_sum = (
        "W is shared, so changing it changes every step at once, and small changes add "
        "up. Without the earlier terms the net never learns what to store for later."
    )

    def cross_entropy(logits, y, mask):
        z = logits - logits.max(axis=-1, keepdims=True)
        nats = (
            np.log(np.exp(z).sum(axis=-1))
            - np.take_along_axis(z, y[..., None], -1)[..., 0]
        )
        return (mask[..., 0] * nats).sum() / mask.sum()

    def cross_entropy_grad(logits, y, mask):
        e = np.exp(logits - logits.max(axis=-1, keepdims=True))
        d = e / e.sum(axis=-1, keepdims=True)
        np.put_along_axis(
            d, y[..., None], np.take_along_axis(d, y[..., None], -1) - 1, axis=-1
        )
        return d * mask / mask.sum()

    def step_grad(d_state, tape):
        da = (1 - tape.h * tape.h) * d_state
        return da, da.copy(), 0 * da

    def scan_grad(cell, dhs, d_state, tape, W_hh, mask=None):
        T, B, _H = dhs.shape
        if mask is None:
            mask = np.ones((T, B, 1))
        dgi, dgh, dh = np.zeros_like(dhs), np.zeros_like(dhs), np.zeros_like(dhs)
        carry = d_state
        for t in range(T - 1, -1, -1):
            dh[t] = carry + dhs[t]
            dgi[t], dgh[t], direct = cell.step_grad(mask[t] * dh[t], at(tape, t))
            carry = direct + dgh[t] @ W_hh + (1 - mask[t]) * dh[t]
        return dgi, dgh, carry, dh

    def weight_grads(params, x, tape, dgi, dgh):
        grads = {
            "weight_ih": np.tensordot(dgi, x, axes=([0, 1], [0, 1])),
            "weight_hh": np.tensordot(dgh, tape.h_prev, axes=([0, 1], [0, 1])),
            "bias_ih": dgi.sum(axis=(0, 1)),
            "bias_hh": dgh.sum(axis=(0, 1)),
        }
        return {k: grads[k] for k in params}, dgi @ params["weight_ih"]

    def finite_difference(f, x, eps=1e-5):
        g = np.zeros_like(x)
        for i, value in np.ndenumerate(x):
            up, down = x.copy(), x.copy()
            up[i], down[i] = value + eps, value - eps
            g[i] = (f(up) - f(down)) / (2 * eps)
        return g

    def contributions(cell, dhs, tape, W_hh, mask=None):
        T = len(dhs)
        C = np.zeros((T, T))
        for t in range(T):
            alone = np.zeros_like(dhs)
            alone[t] = dhs[t]
            none = np.zeros_like(dhs[0])
            dh = package_scan_grad(cell, alone, none, tape, W_hh, mask)[3]
            C[t] = np.linalg.norm(dh, axis=-1).mean(axis=-1)
        return C


class Boris:
    """Everything right, one number at a time."""

    why_sum = "The chain rule over all paths. Each step is a path from w to the loss."

    def cross_entropy(logits, y, mask):
        total, count = 0.0, 0.0
        for t in range(y.shape[0]):
            for b in range(y.shape[1]):
                if mask[t, b, 0]:
                    row = logits[t, b] - max(logits[t, b])
                    total += np.log(sum(np.exp(row))) - row[y[t, b]]
                    count += 1
        return total / count

    def cross_entropy_grad(logits, y, mask):
        d = np.zeros_like(logits)
        for t, b in np.ndindex(*y.shape):
            if mask[t, b, 0]:
                row = np.exp(logits[t, b] - max(logits[t, b]))
                d[t, b] = row / sum(row)
                d[t, b, y[t, b]] -= 1
        return d / np.count_nonzero(mask)

    def step_grad(d_state, tape):
        a = np.arctanh(tape.h)
        d = d_state / np.cosh(a) ** 2
        return d, d, np.zeros(d.shape)

    def scan_grad(cell, dhs, d_state, tape, W_hh, mask=None):
        T = dhs.shape[0]
        dgi, dgh, dh = [None] * T, [None] * T, [None] * T
        for t in reversed(range(T)):
            dh[t] = d_state + dhs[t]
            on = np.ones_like(dh[t][:, :1]) if mask is None else mask[t]
            through = np.where(on > 0, dh[t], 0)
            dgi[t], dgh[t], d_prev = cell.step_grad(through, at(tape, t))
            d_state = np.where(on > 0, d_prev + (W_hh.T @ dgh[t].T).T, dh[t])
        return np.array(dgi), np.array(dgh), d_state, np.array(dh)

    def weight_grads(params, x, tape, dgi, dgh):
        grads = {name: np.zeros_like(p) for name, p in params.items()}
        dx = np.zeros_like(x)
        for t in range(x.shape[0]):
            for b in range(x.shape[1]):
                grads["weight_ih"] += np.outer(dgi[t, b], x[t, b])
                grads["weight_hh"] += np.outer(dgh[t, b], tape.h_prev[t, b])
                if "bias_ih" in grads:
                    grads["bias_ih"] += dgi[t, b]
                    grads["bias_hh"] += dgh[t, b]
                dx[t, b] = params["weight_ih"].T @ dgi[t, b]
        return grads, dx

    def finite_difference(f, x, eps=1e-5):
        flat = x.ravel()
        unit = np.eye(flat.size)
        slopes = [
            (
                f((flat + eps * e).reshape(x.shape))
                - f((flat - eps * e).reshape(x.shape))
            )
            / (2 * eps)
            for e in unit
        ]
        return np.array(slopes).reshape(x.shape)

    def contributions(cell, dhs, tape, W_hh, mask=None):
        T, B, _ = dhs.shape
        C = np.zeros((T, T))
        for t in range(T):
            v = dhs[t]
            for k in range(t, -1, -1):
                C[t, k] = np.sqrt((v**2).sum(1)).mean()
                m = np.ones((B, 1)) if mask is None else mask[k]
                _, dgh, d_prev = cell.step_grad(m * v, at(tape, k))
                v = d_prev + dgh @ W_hh + (1 - m) * v
        return C


class Chen(Ada):
    """Right as far as it goes: tasks 4 and 5 and the written answer are left open."""

    why_sum = finite_difference = contributions = None


class Dora(Ada):
    """Adds the loss's share at the last step only."""

    def scan_grad(cell, dhs, d_state, tape, W_hh, mask=None):
        T, B, _H = dhs.shape
        if mask is None:
            mask = np.ones((T, B, 1))
        dgi, dgh, dh = np.zeros_like(dhs), np.zeros_like(dhs), np.zeros_like(dhs)
        carry = d_state + dhs[-1]
        for t in range(T - 1, -1, -1):
            dh[t] = carry
            dgi[t], dgh[t], direct = cell.step_grad(mask[t] * dh[t], at(tape, t))
            carry = direct + dgh[t] @ W_hh + (1 - mask[t]) * dh[t]
        return dgi, dgh, carry, dh

    def contributions(cell, dhs, tape, W_hh, mask=None):
        rows = []
        for t in range(len(dhs)):
            only = dhs * (np.arange(len(dhs)) == t)[:, None, None]
            dh = package_scan_grad(cell, only, 0 * dhs[0], tape, W_hh, mask)[3]
            rows.append(np.linalg.norm(dh, axis=2).mean(1))
        return np.array(rows)


class Emil(Ada):
    """Multiplies with the state after the step, and writes nothing."""

    why_sum = None

    def weight_grads(params, x, tape, dgi, dgh):
        grads = {
            "weight_ih": np.einsum("tbh,tbi->hi", dgi, x),
            "weight_hh": np.einsum("tbg,tbh->gh", dgh, tape.h),
            "bias_ih": dgi.sum((0, 1)),
            "bias_hh": dgh.sum((0, 1)),
        }
        return grads, dgi @ params["weight_ih"]


class Fatima(Ada):
    """Forgets the derivative of tanh, and divides by T·B whatever the mask says."""

    def step_grad(d_state, tape):
        return d_state, d_state, np.zeros_like(d_state)

    def cross_entropy(logits, y, mask):
        z = logits - logits.max(axis=-1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(axis=-1, keepdims=True))
        picked = np.take_along_axis(log_p, y[..., None], -1)
        return -(mask * picked).sum() / y.size


class Gus(Ada):
    """Takes one-sided differences, and a total derivative for the immediate one."""

    def finite_difference(f, x, eps=1e-5):
        g = np.zeros_like(x)
        for i in np.ndindex(*x.shape):
            moved = x.copy()
            moved[i] += eps
            g[i] = (f(moved) - f(x)) / eps
        return g

    def contributions(cell, dhs, tape, W_hh, mask=None):
        total = package_scan_grad(cell, dhs, 0 * dhs[0], tape, W_hh, mask)[3]
        rows = []
        for t in range(len(dhs)):
            only = np.zeros_like(dhs)
            only[t] = total[t]
            dh = package_scan_grad(cell, only, 0 * dhs[0], tape, W_hh, mask)[3]
            rows.append(np.linalg.norm(dh, axis=-1).mean(-1))
        return np.array(rows)


class Hana:
    """Hands in the notebook as it was released."""


class Ivan(Ada):
    """A bracket is missing in one answer."""

    step_grad = """
    def step_grad(d_state, tape):
        da = d_state * (1 - tape.h ** 2
        return da, da, 0 * da
    """


class Jo(Ada):
    """One loop never ends: t does not change."""

    def scan_grad(cell, dhs, d_state, tape, W_hh, mask=None):
        t = len(dhs) - 1
        dgi = np.zeros_like(dhs)
        while t >= 0:
            d_state = d_state + dhs[t]
            dgi[t], _, d_state = cell.step_grad(d_state, at(tape, t))
        return dgi, dgi, d_state, dgi


STUDENTS = (Ada, Boris, Chen, Dora, Emil, Fatima, Gus, Hana, Ivan, Jo)
NOT_JSON = "Kim: I could not export the notebook, here is a link: drive/bptt.ipynb\n"


def answer(student: type, task: str) -> str | None:
    """Return what a student wrote in the cell of a task, None for nothing."""
    written = getattr(student, task, None)
    text = inspect.getsource(written) if callable(written) else written
    return text and textwrap.dedent(text).strip()


def notebook(student: type) -> str:
    """Return the released notebook with the student's answers in it."""
    released = json.loads(RELEASED.read_text(encoding="utf-8"))
    for cell in released["cells"]:
        grade_id = cell["metadata"].get("nbgrader", {}).get("grade_id", "")
        if written := answer(student, grade_id):
            cell["source"] = written.splitlines(keepends=True)
    return json.dumps(released, indent=1, ensure_ascii=False) + "\n"


def submissions() -> dict[str, str]:
    """Return what each student hands in: name -> text of bptt.ipynb."""
    texts = {student.__name__.lower(): notebook(student) for student in STUDENTS}
    return {**texts, "kim": NOT_JSON}


if __name__ == "__main__":
    for name, text in submissions().items():
        path = CLASS / name / "bptt" / "bptt.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
