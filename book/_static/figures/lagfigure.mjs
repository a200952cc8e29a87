// The figure: the gradient against the lag in random nets, for gain, input, activation.
//
// Loaded by the page as a module. Every <figure data-lag> gets its own state; its static
// picture is what readers without scripts see, and is replaced here.

import { logChart } from "./chart.mjs";
import { html, shown, svg } from "./dom.mjs";
import { choice, dial } from "./panels.mjs";
import { ACTIVATIONS, predictedRate, sample } from "./randomnet.mjs";

const SEEDS = [1, 2, 3, 4, 5], T = 61;

/** What a fresh figure shows. */
export const beginning = () => ({ name: "tanh", gain: 1.2, s: 0.5 });

/** All numbers of the figure: five random nets, the predicted factor and the measured. */
export function view({ name, gain, s }) {
  const activation = ACTIVATIONS[name];
  const runs = SEEDS.map((seed) => sample(activation, gain, s, seed, 32, T));
  const rate = predictedRate(activation, gain, s);
  const rates = runs.map((run) => run[T - 1] ** (1 / (T - 1))).sort((a, b) => a - b);
  return { runs, rate, measured: rates[2], line: runs[0].map((_, k) => rate ** k) };
}

/** The chart: runs as thin lines, the prediction as a dashed one. */
export function chart({ runs, line }, width, height) {
  return logChart({
    width, height, decades: [-12, 8], xlabel: "lag k",
    curves: [...runs.map((values) => ({ values, look: "run" })), { values: line, look: "rho" }],
  });
}

export const tell = ({ rate, measured }) =>
  `Predicted factor per step ${shown(rate)}, measured ${shown(measured)} ` +
  `(the middle one of five nets). Over 60 steps that is ${shown(rate ** 60)} and ${shown(measured ** 60)}.`;

/** The beginning as a picture, for readers without scripts. */
export const still = (room) =>
  svg("svg", { class: "unrolled-plot", width: room, height: 260, viewBox: `0 0 ${room} 260` },
    ...chart(view(beginning()), room, 260));

/** Put the figure in the place of the static picture in `host`. */
export function mount(host) {
  const now = beginning();
  const graph = html("div"), told = html("p", { class: "said", "aria-live": "polite" });
  function show() {
    const width = Math.min(host.clientWidth - 26, 620), v = view(now);
    graph.replaceChildren(svg("svg", {
      class: "unrolled-plot", width, height: 260, viewBox: `0 0 ${width} 260`, role: "img",
      "aria-label": `Norm of the gradient against the lag, logarithmic. ${tell(v)}`,
    }, ...chart(v, width, 260)));
    told.textContent = tell(v);
  }
  const set = (entries) => { Object.assign(now, entries); show(); };
  const names = Object.fromEntries(Object.keys(ACTIVATIONS).map((name) => [name, name]));
  host.querySelector("picture, img")?.remove();
  host.prepend(graph, told, html("div", { class: "settings", role: "group", "aria-label": "Settings" },
    html("div", { class: "choices" }, choice("Activation", now.name, names, (name) => set({ name }))),
    dial("gain", now.gain, [0, 6, 0.1], (gain) => set({ gain })),
    dial("input", now.s, [0, 3, 0.1], (s) => set({ s }))));
  show();
  let width = host.clientWidth;
  new ResizeObserver(() => { if (width !== (width = host.clientWidth)) show(); }).observe(host);
}

document.querySelectorAll("[data-lag]").forEach(mount);
