// The figure: a window over a sonnet, what came next elsewhere, and what a network pays.
//
// `draw` is a pure function from a state to elements; its first picture is also the
// static one of window.html, which readers without scripts see.

import {
  counts, meanNats, nats, probabilities, recurrentParameters, SONNET, symbols, UNITS,
  WIDEST, windowParameters,
} from "./counts.mjs";
import { html } from "./dom.mjs";

const ROWS = 5;
export const START = { at: 269, k: 2 };

const visible = (text) => text.replaceAll("\n", "↵").replaceAll(" ", "␣");
const thousands = (n) => n.toLocaleString("en");

/** The rows of the table: the likeliest symbols, and the true one in any case. */
export function rows(text, { at, k }) {
  const p = probabilities(text, at, k);
  const found = counts(text, at, k);
  const all = symbols(text).map((symbol, i) =>
    ({ symbol, count: found.get(symbol) ?? 0, p: p[i], here: symbol === text[at] }));
  all.sort((a, b) => b.count - a.count || b.here - a.here || (a.symbol < b.symbol ? -1 : 1));
  const chosen = all.slice(0, ROWS);
  return chosen.some(({ here }) => here) ? chosen : [...chosen.slice(0, -1), all.find(({ here }) => here)];
}

/** What the picture says, in words. */
export function tell(text, { at, k }) {
  const found = counts(text, at, k);
  const times = [...found.values()].reduce((a, b) => a + b, 0);
  const p = probabilities(text, at, k)[symbols(text).indexOf(text[at])];
  const seen = k ? `“${visible(text.slice(at - k, at))}” occurs ${times} more time${times === 1 ? "" : "s"}.`
    : `No context: the counts of all ${times} other characters.`;
  return `${seen} Here comes “${visible(text[at])}”, with probability ${p.toFixed(3)}: a surprise of ` +
    `${nats(text, at, k).toFixed(2)} nats.`;
}

/** Poem, table and numbers of a state, as elements. */
export function draw(text, state) {
  const { at, k } = state;
  const V = symbols(text).length;
  const place = (i) => {
    const name = i === at ? "target" : i >= at - k && i < at ? "context" : false;
    const shown = name && text[i] === "\n" ? "↵\n" : text[i];
    return html("span", { "data-i": i, class: name }, shown);
  };
  const bar = (p) => html("span", { class: "share", style: `width: ${(100 * p).toFixed(1)}%` });
  const entry = ({ symbol, count, p, here }) =>
    html("tr", { class: here && "now" },
      html("th", { scope: "row" }, visible(symbol)),
      html("td", { class: "number" }, String(count)),
      html("td", { class: "number" }, p.toFixed(3)),
      html("td", { class: "bar" }, bar(p)));
  const fact = (name, value, more) =>
    html("div", {}, html("dt", {}, name), html("dd", {}, html("strong", {}, value), ` ${more}`));
  return [
    html("p", { class: "poem" }, [...text].map((_, i) => place(i))),
    html("table", {},
      html("caption", {}, `What follows “${visible(text.slice(at - k, at))}” elsewhere`),
      html("thead", {}, html("tr", {},
        ["next", "count", "probability", "share"].map((name) => html("th", { scope: "col" }, name)))),
      html("tbody", {}, rows(text, state).map(entry))),
    html("dl", { class: "facts" },
      fact("Mean surprise over the sonnet", `${meanNats(text, k).toFixed(2)} nats`,
        `with k = ${k}; knowing nothing, ln ${V} = ${Math.log(V).toFixed(2)}`),
      fact("Window network, first layer", thousands(windowParameters(UNITS, V, k)),
        `parameters: ${UNITS} × (${k} × ${V} + 1)`),
      fact("Recurrent layer", thousands(recurrentParameters(UNITS, V)),
        `parameters for every k: ${UNITS} × (${V} + ${UNITS} + 1)`)),
  ];
}

/** Put the figure in the place of the static picture in `host`. */
export function mount(host) {
  const text = SONNET;
  const state = { ...START };
  const slider = (name, key, min, max) => {
    const input = html("input", { type: "range", min, max, value: state[key],
      input: () => set({ [key]: input.valueAsNumber }) });
    const shown = html("output", {}, String(state[key]));
    return { input, shown, row: html("div", { class: "dial" },
      html("label", {}, html("span", {}, name), input), shown) };
  };
  const dials = {
    k: slider("Window k", "k", 0, WIDEST),
    at: slider("Place", "at", WIDEST, text.length - 1),
  };
  const said = html("p", { class: "said", "aria-live": "polite" });
  const picture = html("div", { class: "window", tabindex: 0, role: "group",
    "aria-label": "Window over the sonnet. Left and right arrow keys move it, up and down change its width." });

  function set(change) {
    Object.assign(state, change);
    state.k = Math.min(WIDEST, Math.max(0, state.k));
    state.at = Math.min(text.length - 1, Math.max(WIDEST, state.at));
    for (const [key, { input, shown }] of Object.entries(dials)) {
      input.value = state[key];
      shown.textContent = state[key];
    }
    picture.replaceChildren(...draw(text, state));
    said.textContent = tell(text, state);
  }
  const keys = {
    ArrowRight: () => ({ at: state.at + 1 }), ArrowLeft: () => ({ at: state.at - 1 }),
    ArrowUp: () => ({ k: state.k + 1 }), ArrowDown: () => ({ k: state.k - 1 }),
    Home: () => ({ at: WIDEST }), End: () => ({ at: text.length - 1 }),
  };
  picture.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    set(keys[event.key]());
  });
  picture.addEventListener("click", ({ target }) => {
    const i = target.closest("[data-i]")?.dataset.i;
    if (i !== undefined) set({ at: Number(i) });
  });
  const caption = host.querySelector("figcaption");
  host.replaceChildren(
    html("div", { class: "dials" }, dials.k.row, dials.at.row), said, picture,
    html("p", { class: "hint" }, "Click or tap a character to predict it. Keys: left and right ",
      "arrow move the window, up and down change its width."),
    ...(caption ? [caption] : []));
  set({});
}

if (typeof document !== "undefined") document.querySelectorAll("[data-window]").forEach(mount);
