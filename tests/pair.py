"""A cell with a state of two parts, for tests of what must work with any cell."""

from course_pkg.cells import elman


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
