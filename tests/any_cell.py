"""Cells for tests of what must work with any cell: gated ones, and one made up."""

from oracle import B, H, draw, draw_params

from course_pkg.cells import elman, gru, gru_before, lstm


class Pair:
    """Elman with a leaky sum c of its states, which it sees as a further input."""

    @staticmethod
    def step(gi, gh, state):
        h, tape = elman.step(gi, gh + state[1], state[0])
        return (h, state[1] / 2 + h), tape

    @staticmethod
    def step_grad(d_state, tape):
        dh, dc = d_state
        dgi, dgh, zero = elman.step_grad(dh + dc, tape)
        return dgi, dgh, (zero, dc / 2 + dgh)


GATED = {"lstm": (lstm, 4), "gru": (gru, 3), "before": (gru_before.ResetBefore(), 3)}


def draw_gated(name, seed=0):
    """Return a gated cell, drawn weights, and a drawn state: h, or h and c."""
    cell, G = GATED[name]
    h, c = draw(seed + 7, B, H), draw(seed + 8, B, H)
    return cell, draw_params(seed, G=G), (h, c) if name == "lstm" else h
