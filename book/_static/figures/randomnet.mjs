// A random recurrent net: run it, send a gradient back, and predict the rate.

/** Each activation with its slope, written in terms of its output h. */
export const ACTIVATIONS = {
  tanh: { f: Math.tanh, slope: (h) => 1 - h * h },
  logistic: { f: (a) => 1 / (1 + Math.exp(-a)), slope: (h) => h * (1 - h) },
  ReLU: { f: (a) => Math.max(0, a), slope: (h) => (h > 0 ? 1 : 0) },
  linear: { f: (a) => a, slope: () => 1 },
};

/** States h_1 … h_T of h_t = f(W h_{t−1} + inputs_t) from the state h. */
export function forward(W, inputs, h, { f }) {
  return inputs.map((input) =>
    (h = W.map((row, i) => f(row.reduce((sum, w, j) => sum + w * h[j], input[i])))));
}

/** Norm of the gradient at h_{T−k} for k = 0 … T−1, where d is the one at h_T. */
export function norms(W, hs, d, { slope }) {
  const found = [];
  for (let t = hs.length - 1; t >= 0; t--) {
    found.push(Math.hypot(...d));
    const da = d.map((value, i) => slope(hs[t][i]) * value);
    d = W.map((_, j) => W.reduce((sum, row, i) => sum + row[j] * da[i], 0));
  }
  return found;
}

const Z = Array.from({ length: 2001 }, (_, i) => -8 + i / 125);
const RAW = Z.map((z) => Math.exp(-z * z / 2));
const TOTAL = RAW.reduce((sum, w) => sum + w, 0);
const mean = (g) => Z.reduce((sum, z, i) => sum + RAW[i] * g(z), 0) / TOTAL;

/** gain · √E[f′(a)²] with a normal of variance gain² q + s², and q the mean of f(a)². */
export function predictedRate({ f, slope }, gain, s, rounds = 60) {
  let q = 0.5;
  const spread = () => Math.sqrt(gain ** 2 * q + s ** 2);
  for (let i = 0; i < rounds; i++) {
    const width = spread();
    q = Math.min(1e6, mean((z) => f(width * z) ** 2)); // ReLU and linear may diverge
  }
  const width = spread();
  return gain * Math.sqrt(mean((z) => slope(f(width * z)) ** 2));
}

/** Normal random numbers from a seed: mulberry32, and Box and Muller. */
export function normals(seed) {
  const uniform = () => {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** Norms by lag, relative to lag 0, of one random net of H units over T steps. */
export function sample(activation, gain, s, seed, H = 32, T = 61) {
  const draw = normals(seed);
  const vector = (scale) => Array.from({ length: H }, () => scale * draw());
  const W = Array.from({ length: H }, () => vector(gain / Math.sqrt(H)));
  const inputs = Array.from({ length: T + 20 }, () => vector(s));
  const hs = forward(W, inputs, vector(1), activation).slice(20);
  const found = norms(W, hs, vector(1), activation);
  return found.map((size) => size / found[0]);
}
