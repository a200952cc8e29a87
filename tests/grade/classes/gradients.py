"""The class that hands in `gradients`."""

import numpy as np

from course_pkg.bptt import scan_grad
from course_pkg.cells import elman


class Ada:
    """Everything right."""

    weights_say_little = (
        "The weights' gradient sums over all distances, so near steps can hide that "
        "far ones give nothing. I would plot state gradients against the lag, and do "
        "the same for a task that needs 50 steps."
    )

    def jacobian(params, h_prev, x):
        a = x @ params["weight_ih"].T + params["bias_ih"] + params["bias_hh"]
        h = np.tanh(a + h_prev @ params["weight_hh"].T)
        return (1 - h**2)[..., None] * params["weight_hh"]

    def product(Js):
        P = np.eye(Js.shape[1])
        for J in Js:
            P = J @ P
        return P

    def product_norms(Js):
        P, norms = np.eye(Js.shape[1]), []
        for J in Js[::-1]:
            P = P @ J
            norms.append(np.linalg.svd(P)[1].max())
        return np.array(norms)

    def counterexamples():
        A = np.array([[0.0, 1000.0], [0.0, 0.0]])
        return A, np.diag([2.0, 0.0]), np.diag([0.0, 2.0])

    def signal_norms(dhs, tape, W_hh, mask=None):
        d, found = np.zeros_like(dhs[0]), []
        for t in range(len(dhs) - 1, -1, -1):
            d = d + dhs[t]
            found.append(np.linalg.norm(d, axis=1).mean())
            m = 1 if mask is None else mask[t]
            d = (m * d * (1 - tape.h[t] ** 2)) @ W_hh + (1 - m) * d
        return np.array(found)

    def diagnose(curve, control):
        if not np.isfinite(curve).all() or curve[-1] > 1000 * curve[0]:
            return "exploding"
        if curve[-1] > 0.001 * curve[0]:
            return "healthy"
        if control[-1] > 0.001 * control[0]:
            return "nothing there"
        return "vanishing"


class Boris(Ada):
    """Scales columns, and takes the bound for the product."""

    def jacobian(params, h_prev, x):
        a = x @ params["weight_ih"].T + params["bias_ih"] + params["bias_hh"]
        h = np.tanh(a + h_prev @ params["weight_hh"].T)
        return np.array([params["weight_hh"] * (1 - row**2) for row in h])

    def product_norms(Js):
        norms, bound = [], 1.0
        for J in Js[::-1]:
            bound *= np.linalg.norm(J, 2)
            norms.append(bound)
        return np.array(norms)


class Chen(Ada):
    """Refutes nothing with A, averages too early, and writes nothing."""

    weights_say_little = None

    def counterexamples():
        return 3 * np.eye(3), np.diag([2.0, 0.0]), np.diag([0.0, 2.0])

    def signal_norms(dhs, tape, W_hh, mask=None):
        dh = scan_grad(elman, dhs, 0 * dhs[0], tape, W_hh, mask)[3]
        return np.linalg.norm(dh.mean(1), axis=-1)[::-1]


class Dora(Ada):
    """Has the order of the matrices the wrong way round, and no use for the control."""

    def product(Js):
        P = np.eye(Js.shape[1])
        for J in Js:
            P = P @ J
        return P

    def diagnose(curve, control):
        if not np.isfinite(curve).all() or curve[-1] > 1000 * curve[0]:
            return "exploding"
        return "healthy" if curve[-1] > 0.001 * curve[0] else "vanishing"


class Emil(Ada):
    """A bracket is missing in one answer, another does not end."""

    product = """
    def product(Js):
        P = np.eye(Js.shape[1]
        return P
    """

    def product_norms(Js):
        while True:
            pass


class Hana:
    """Hands in the notebook as it was released."""


STUDENTS = (Ada, Boris, Chen, Dora, Emil, Hana)
LOST: dict[str, dict[str, tuple[float, str | None]]] = {
    "boris": {
        "jacobian": (4, "columns of W_hh scaled instead of rows"),
        "product_norms": (2, "the product of the norms"),
    },
    "chen": {
        "counterexamples": (1.5, "A grows because an eigenvalue is above 1"),
        "signal_norms": (4, "the mean over the batch before the norm"),
    },
    "dora": {
        "product": (1.5, "the latest matrix on the right"),
        "diagnose": (3, "the control is not used"),
    },
    "emil": {"product": (2, None), "product_norms": (2, None)},
    "hana": {
        "jacobian": (4, None),
        "product": (2, None),
        "product_norms": (2, None),
        "counterexamples": (3, None),
        "signal_norms": (4, None),
        "diagnose": (3, None),
    },
}
