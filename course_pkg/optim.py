"""Optimisers on dicts of arrays: new parameters come out, nothing changes in place.

Each takes params and grads with the same keys, and the learning rate lr ≥ 0; all raise
ValueError for others. State that an optimiser keeps between steps is an argument and a
result; start it with ``{}``.
"""

from course_pkg.arrays import Array, expect

Arrays = dict[str, Array]


def sgd(params: Arrays, grads: Arrays, lr: float) -> Arrays:
    """Take a step of gradient descent: θ − lr · g. Source: Robbins and Monro 1951."""
    _expect(params, grads, lr)
    return {name: p - lr * grads[name] for name, p in params.items()}


def momentum(
    params: Arrays, grads: Arrays, velocity: Arrays, lr: float, mu: float = 0.9
) -> tuple[Arrays, Arrays]:
    """Take a step with momentum: v ← μ v + g, θ ← θ − lr · v, μ in [0, 1).

    Returns parameters and velocity, as torch.optim.SGD does. Source: Polyak 1964.
    """
    expect(0 <= mu < 1, "mu", "a number in [0, 1)", mu)
    velocity = {name: mu * velocity.get(name, 0) + g for name, g in grads.items()}
    return sgd(params, velocity, lr), velocity


def adam(
    params: Arrays,
    grads: Arrays,
    state: dict,
    lr: float = 1e-3,
    betas: tuple[float, float] = (0.9, 0.999),
    eps: float = 1e-8,
) -> tuple[Arrays, dict]:
    """Take a step of Adam, as torch.optim.Adam does.

    state holds the step count n and the running means m of g and v of g². Returns
    parameters and state. Source: Kingma and Ba 2015, algorithm 1.
    """
    _expect(params, grads, lr)
    right = all(0 <= b < 1 for b in betas)
    expect(right, "betas", "two numbers in [0, 1)", betas)
    n, (b1, b2) = state.get("n", 0) + 1, betas
    old_m, old_v = state.get("m", {}), state.get("v", {})
    m = {k: b1 * old_m.get(k, 0) + (1 - b1) * g for k, g in grads.items()}
    v = {k: b2 * old_v.get(k, 0) + (1 - b2) * g**2 for k, g in grads.items()}
    new = {
        k: p - lr * (m[k] / (1 - b1**n)) / ((v[k] / (1 - b2**n)) ** 0.5 + eps)
        for k, p in params.items()
    }
    return new, {"n": n, "m": m, "v": v}


def _expect(params: Arrays, grads: Arrays, lr: float) -> None:
    want = f"the keys {sorted(params)}"
    expect(grads.keys() == params.keys(), "grads", want, sorted(grads))
    for name, p in params.items():
        want, got = f"the shape of its parameter = {(*p.shape,)}", (*grads[name].shape,)
        expect(got == (*p.shape,), f"grads[{name!r}]", want, got)
    expect(lr >= 0, "lr", "a number ≥ 0", lr)
