// Windows of truncated backpropagation: the formulas of course_pkg/truncation.py.

/** The windows that cover T steps: each moves on by size and reaches back over reach. */
export function windows(T, size, reach) {
  const plan = [];
  for (let t = 0; t < T; t += size) {
    plan.push({ start: Math.max(0, t - (reach - size)), fresh: t, stop: Math.min(t + size, T) });
  }
  return plan;
}

/** The share of steps whose loss sends a gradient back over lag steps. */
export const reachShare = (lag, size, reach) => Math.min(Math.max(reach - lag, 0), size) / size;
