"""The class that hands in `elman`."""

import numpy as np


class Ada:
    """Everything right."""

    learned_to_add = (
        "After eight steps 0.99 has lost hardly anything, after 200 nearly all. I "
        "would test the same weights on lengths up to 200 and on larger numbers."
    )

    def step(params, h_prev, x):
        a = x @ params["weight_ih"].T + h_prev @ params["weight_hh"].T
        return np.tanh(a + params["bias_ih"] + params["bias_hh"])

    def scan(step, x, h_0, mask=None):
        h, hs = h_0, []
        for t in range(len(x)):
            new = step(h, x[t])
            h = new if mask is None else np.where(mask[t] == 1, new, h)
            hs.append(h)
        return np.array(hs)

    def jordan(params, x, y_0):
        y, ys = y_0, []
        for x_t in x:
            a = x_t @ params["weight_ih"].T + y @ params["weight_hh"].T
            h = np.tanh(a + params["bias_ih"] + params["bias_hh"])
            y = 1 / (1 + np.exp(-h @ params["weight_hy"].T - params["bias_y"]))
            ys.append(y)
        return np.array(ys)

    def summing():
        one = [[1.0]]
        net = {"weight_ih": one, "weight_hh": one, "weight_hy": one}
        return net | {"activation": "linear"}

    def comparing():
        net = {"weight_ih": np.eye(2), "weight_hh": np.eye(2)}
        return net | {"activation": "linear", "weight_hy": [[1, -1]]}

    def latch():
        net = {"weight_ih": [[9.0]], "weight_hh": [[3.0]], "weight_hy": [[1.0]]}
        return net | {"activation": "tanh"}

    def dependencies(f, x):
        D = np.zeros((len(x), len(x)), dtype=bool)
        for s in range(len(x)):
            other = x.copy()
            other[s] = np.nan
            D[:, s] = np.isnan(f(other)).any(axis=1)
        return D


class Boris(Ada):
    """Forgets a transpose, and lets padding set the state to zero."""

    def step(params, h_prev, x):
        a = x @ params["weight_ih"].T + h_prev @ params["weight_hh"]
        return np.tanh(a + params["bias_ih"] + params["bias_hh"])

    def scan(step, x, h_0, mask=None):
        h, hs = h_0, []
        for t in range(len(x)):
            h = step(h, x[t])
            if mask is not None:
                h = h * mask[t]
            hs.append(h)
        return np.array(hs)


class Chen(Ada):
    """Feeds back the state, takes a ReLU for a total, and writes nothing."""

    learned_to_add = None

    def jordan(params, x, y_0):
        fed, ys = y_0, []
        for x_t in x:
            a = x_t @ params["weight_ih"].T + fed @ params["weight_hh"].T
            fed = np.tanh(a + params["bias_ih"] + params["bias_hh"])
            y = 1 / (1 + np.exp(-fed @ params["weight_hy"].T - params["bias_y"]))
            ys.append(y)
        return np.array(ys)

    def summing():
        one = [[1.0]]
        net = {"weight_ih": one, "weight_hh": one, "weight_hy": one}
        return net | {"activation": "relu"}


class Dora(Ada):
    """Has a leaking lead, a slow leak in the latch, and a map that lies on its side."""

    def comparing():
        net = {"weight_ih": [[1.0, -1.0]], "weight_hh": [[0.99]]}
        return net | {"activation": "linear", "weight_hy": [[1.0]]}

    def latch():
        net = {"weight_ih": [[9.0]], "weight_hh": [[1.0]], "weight_hy": [[1.0]]}
        return net | {"activation": "tanh"}

    def dependencies(f, x):
        rows = []
        for s in range(len(x)):
            other = x.copy()
            other[s] += 1
            rows.append((f(other) != f(x)).any(axis=1))
        return np.array(rows)


class Emil(Ada):
    """A bracket is missing in one answer, another does not end."""

    step = """
    def step(params, h_prev, x):
        return np.tanh(x @ params["weight_ih"].T
    """

    def latch():
        while True:
            pass


class Hana:
    """Hands in the notebook as it was released."""


STUDENTS = (Ada, Boris, Chen, Dora, Emil, Hana)
LOST: dict[str, dict[str, tuple[float, str | None]]] = {
    "boris": {
        "step": (4, "W_hh without its transpose"),
        "scan": (2.5, "the masked state is set to zero"),
    },
    "chen": {
        "jordan": (2, "h is fed back"),
        "summing": (1, "a single ReLU unit"),
    },
    "dora": {
        "comparing": (1, "the recurrent weight is a little below 1"),
        "latch": (1, "a recurrent weight of 1"),
        "dependencies": (3, "the map is transposed"),
    },
    "emil": {"step": (4, None), "latch": (2, None)},
    "hana": {
        "step": (4, None),
        "scan": (4, None),
        "jordan": (3, None),
        "summing": (1, None),
        "comparing": (1, None),
        "latch": (2, None),
        "dependencies": (3, None),
    },
}
