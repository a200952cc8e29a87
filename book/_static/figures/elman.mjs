// One Elman unit through time: pure functions, each derivative below its function.
//
// A net is { w_ih, w_hh, h_0, x: [x_1 … x_T], target, every }. Lists that come back
// are indexed by time as in the formulas, h[0] … h[T]; where step 0 has no entry
// (a, da, the terms) slot 0 stays empty.

/** The worked example of the chapters `elman` and `bptt`. */
export const EXAMPLE = {
  w_ih: 1, w_hh: 0.8, h_0: 0, x: [1, 0, 0], target: 0.5, every: false,
};

/** a_t = w_ih x_t + w_hh h_{t-1},  h_t = tanh a_t */
export function step(net, x, h_prev) {
  const a = net.w_ih * x + net.w_hh * h_prev;
  return { a, h: Math.tanh(a) };
}

/** From dh = ∂L/∂h_t to da = ∂L/∂a_t and to what step t sends back to h_{t-1}. */
export function stepGrad(net, dh, h) {
  const da = (1 - h * h) * dh;
  return { da, back: net.w_hh * da };
}

/** L_t = ½ (h_t − target)², or 0 where step t has no loss. */
export function loss(net, h, t) {
  return hasLoss(net, t) ? (h - net.target) ** 2 / 2 : 0;
}

/** What the loss of step t itself adds to ∂L/∂h_t. */
export function lossGrad(net, h, t) {
  return hasLoss(net, t) ? h - net.target : 0;
}

export function hasLoss(net, t) {
  return net.every || t === net.x.length;
}

/** Run all steps; L is the sum of the losses L_t. */
export function forward(net) {
  const run = { a: [undefined], h: [net.h_0], losses: [undefined] };
  net.x.forEach((x, i) => {
    const { a, h } = step(net, x, run.h[i]);
    run.a.push(a);
    run.h.push(h);
    run.losses.push(loss(net, h, i + 1));
  });
  return { ...run, L: sum(run.losses) };
}

/**
 * Run `forward` backwards. A t in `cuts` detaches h_{t-1} from step t: the number
 * still goes forward, nothing comes back. The weights occur once per step, so each
 * step has its own term, and the gradient of a weight is the sum of its terms.
 */
export function backward(net, { h }, cuts = new Set()) {
  const T = net.x.length;
  const sweep = { dh: [], da: [], back: [], w_hh_terms: [], w_ih_terms: [] };
  let back = 0; // what arrives at h_t from step t + 1
  for (let t = T; t >= 1; t--) {
    sweep.dh[t] = lossGrad(net, h[t], t) + back;
    const grad = stepGrad(net, sweep.dh[t], h[t]);
    back = cuts.has(t) ? 0 : grad.back;
    sweep.da[t] = grad.da;
    sweep.back[t] = back;
    sweep.w_hh_terms[t] = grad.da * h[t - 1];
    sweep.w_ih_terms[t] = grad.da * net.x[t - 1];
  }
  sweep.dh[0] = back;
  return { ...sweep, w_hh: sum(sweep.w_hh_terms), w_ih: sum(sweep.w_ih_terms) };
}

/** ∂L/∂(net[name]) from two forward runs only: it knows no derivative. */
export function finiteDifference(net, name, eps = 1e-5) {
  const L = (shift) => forward({ ...net, [name]: net[name] + shift }).L;
  return (L(eps) - L(-eps)) / (2 * eps);
}

/** Add the entries of a list that starts at t = 1. */
export function sum(list) {
  return list.slice(1).reduce((total, value) => total + value, 0);
}
