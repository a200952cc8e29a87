"""The GRU of the first papers: reset acts before the product, on h in W_hn h + b_hn.

Blocks and the meaning of z are those of the module gru. W_hn multiplies v = r h, which
only the cell knows. So the cell does it, and holds the last third of W_hh itself.
"""

from typing import Any, NamedTuple

from course_pkg.arrays import Array, blocks, join, linear, namespace, sigmoid


class Tape(NamedTuple):
    """What the backward pass needs, each (B, H); v is r h_{t-1}, which W_hn met."""

    r: Array
    z: Array
    n: Array
    v: Array
    h_prev: Array


class ResetBefore(NamedTuple):
    """A cell with W_hn (H, H) and b_hn (H,): the block n of weight_hh and bias_hh."""

    W_hn: Array = None
    b_hn: Array | None = None

    def bind(self, params: dict[str, Array]) -> "ResetBefore":
        """Return the cell with its thirds of weight_hh (G·H, H) and bias_hh (G·H,)."""
        W, b = params["weight_hh"], params.get("bias_hh")
        n = slice(2 * W.shape[1], None)
        return ResetBefore(W[n], None if b is None else b[n])

    def step(self, gi: Array, gh: Array, state: Array) -> tuple[Array, Tape]:
        """Take one step from h_{t-1} to h_t, which lies between n and h_{t-1}.

        gi, gh (B, 3H) and state (B, H): as in the module gru, but the block n of gh is
        not used. Returns h_t (B, H) and the tape. Source: Cho et al. 2014, Chung 2014.
        """
        i_r, i_z, i_n = blocks(gi, 3)
        h_r, h_z, _ = blocks(gh, 3)
        r, z = sigmoid(i_r + h_r), sigmoid(i_z + h_z)
        v = r * state
        n = namespace(gi).tanh(i_n + linear(v, self.W_hn, self.b_hn))
        return (1 - z) * n + z * state, Tape(r, z, n, v, state)

    def step_grad(self, d_state: Array, tape: Tape) -> tuple[Array, Array, Array]:
        """Take one step back from ∂L/∂h_t.

        d_state (B, H). Returns dgi, dgh (B, 3H), the block n of dgh zero because it was
        not used, and the direct gradient (B, H) of h_{t-1}: kept by z, and through v.
        """
        r, z, n, _, h_prev = tape
        dz, dn = d_state * (h_prev - n), d_state * (1 - z)
        da_n = dn * (1 - n**2)
        dv = da_n @ self.W_hn
        dr = dv * h_prev
        da_r, da_z = dr * r * (1 - r), dz * z * (1 - z)
        dgh = join(da_r, da_z, namespace(da_n).zeros_like(da_n))
        return join(da_r, da_z, da_n), dgh, d_state * z + dv * r

    def own_grads(self, tape: Any, dgi: Array, dh: Array) -> dict[str, Array]:
        """Return the gradients of weight_hh (3H, H), whose block n met v, and bias_hh.

        tape: of ``scan``, with T in front; dgi (T, B, 3H); dh (T, B, H): not needed.
        """
        da_r, da_z, da_n = blocks(dgi, 3)
        xp, h = namespace(dgi), tape.h_prev
        met = (da_r, h), (da_z, h), (da_n, tape.v)
        weight_hh = xp.concat([xp.einsum("tbg,tbh->gh", da, x) for da, x in met])
        return {"weight_hh": weight_hh, "bias_hh": dgi.sum((0, 1))}
