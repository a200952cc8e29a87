// A net of one unit and its cliff: the formulas of course_pkg/runs/cliff.py.

export const T = 30, FIRST = 0.5, GOAL = 0.6, EPS = 1e-6;

/** The loss at (w, b) and its two derivatives: [L, ∂L/∂w, ∂L/∂b]. */
export function cliff(w, b) {
  let h = FIRST, dw = 0, db = 0;
  for (let t = 0; t < T; t++) {
    const next = Math.tanh(w * h + b), slope = 1 - next * next;
    dw = slope * (h + w * dw);
    db = slope * (1 + w * db);
    h = next;
  }
  const off = h - GOAL;
  return [off * off, 2 * off * dw, 2 * off * db];
}

/** Walk down from (w, b): all places, and the norm of each gradient. */
export function descend(w, b, rate, limit, steps) {
  const places = [[w, b]], norms = [];
  for (let n = 0; n < steps; n++) {
    const [, gw, gb] = cliff(w, b), norm = Math.hypot(gw, gb);
    const factor = rate * Math.min(1, limit / (norm + EPS));
    w -= factor * gw;
    b -= factor * gb;
    places.push([w, b]);
    norms.push(norm);
  }
  return { places, norms };
}
