// The figure: a loss with a cliff; choose where a descent starts, and how it is clipped.
//
// Loaded by the page as a module. Every <figure data-cliff> gets its own state; its
// static picture is what readers without scripts see, and is replaced here.

import { cliff, descend } from "./cliff.mjs";
import { given, html, shown, svg } from "./dom.mjs";
import { dial } from "./panels.mjs";

const W = [0.8, 2.6], B = [-0.8, 0.4], LEVELS = 8, STEPS = 100, STEP = 0.02;
const LEFT = 40, RIGHT = 8, TOP = 8, BOTTOM = 36;
const clamp = (value, [low, high]) => Math.round(1000 * Math.min(high, Math.max(low, value))) / 1000;

/** What a fresh figure shows. */
export const beginning = () => ({ w: 2, b: -0.3, rate: 0.05, limit: 1 });

/** Both walks from the same start. */
export function walks({ w, b, rate, limit }) {
  return { free: descend(w, b, rate, Infinity, STEPS), clipped: descend(w, b, rate, limit, STEPS) };
}

/** A coordinate. No more digits: a walk along a cliff magnifies every rounding. */
const place = (value) => given(Number(value.toFixed(2)));

/** The state in words. */
export function tell(now) {
  const end = ({ places, norms }) => {
    const [w, b] = places[STEPS];
    return `ends at (${place(w)}, ${place(b)}) with a loss of ${shown(cliff(w, b)[0])}, ` +
      `after a longest gradient of ${shown(Math.max(...norms))}`;
  };
  const { free, clipped } = walks(now);
  return `Unclipped, the walk ${end(free)}. Clipped, it ${end(clipped)}.`;
}

/** The loss as cells of eight shades, cells of one shade in a row joined. */
function surface(x, y) {
  const parts = [], columns = 60, rows = 40;
  const at = ([low, high], i, n) => low + ((high - low) * i) / n;
  const shade = (i, j) => Math.round(LEVELS * Math.min(1, Math.sqrt(
    cliff(at(W, i + 0.5, columns), at(B, j + 0.5, rows))[0]) / 1.6));
  for (let j = 0; j < rows; j++) {
    for (let i = 0, from = 0; i < columns; i++) {
      if (i + 1 < columns && shade(i + 1, j) === shade(from, j)) continue;
      const left = x(at(W, from, columns)), top = y(at(B, j + 1, rows));
      parts.push(svg("rect", {
        class: "loss", x: left.toFixed(1), y: top.toFixed(1),
        width: (x(at(W, i + 1, columns)) - left + 0.3).toFixed(1),
        height: (y(at(B, j, rows)) - top + 0.3).toFixed(1),
        "fill-opacity": ((0.6 * shade(from, j)) / LEVELS).toFixed(2),
      }));
      from = i + 1;
    }
  }
  return parts;
}

/** The plane of w and b with both walks; `id` names the clip of what leaves it. */
export function plane(now, width, height, id) {
  const x = (w) => LEFT + ((width - LEFT - RIGHT) * (w - W[0])) / (W[1] - W[0]);
  const y = (b) => TOP + ((height - TOP - BOTTOM) * (B[1] - b)) / (B[1] - B[0]);
  const line = ({ places }) => "M" + places
    .filter((place) => place.every((v) => Math.abs(v) < 1e4))
    .map(([w, b]) => `${x(w).toFixed(1)} ${y(b).toFixed(1)}`).join("L");
  const { free, clipped } = walks(now);
  const frame = { x: LEFT, y: TOP, width: width - LEFT - RIGHT, height: height - TOP - BOTTOM };
  const ticks = [
    ...[1, 1.5, 2, 2.5].map((w) => svg("text", { class: "tick middle", x: x(w), y: height - BOTTOM + 16 }, given(w))),
    ...[-0.6, -0.3, 0, 0.3].map((b) => svg("text", { class: "tick end", x: LEFT - 5, y: y(b) + 4 }, given(b))),
    svg("text", { class: "tick middle", x: x(1.7), y: height - 4 }, "w"),
    svg("text", { class: "tick end", x: 12, y: y(-0.15) + 4 }, "b")];
  return {
    x, y,
    parts: [
      svg("clipPath", { id }, svg("rect", frame)),
      svg("rect", { class: "sheet", ...frame }), ...surface(x, y), ...ticks,
      svg("g", { "clip-path": `url(#${id})` },
        svg("path", { class: "curve rho", d: line(free) }),
        svg("path", { class: "curve true", d: line(clipped) }))],
  };
}

/** The beginning as a picture, for readers without scripts. */
export function still(room) {
  const height = room > 500 ? 360 : 280, now = beginning();
  const { parts, x, y } = plane(now, room, height, "walks");
  return svg("svg", { class: "unrolled-plot", width: room, height, viewBox: `0 0 ${room} ${height}` },
    ...parts, svg("circle", { class: "handle", cx: x(now.w), cy: y(now.b), r: 8 }));
}

let hosts = 0;

/** Put the figure in the place of the static picture in `host`. */
export function mount(host) {
  const now = beginning(), id = `walks-${hosts++}`;
  const drawing = html("div"), told = html("p", { class: "said", "aria-live": "polite" });
  const settings = html("div", { class: "settings", role: "group", "aria-label": "Settings" });
  let scale = [1, 1], dragged = null;

  function show() {
    const width = Math.min(host.clientWidth - 26, 620), height = width > 500 ? 360 : 280;
    const { parts, x, y } = plane(now, width, height, id);
    scale = [x(1) - x(0), y(0) - y(1)];
    const focused = document.activeElement?.classList?.contains("handle") && drawing.contains(document.activeElement);
    const handle = svg("circle", {
      class: "handle", cx: x(now.w), cy: y(now.b), r: 12, tabindex: 0, role: "button",
      "aria-label": `Start: w ${given(now.w)}, b ${given(now.b)}. Arrow keys move it.`,
      pointerdown: (event) => { dragged = { ...now, x: event.clientX, y: event.clientY }; event.preventDefault(); },
      keydown: (event) => {
        const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
        if (!way || event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        move(now.w + STEP * way[0], now.b + STEP * way[1]);
      },
    });
    drawing.replaceChildren(svg("svg", {
      class: "unrolled-plot", width, height, viewBox: `0 0 ${width} ${height}`,
    }, ...parts, handle));
    if (focused) handle.focus();
    told.textContent = tell(now);
  }
  const set = (entries) => { Object.assign(now, entries); show(); };
  const fields = () => settings.replaceChildren(
    dial("w", now.w, [...W, STEP], (w) => set({ w })),
    dial("b", now.b, [...B, STEP], (b) => set({ b })),
    dial("rate", now.rate, [0.01, 0.3, 0.01], (rate) => set({ rate })),
    dial("limit", now.limit, [0.1, 10, 0.1], (limit) => set({ limit })));
  function move(w, b) {
    set({ w: clamp(w, W), b: clamp(b, B) });
    fields();
  }
  addEventListener("pointermove", (event) => {
    if (!dragged) return;
    move(dragged.w + (event.clientX - dragged.x) / scale[0], dragged.b + (dragged.y - event.clientY) / scale[1]);
  });
  addEventListener("pointerup", () => { dragged = null; });
  host.querySelector("picture, img")?.remove();
  host.prepend(drawing, told, settings);
  fields();
  show();
  let width = host.clientWidth;
  new ResizeObserver(() => { if (width !== (width = host.clientWidth)) show(); }).observe(host);
}

document.querySelectorAll("[data-cliff]").forEach(mount);
