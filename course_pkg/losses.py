"""Losses over sequences, each with its gradient below it.

All are means over the true positions: sum of m_t ℓ_t over sum of m_t, where the mask m
(T, B, 1) is 1 on data and 0 on padding (no mask: all ones). A loss is a scalar of the
kind of its first argument. Source of the convention: eq-bptt-loss.
"""

from course_pkg.arrays import (
    Array,
    expect,
    expect_shape,
    log_softmax,
    namespace,
    one_hot,
    sigmoid,
)


def _weights(x: Array, mask: Array | None) -> Array:
    """Return m_t / Σ m (T, B, 1), the weight of each position in the mean."""
    if mask is None:
        return namespace(x).ones_like(x[..., :1]) / (x.shape[0] * x.shape[1])
    expect_shape("mask", mask, "T B 1", *x.shape[:2], 1)
    expect(bool(mask.sum() > 0), "mask", "at least one true position", "none")
    return mask / mask.sum()


def cross_entropy(logits: Array, y: Array, mask: Array | None = None) -> Array:
    """Return the mean of −log softmax(ŷ)[y], in nats, ≥ 0.

    logits (T, B, V); y (T, B) integers in 0..V-1, any valid id on padding; mask
    (T, B, 1). Raises ValueError for other shapes. Source: eq-bptt-cross-entropy.
    """
    expect_shape("y", y, "T B", *logits.shape[:2])
    w = _weights(logits, mask)
    return -(w * log_softmax(logits) * one_hot(y, logits.shape[-1], logits)).sum()


def cross_entropy_grad(logits: Array, y: Array, mask: Array | None = None) -> Array:
    """Return ∂L/∂logits (T, B, V): softmax minus one-hot, times the weight.

    Arguments and errors as in `cross_entropy`. Source: eq-bptt-cross-entropy-grad.
    """
    expect_shape("y", y, "T B", *logits.shape[:2])
    w = _weights(logits, mask)
    p = namespace(logits).exp(log_softmax(logits))
    return w * (p - one_hot(y, logits.shape[-1], logits))


def binary_cross_entropy(logits: Array, y: Array, mask: Array | None = None) -> Array:
    """Return the mean of −y log σ(ŷ) − (1−y) log(1−σ(ŷ)), summed over K, in nats.

    logits, y (T, B, K), y in [0, 1]; mask (T, B, 1). Computed as
    max(ŷ, 0) − ŷ y + log(1 + exp(−|ŷ|)), finite for any finite logits. Raises
    ValueError for other shapes. Source: eq-bptt-binary-cross-entropy.
    """
    expect_shape("y", y, "T B K", *logits.shape)
    xp, size = namespace(logits), abs(logits)
    loss = (logits + size) / 2 - logits * y + xp.log1p(xp.exp(-size))
    return (_weights(logits, mask) * loss).sum()


def binary_cross_entropy_grad(
    logits: Array, y: Array, mask: Array | None = None
) -> Array:
    """Return ∂L/∂logits (T, B, K) = weight · (σ(ŷ) − y); see `binary_cross_entropy`."""
    expect_shape("y", y, "T B K", *logits.shape)
    return _weights(logits, mask) * (sigmoid(logits) - y)


def squared_error(y_hat: Array, y: Array, mask: Array | None = None) -> Array:
    """Return the mean of ½‖ŷ − y‖², the norm taken over the last axis.

    y_hat, y (T, B, K); mask (T, B, 1). Raises ValueError for other shapes.
    Source: eq-bptt-squared-error.
    """
    expect_shape("y", y, "T B K", *y_hat.shape)
    return (_weights(y_hat, mask) * (y_hat - y) ** 2).sum() / 2


def squared_error_grad(y_hat: Array, y: Array, mask: Array | None = None) -> Array:
    """Return ∂L/∂ŷ (T, B, K) = weight · (ŷ − y); see `squared_error`."""
    expect_shape("y", y, "T B K", *y_hat.shape)
    return _weights(y_hat, mask) * (y_hat - y)
