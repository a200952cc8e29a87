// The walk: which stages there are, what is known at each, and how it is told.

import { backward, finiteDifference, forward, hasLoss } from "./elman.mjs";
import { factor, given, joined, shown } from "./dom.mjs";

/** All stages of a walk: forward, the loss, then back through time. */
export function stages(T) {
  const steps = Array.from({ length: T }, (_, i) => i + 1);
  return [
    { kind: "start" },
    ...steps.map((t) => ({ kind: "h", t })),
    { kind: "loss" },
    ...steps.reverse().flatMap((t) => ["dh", "da", "dw"].map((kind) => ({ kind, t }))),
    { kind: "dh", t: 0 },
    { kind: "sum" },
  ];
}

/** Everything that picture, table and text need to know at stage number `at`. */
export function view(net, cuts, at) {
  const T = net.x.length;
  const walk = stages(T);
  const run = forward(net);
  const known = new Set(walk.slice(0, at + 1).map(({ kind, t = "" }) => kind + t));
  return {
    net, cuts, at, T, run, known,
    last: walk.length - 1,
    stage: walk[at],
    sweep: backward(net, run, cuts),
    whole: backward(net, run), // as if no wire were cut
    check: Object.fromEntries(
      ["w_hh", "w_ih"].map((name) => [name, finiteDifference(net, name)])),
  };
}

/** Where the walk is: a few words before the formula. */
export function heading({ stage: { kind, t } }) {
  if (kind === "start") return "Start";
  if (kind === "h") return `Forward, step ${t}`;
  if (kind === "loss") return "Loss";
  if (kind === "sum") return "Sum over time";
  return t ? `Backward, step ${t}` : "Backward, first state";
}

/** The formula of the present stage with its numbers. */
export function tell(v) {
  return TELL[v.stage.kind](v, v.stage.t);
}

const TELL = {
  start: ({ net }) =>
    `Given are the inputs, two weights and the first state h_0 = ${given(net.h_0)}. ` +
    "Nothing is computed yet.",
  h: ({ net, run }, t) =>
    `h_${t} = tanh(w_hh h_${t - 1} + w_ih x_${t}) = ` +
    `tanh(${given(net.w_hh)} × ${factor(state(run, net, t - 1))} + ` +
    `${factor(given(net.w_ih))} × ${factor(given(net.x[t - 1]))}) = ` +
    `tanh(${shown(run.a[t])}) = ${shown(run.h[t])}`,
  loss: ({ net, run, T }) => {
    const target = factor(given(net.target));
    if (net.every) {
      const parts = joined(run.losses.slice(1).map(shown));
      return `L = Σ_t ½(h_t − ${target})² = ${parts} = ${shown(run.L)}`;
    }
    const last = `½(${shown(run.h[T])} − ${target})²`;
    return `L = ½(h_${T} − ${target})² = ${last} = ${shown(run.L)}`;
  },
  dh: tellDh,
  da: ({ run, sweep }, t) =>
    `da_${t} = (1 − h_${t}²) dh_${t} = (1 − ${factor(shown(run.h[t]))}²) × ` +
    `${factor(shown(sweep.dh[t]))} = ${shown(sweep.da[t])}`,
  dw: ({ net, run, sweep }, t) => {
    const da = shown(sweep.da[t]);
    return `Step ${t} adds da_${t} h_${t - 1} = ${da} × ${factor(state(run, net, t - 1))} = ` +
      `${shown(sweep.w_hh_terms[t])} to dL/dw_hh, and da_${t} x_${t} = ` +
      `${da} × ${factor(given(net.x[t - 1]))} = ${shown(sweep.w_ih_terms[t])} to dL/dw_ih.`;
  },
  sum: ({ sweep }) =>
    ["w_hh", "w_ih"].map((name) => {
      const terms = joined(sweep[`${name}_terms`].slice(1).map(shown));
      return `dL/d${name} = ${terms} = ${shown(sweep[name])}`;
    }).join("; "),
};

function tellDh({ net, run, sweep, cuts, T }, t) {
  const parts = []; // [formula, numbers] of each way in which h_t acts on the loss
  if (t > 0 && hasLoss(net, t)) {
    const target = factor(given(net.target));
    parts.push([`(h_${t} − ${target})`, `(${shown(run.h[t])} − ${target})`]);
  }
  if (t < T && !cuts.has(t + 1)) {
    const numbers = `${given(net.w_hh)} × ${factor(shown(sweep.da[t + 1]))}`;
    parts.push([`w_hh da_${t + 1}`, numbers]);
  }
  const why = cuts.has(t + 1) ? `: cut, nothing comes back from step ${t + 1}` : "";
  const sides = [0, 1].map((side) => parts.map((part) => part[side]).join(" + "))
    .map((text) => (parts.length === 1 ? text.replace(/^\((.*)\)$/, "$1") : text));
  return [`dh_${t}`, ...sides.filter(Boolean), shown(sweep.dh[t])].join(" = ") + why;
}

/** h_0 was chosen by the reader, later states were computed. */
const state = (run, net, t) => (t ? shown(run.h[t]) : given(net.h_0));

/** What a cut, or joining the wire again, has just done. */
export function tellCut({ net, cuts, sweep, whole }, t) {
  const effect = t === 1 ? "only dh_0 is lost" : lostTerms(t, net.every);
  const now = ["w_hh", "w_ih"].map((name) => {
    const value = `dL/d${name} = ${shown(sweep[name])}`;
    return sweep[name] === whole[name] ? value : `${value} instead of ${shown(whole[name])}`;
  });
  const cut = `Cut between step ${t} and h_${t - 1}: ${effect}`;
  const what = cuts.has(t) ? cut : "Joined again";
  return `${what}. Now ${now.join(" and ")}.`;
}

function lostTerms(t, every) {
  const one = t === 2;
  const steps = t === 3 ? "1 and 2" : `1 to ${t - 1}`;
  const terms = one ? "the term of step 1" : `the terms of steps ${steps}`;
  if (every) return `${terms} ${one ? "loses" : "lose"} what came through this wire`;
  return `${terms} ${one ? "is" : "are"} gone`;
}

/** Do the sums agree with the finite differences? */
export function verdict({ at, last, cuts, sweep, check }) {
  if (at < last) {
    return "Finite differences need forward runs only, so they are known from the start.";
  }
  const missing = ["w_hh", "w_ih"]
    .map((name) => check[name] - sweep[name])
    .map((value) => (Math.abs(value) < 1e-7 ? 0 : value)); // their rounding errors
  if (missing.every((value) => value === 0)) {
    return "The sums and the finite differences agree.";
  }
  const [hh, ih] = missing.map(shown);
  return cuts.size
    ? `The cut sums miss ${hh} of dL/dw_hh and ${ih} of dL/dw_ih.`
    : `The sums differ from the finite differences by ${hh} and ${ih}.`;
}

/** The picture in words, for those who do not see it. */
export function describe({ T, run, sweep, known, cuts }) {
  const say = (name, list, kind) =>
    Array.from({ length: T + 1 }, (_, t) => t)
      .filter((t) => known.has(kind + t))
      .map((t) => `${name} ${t} = ${shown(list[t])}`);
  const facts = [...say("h", run.h, "h")];
  if (known.has("loss")) facts.push(`loss = ${shown(run.L)}`);
  facts.push(...say("dh", sweep.dh, "dh"), ...say("da", sweep.da, "da"));
  for (const t of cuts) facts.push(`wire from step ${t} back to h ${t - 1} cut`);
  return `Network unrolled over ${T} steps. ${facts.join("; ") || "Nothing computed yet"}.`;
}
