// What stands below the picture: the terms of the weight gradients, and the settings.

import { formula, html, plain, shown, svg } from "./dom.mjs";
import { verdict } from "./stages.mjs";

/** The table of terms: one row per step, their sum, and the finite difference. */
export function termsTable(view) {
  const { T, sweep, known, stage, check, at, last } = view;
  const steps = Array.from({ length: T }, (_, i) => i + 1);
  const done = (t) => known.has(`dw${t}`);
  const soFar = (terms) => steps.filter(done).reduce((total, t) => total + terms[t], 0);
  const row = (name, title, hh, bar, ih, now) =>
    html("tr", { class: now ? `${name} now` : name },
      html("th", { scope: "row" }, title),
      html("td", { class: "number", "data-name": `${name} w_hh` }, hh),
      html("td", { class: "bar" }, bar),
      html("td", { class: "number", "data-name": `${name} w_ih` }, ih));
  const any = steps.some(done);
  const sum = (name) => (any ? shown(soFar(sweep[`${name}_terms`])) : "");
  const scale = largestTerm(view);
  return html("table", {},
    html("caption", {}, "Terms of the weight gradients"),
    html("thead", {}, html("tr", {},
      html("th", { scope: "col" }, "step"),
      html("th", { scope: "col", colspan: 2 }, head("dL/dw_hh", "da_t h_{t−1}")),
      html("th", { scope: "col" }, head("dL/dw_ih", "da_t x_t")))),
    html("tbody", {}, steps.map((t) => row(`term-${t}`, String(t),
      done(t) ? shown(sweep.w_hh_terms[t]) : "", bar(view, t, scale, done(t)),
      done(t) ? shown(sweep.w_ih_terms[t]) : "", stage.kind === "dw" && stage.t === t))),
    html("tfoot", {},
      row("sum", at < last && any ? "so far" : "sum", sum("w_hh"), "", sum("w_ih"), at === last),
      row("check", "finite difference", shown(check.w_hh), "", shown(check.w_ih), false)));
}

const head = (gradient, term) => [...formula(gradient), html("br"), ...formula(term)];

export const verdictLine = (view) => formula(verdict(view));

function largestTerm({ whole, sweep }) {
  const terms = [...whole.w_hh_terms.slice(1), ...sweep.w_hh_terms.slice(1)];
  return Math.max(...terms.map(Math.abs)) || 1;
}

/** A term as a bar from the middle; an outline shows it as it is without cuts. */
function bar({ sweep, whole }, t, scale, done) {
  const lost = sweep.w_hh_terms[t] !== whole.w_hh_terms[t];
  const piece = (value, name) => {
    const width = (48 * Math.abs(value)) / scale;
    return svg("rect", { class: name, x: value < 0 ? 50 - width : 50, y: 3, width, height: 12 });
  };
  return svg("svg", { viewBox: "0 0 100 18", preserveAspectRatio: "none", "aria-hidden": "true" },
    done ? piece(sweep.w_hh_terms[t], "term") : [],
    done && lost ? piece(whole.w_hh_terms[t], "ghost") : [],
    svg("line", { class: "axis", x1: 50, x2: 50, y1: 0, y2: 18 }));
}

/** A slider and a number field for one value. */
export function dial(name, value, [min, max, step], change) {
  const range = { min, max, step, value };
  const set = ({ target }) => {
    const number = target.valueAsNumber;
    if (Number.isNaN(number)) return; // an empty field: somebody is still typing
    value = Math.min(max, Math.max(min, number));
    if (target === field) slider.value = value;
    else field.value = value;
    change(value);
  };
  const slider = html("input", { type: "range", ...range, input: set });
  const field = html("input", {
    type: "number", ...range, "aria-label": `${plain(name)}, number`,
    input: set, change: () => { field.value = value; },
  });
  return html("div", { class: "dial" },
    html("label", {}, html("span", {}, formula(name)), slider), field);
}

/** A labelled choice of one out of a few. */
export function choice(name, chosen, options, change) {
  const list = html("select", { change: () => change(list.value) },
    Object.entries(options).map(([value, text]) =>
      html("option", { value, selected: value === String(chosen) && "" }, text)));
  return html("label", { class: "choice" }, html("span", {}, name), list);
}

/**
 * The settings of a net with room for the longest sequence and of its length T.
 * `change` gets { T } or the entries of the net that the reader has changed.
 */
export function settings(net, T, change) {
  const inputs = net.x.map((_, i) => dial(`x_${i + 1}`, net.x[i], [-2, 2, 0.1],
    (value) => change({ x: net.x.map((x, j) => (j === i ? value : x)) })));
  const show = (T) => inputs.forEach((input, i) => { input.hidden = i >= T; });
  show(T);
  return [
    html("div", { class: "choices" },
      choice("Steps", T, { 2: "2", 3: "3", 4: "4", 5: "5" }, (text) => {
        show(Number(text));
        change({ T: Number(text) });
      }),
      choice("Loss", net.every ? "every" : "last",
        { last: "at the last step", every: "at every step" },
        (value) => change({ every: value === "every" }))),
    dial("w_hh", net.w_hh, [-2, 2, 0.05], (w_hh) => change({ w_hh })),
    dial("w_ih", net.w_ih, [-2, 2, 0.05], (w_ih) => change({ w_ih })),
    dial("target", net.target, [-1, 1, 0.05], (target) => change({ target })),
    html("details", {}, html("summary", {}, "Inputs and first state"),
      dial("h_0", net.h_0, [-1, 1, 0.1], (h_0) => change({ h_0 })), inputs),
  ];
}
