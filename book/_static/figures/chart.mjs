// A chart of curves on a logarithmic axis: a pure function of its numbers.

import { svg } from "./dom.mjs";

const LEFT = 44, RIGHT = 10, TOP = 8, BOTTOM = 34;

/** Powers of ten in words that fit an axis: 10⁻⁶. */
const power = (n) => `10${[...String(n)].map((c) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[c] ?? "⁻").join("")}`;

/**
 * Draw curves [{ name, values, look }] over 0, 1, 2, … into width × height pixels.
 * decades: [lowest, highest] power of ten; what lies outside is cut off; marker: an x.
 */
export function logChart({ curves, decades: [low, high], width, height, xlabel, marker }) {
  const last = Math.max(...curves.map(({ values }) => values.length)) - 1;
  const x = (n) => LEFT + ((width - LEFT - RIGHT) * n) / last;
  const y = (size) => TOP + ((height - TOP - BOTTOM) * (high - size)) / (high - low);
  const parts = [];
  const every = (high - low) / 2 <= 4 ? 2 : 4;
  for (let n = Math.ceil(low / every) * every; n <= high; n += every) {
    parts.push(svg("line", { class: n ? "grid" : "grid one", x1: LEFT, x2: width - RIGHT, y1: y(n), y2: y(n) }),
      svg("text", { class: "tick end", x: LEFT - 5, y: y(n) + 4 }, power(n)));
  }
  for (let n = 0; n <= last; n += last > 30 ? 20 : 5) {
    parts.push(svg("text", { class: "tick middle", x: x(n), y: height - BOTTOM + 15 }, String(n)));
  }
  parts.push(svg("text", { class: "tick middle", x: (LEFT + width - RIGHT) / 2, y: height - 4 }, xlabel));
  if (marker !== undefined) {
    parts.push(svg("line", { class: "marker", x1: x(marker), x2: x(marker), y1: TOP, y2: height - BOTTOM }));
  }
  for (const { values, look } of curves) {
    parts.push(svg("path", { class: `curve ${look}`, d: path(values, x, y, low, high) }));
  }
  return parts;
}

/** A line through all values inside the chart; where it leaves, it ends on the edge. */
function path(values, x, y, low, high) {
  const sizes = values.map(Math.log10);
  const inside = (size) => size >= low && size <= high;
  let d = "";
  sizes.forEach((size, n) => {
    const last = sizes[n - 1];
    if (inside(size)) d += `${inside(last) ? "L" : "M"}${place(n, size)}`;
    else if (inside(last) && Number.isFinite(size)) {
      const edge = size > high ? high : low;
      d += `L${place(n - 1 + (edge - last) / (size - last), edge)}`;
    }
  });
  return d;

  function place(n, size) {
    return `${x(n).toFixed(1)} ${y(size).toFixed(1)}`;
  }
}
