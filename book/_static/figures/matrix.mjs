// Two by two matrices [[a, b], [c, d]]: their sizes, and products of Jacobians.

/** What a reader may begin with: name -> matrix. */
export const EXAMPLES = {
  "grows, then dies": [[0.9, 2], [0, 0.9]],
  "turns and shrinks": [[0.82, -0.48], [0.48, 0.82]],
  "stretches one way": [[1.1, 0], [0, 0.5]],
  "norm 2, square 0": [[0, 2], [0, 0]],
  "large, of small radius": [[-2, 1.97], [-2, 2]],
};

/** The first state of the tanh network whose Jacobians are multiplied. */
export const START = [0.6, -0.4];

export const multiply = (A, B) =>
  A.map((row) => [0, 1].map((j) => row[0] * B[0][j] + row[1] * B[1][j]));

export const apply = (A, [x, y]) => A.map((row) => row[0] * x + row[1] * y);

/** Both singular values, the largest first: half the sum and difference of two lengths. */
export function singularValues([[a, b], [c, d]]) {
  const turn = Math.hypot(a + d, c - b), flip = Math.hypot(a - d, b + c);
  return [(turn + flip) / 2, Math.abs(turn - flip) / 2];
}

/** Both eigenvalues as [real, imaginary], the largest absolute value first. */
export function eigenvalues([[a, b], [c, d]]) {
  const middle = (a + d) / 2;
  const inside = ((a - d) / 2) ** 2 + b * c; // as precise as it gets near a double value
  const root = Math.sqrt(Math.abs(inside));
  if (inside < 0) return [[middle, root], [middle, -root]];
  const both = [[middle + root, 0], [middle - root, 0]];
  return both.sort((x, y) => Math.abs(y[0]) - Math.abs(x[0]));
}

export const radius = (A) => Math.hypot(...eigenvalues(A)[0]);
export const norm = (A) => singularValues(A)[0];

/**
 * Products J_k … J_1 for k = 0 … n, the latest on the left. Linear: each J_t is W.
 * Otherwise h_t = tanh(W h_{t−1}) from START, and J_t = diag(1 − h_t²) W.
 */
export function products(W, n, linear) {
  let h = START;
  const found = [[[1, 0], [0, 1]]];
  for (let t = 1; t <= n; t++) {
    h = apply(W, h).map(Math.tanh);
    const J = linear ? W : W.map((row, i) => row.map((w) => (1 - h[i] ** 2) * w));
    found.push(multiply(J, found[t - 1]));
  }
  return found;
}

/** The curves of the figure: ρⁿ, σⁿ and the true norm for n = 0 … N. */
export function curves(W, N, linear) {
  const powers = (x) => Array.from({ length: N + 1 }, (_, n) => x ** n);
  return {
    radius: powers(radius(W)),
    norm: powers(norm(W)),
    product: products(W, N, linear).map(norm),
  };
}
