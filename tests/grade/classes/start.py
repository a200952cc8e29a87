"""The class that hands in the practice `start`."""

import numpy as np


class Ada:
    """Everything right."""

    message = "It said hs had one state too many, which was h_0. That helped."

    def running_total(x, h_0, mask):
        return h_0 + np.cumsum(mask * x, axis=0)

    def true_mean(v, mask):
        return v[mask == 1].mean()


class Dora(Ada):
    """Has no use for the mask."""

    def running_total(x, h_0, mask):
        states = []
        for x_t in x:
            h_0 = h_0 + x_t
            states.append(h_0)
        return np.array(states)

    def true_mean(v, mask):
        return (mask * v).mean()


class Hana:
    """Hands in the notebook as it was released."""


STUDENTS = (Ada, Dora, Hana)
LOST: dict[str, dict[str, tuple[float, str | None]]] = {
    "dora": {
        "running_total": (5, "the mask is not used"),
        "true_mean": (
            4,
            "padding left out of the sum, but divided by all positions",
        ),
    },
    "hana": {"running_total": (10, None), "true_mean": (6, None)},
}
