"""Misconceptions of product(Js) and product_norms(Js)."""

from functools import reduce

import numpy as np

from course_pkg.check.misconceptions.collect import Catalogue, collector
from course_pkg.gradients import product, product_norms

CATALOGUE: Catalogue = {}
wrong = collector(CATALOGUE)
PRODUCT, NORMS = "product", "product_norms"


@wrong(
    PRODUCT,
    0.5,
    "the latest matrix on the right",
    "Js[0] acts first, so it stands next to the vector: on the right.",
)
def reversed_order(Js):
    return product(Js[::-1])


@wrong(
    PRODUCT,
    0.5,
    "entry by entry",
    "`*` multiplies entries; matrices are multiplied with `@`.",
)
def by_entries(Js):
    return np.prod(Js, axis=0) if len(Js) else product(Js)


@wrong(
    PRODUCT,
    0.5,
    "the matrices are added",
    "One step after the other multiplies; sums belong to roads side by side.",
)
def added(Js):
    return Js.sum(0) if len(Js) else product(Js)


@wrong(
    PRODUCT,
    0.5,
    "the transpose of the product",
    "The gradient meets the transpose; the Jacobian itself is not transposed.",
)
def transposed(Js):
    return product(Js).T


@wrong(
    PRODUCT,
    1.5,
    "an empty product of zeros",
    "Over no steps h stays what it is: the identity. Zeros would say that it is lost.",
)
def zeros_for_nothing(Js):
    return product(Js) if len(Js) else np.zeros(Js.shape[1:])


@wrong(
    PRODUCT,
    0.5,
    "the last step is left out",
    "All of Js count, from Js[0] to Js[T-1].",
)
def without_the_last(Js):
    return product(Js[:-1])


@wrong(
    NORMS,
    0,
    "the product of the norms",
    "That is the bound. Multiply the matrices first, then take the norm.",
)
def norms_multiplied(Js):
    return np.cumprod(np.linalg.norm(Js[::-1], 2, axis=(1, 2)))


@wrong(
    NORMS,
    0,
    "Frobenius norms",
    "np.linalg.norm(A) is the Frobenius norm, np.linalg.norm(A, 2) the spectral one.",
)
def frobenius(Js):
    return np.array([np.linalg.norm(product(Js[t:])) for t in range(len(Js))][::-1])


@wrong(
    NORMS,
    0,
    "spectral radii",
    "The stretch of a vector is a singular value. Eigenvalues may all be 0.",
)
def radii(Js):
    found = [np.abs(np.linalg.eigvals(product(Js[t:]))).max() for t in range(len(Js))]
    return np.array(found[::-1])


@wrong(
    NORMS,
    0,
    "products from the first step on",
    "Go back from the last step: entry 0 is the norm of Js[T-1], then one more to its "
    "right each time.",
)
def from_the_first(Js):
    return np.array([np.linalg.norm(product(Js[: t + 1]), 2) for t in range(len(Js))])


@wrong(
    NORMS,
    0,
    "the longest product first",
    "Entry k has k + 1 factors: turn the result round.",
)
def longest_first(Js):
    return product_norms(Js)[::-1].copy()


@wrong(
    NORMS,
    0,
    "new factors on the left",
    "A step further back acts earlier, so it joins the product on the right.",
)
def on_the_left(Js):
    products = (reduce(lambda P, J: J @ P, Js[t:][::-1]) for t in range(len(Js)))
    return np.array([np.linalg.norm(P, 2) for P in products][::-1])


@wrong(
    NORMS,
    0,
    "squared norms",
    "The eigenvalues of the transpose times the matrix are squares of singular values.",
)
def squared(Js):
    return product_norms(Js) ** 2
