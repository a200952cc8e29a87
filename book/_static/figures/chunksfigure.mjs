// The figure: windows that slide over a long sequence, and the pairs that they connect.
//
// Loaded by the page as a module. Every <figure data-chunks> gets its own state; its
// static picture is what readers without scripts see, and is replaced here.

import { reachShare, windows } from "./chunks.mjs";
import { html, shown, svg } from "./dom.mjs";
import { dial } from "./panels.mjs";

const T = 24;

/** What a fresh figure shows. */
export const beginning = () => ({ size: 6, more: 0, lag: 4, at: 2 });

/** The window shown, and for each of its new steps whether it sees back over the lag. */
export function view({ size, more, lag, at }) {
  const plan = windows(T, size, size + more), window = plan[Math.min(at, plan.length) - 1];
  const steps = Array.from({ length: window.stop - window.fresh }, (_, i) => window.fresh + i);
  const pairs = steps.filter((k) => k >= lag).map((k) => ({ k, t: k - lag, met: k - lag >= window.start }));
  return { window, pairs, count: plan.length, share: reachShare(lag, size, size + more) };
}

/** The state in words. */
export function tell(now) {
  const { window, pairs, count, share } = view(now);
  return `Window ${Math.min(now.at, count)} of ${count}: steps ${window.start + 1} to ${window.stop}, ` +
    `new from ${window.fresh + 1}. Of its ${pairs.length} pairs at lag ${now.lag}, ` +
    `${pairs.filter(({ met }) => met).length} have a gradient. In the long run the share is ${shown(share)}.`;
}

/** The sequence as boxes, the window as a frame, the pairs as arcs. */
export function drawing(now, width) {
  const { window, pairs } = view(now), unit = width / T, y = 96;
  const middle = (t) => unit * (t + 0.5);
  const box = (t) => svg("rect", {
    class: t < window.start || t >= window.stop ? "step" : t < window.fresh ? "step again" : "step new",
    x: (unit * t + 1).toFixed(1), y, width: (unit - 2).toFixed(1), height: 22, rx: 2,
  });
  const arc = ({ k, t, met }) => svg("path", {
    class: met ? "curve true" : "curve sigma",
    d: `M${middle(k).toFixed(1)} ${y - 2}Q${middle((k + t) / 2).toFixed(1)} ${y - 14 - 6 * Math.min(now.lag, 11)} ${middle(t).toFixed(1)} ${y - 2}`,
  });
  const carried = unit * window.start;
  return [
    ...Array.from({ length: T }, (_, t) => box(t)), ...(now.lag ? pairs.map(arc) : []),
    svg("line", { class: "cut", x1: carried, x2: carried, y1: y - 8, y2: y + 30 }),
    ...[1, 6, 12, 18, 24].map((t) => svg("text", { class: "tick middle", x: middle(t - 1), y: y + 40 }, String(t))),
  ];
}

/** The beginning as a picture, for readers without scripts. */
export const still = (room) =>
  svg("svg", { class: "unrolled-plot", width: room, height: 144, viewBox: `0 0 ${room} 144` },
    ...drawing(beginning(), room));

/** Put the figure in the place of the static picture in `host`. */
export function mount(host) {
  const now = beginning();
  const row = html("div"), told = html("p", { class: "said", "aria-live": "polite" });
  function show() {
    const width = Math.min(host.clientWidth - 26, 640);
    row.replaceChildren(svg("svg", {
      class: "unrolled-plot", width, height: 144, viewBox: `0 0 ${width} 144`, role: "img", "aria-label": tell(now),
    }, ...drawing(now, width)));
    told.textContent = tell(now);
  }
  const set = (entries) => { Object.assign(now, entries); show(); };
  host.querySelector("picture, img")?.remove();
  host.prepend(row, told, html("div", { class: "settings", role: "group", "aria-label": "Settings" },
    dial("window", now.at, [1, T, 1], (at) => set({ at })),
    dial("new", now.size, [1, 12, 1], (size) => set({ size })),
    dial("extra", now.more, [0, 8, 1], (more) => set({ more })),
    dial("lag", now.lag, [0, 12, 1], (lag) => set({ lag }))));
  show();
  let width = host.clientWidth;
  new ResizeObserver(() => { if (width !== (width = host.clientWidth)) show(); }).observe(host);
}

document.querySelectorAll("[data-chunks]").forEach(mount);
