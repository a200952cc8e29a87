"""First values of weights, where the choice decides what can be learned.

Weights and params come in for their shapes, kind and width; new arrays go out. Whoever
draws hands in a generator ``rng``: numpy.random.Generator, or torch.Generator.
"""

from typing import Any

from course_pkg.arrays import Array, expect, eye, namespace

Params = dict[str, Array]


def orthogonal(weight: Array, rng: Any, gain: float = 1.0) -> Array:
    """Draw a weight whose blocks (H, H) are random orthogonal matrices times gain.

    weight (G·H, H). Returns an array like it: W h is as long as gain · h, for every h.
    Raises ValueError for other shapes. Source: Saxe, McClelland, Ganguli 2014.
    """
    xp, H = namespace(weight), _square_blocks(weight)
    Q, R = xp.linalg.qr(_normal(weight, rng).reshape(-1, H, H))
    # Without these signs Q would not be uniform: QR algorithms prefer some.
    signs = xp.sign(xp.linalg.diagonal(R))
    return gain * (Q * signs[:, None, :]).reshape(-1, H)


def project_orthogonal(weight: Array) -> Array:
    """Replace every block (H, H) of a weight by the orthogonal matrix nearest to it.

    weight (G·H, H). Returns an array like it: U Vᵀ of each block U S Vᵀ, so that what
    training has stretched is set back. Raises ValueError for other shapes.
    Source: Schönemann 1966.
    """
    H = _square_blocks(weight)
    U, _, Vh = namespace(weight).linalg.svd(weight.reshape(-1, H, H))
    return (U @ Vh).reshape(-1, H)


def identity(weight: Array, gain: float = 1.0) -> Array:
    """Return gain times the identity in every block (H, H): a ReLU net then keeps.

    weight (G·H, H). Raises ValueError for other shapes. Source: Le et al. 2015.
    """
    H = _square_blocks(weight)
    blocks = [gain * eye(H, weight)] * (len(weight) // H)
    return namespace(weight).concat(blocks)


def forget_bias(params: Params, value: float) -> Params:
    """Set the forget gates' biases of an LSTM, blocks i f g o, to value.

    params: biases (G·H,) among others, of one or more layers. torch adds two biases:
    one gets value, the other 0, so that their *sum* is value and f starts at σ(value).
    Returns a new dict. Raises ValueError without biases. Source: Gers et al. 2000.
    """
    return _set_gate(params, 4, 1, value)


def keep_bias(params: Params, value: float) -> Params:
    """Set the update gates' biases of a GRU, blocks r z n, to value: positive keeps.

    params: biases (G·H,) among others; all else as in `forget_bias`. Where the update
    gate means *change*, negative values keep.
    """
    return _set_gate(params, 3, 1, value)


def chrono(params: Params, longest: float, rng: Any) -> Params:
    """Draw the biases of gates so that units remember for 1 to longest - 1 steps.

    params of an LSTM (b_f = ln u and b_i = -ln u) or of a GRU (b_z = ln u), with biases
    (G·H,) and weight_hh (G·H, H); u uniform in [1, longest - 1].
    Returns a new dict. Raises ValueError for longest < 2 and without biases.
    Source: Tallec, Ollivier 2018.
    """
    expect(longest >= 2, "longest", "a number of steps ≥ 2", longest)
    for name in _input_biases(params):
        bias = params[name]
        G = _gates(params, name)
        H = len(bias) // G
        log_u = namespace(bias).log(1 + (longest - 2) * _uniform(bias[:H], rng))
        params = _set_blocks(params, name, G, 1, log_u)
        if G == 4:
            params = _set_blocks(params, name, G, 0, -log_u)
    return params


def _set_gate(params: Params, G: int, block: int, value: float) -> Params:
    for name in _input_biases(params):
        bias = params[name]
        expect(len(bias) % G == 0, name, f"{G}H numbers", len(bias))
        new = 0 * bias[: len(bias) // G] + value
        params = _set_blocks(params, name, G, block, new)
    return params


def _set_blocks(params: Params, name: str, G: int, block: int, new: Array) -> Params:
    """Put new (H,) into one block of bias_ih, and zeros into that of bias_hh."""
    twin, H = name.replace("bias_ih", "bias_hh"), len(new)
    rows = slice(block * H, (block + 1) * H)
    changed = {}
    for key, values in ((name, new), (twin, 0 * new)):
        xp, bias = namespace(params[key]), params[key]
        changed[key] = xp.concat([bias[: rows.start], values, bias[rows.stop :]])
    return params | changed


def _input_biases(params: Params) -> list[str]:
    names = [name for name in params if name.startswith("bias_ih")]
    expect(bool(names), "params", "biases named bias_ih…", sorted(params))
    return names


def _gates(params: Params, name: str) -> int:
    weight = params[name.replace("bias_ih", "weight_hh")]
    G, rest = divmod(len(params[name]), weight.shape[1])
    expect(G in (3, 4) and rest == 0, name, "3H or 4H numbers", len(params[name]))
    return G


def _square_blocks(weight: Array) -> int:
    fits = weight.ndim == 2 and len(weight) % weight.shape[1] == 0
    expect(fits, "weight", "(G·H, H)", tuple(weight.shape))
    return weight.shape[1]


def _normal(like: Array, rng: Any) -> Array:
    xp = namespace(like)
    if xp.__name__ == "torch":
        return xp.empty_like(like).normal_(generator=rng)
    return rng.standard_normal(like.shape).astype(like.dtype)


def _uniform(like: Array, rng: Any) -> Array:
    xp = namespace(like)
    if xp.__name__ == "torch":
        return xp.empty_like(like).uniform_(generator=rng)
    return rng.random(like.shape).astype(like.dtype)
