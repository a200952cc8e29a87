// The figure: drag a 2 × 2 matrix, and see what its powers make of the unit circle.
//
// Loaded by the page as a module. Every <figure data-matrix> gets its own state; its
// static picture is what readers without scripts see, and is replaced here.

import { logChart } from "./chart.mjs";
import { formula, given, html, shown, svg } from "./dom.mjs";
import { EXAMPLES, apply, curves, eigenvalues, norm, products, radius, singularValues } from "./matrix.mjs";
import { choice, dial } from "./panels.mjs";

const N = 30, MOST = 2.5, STEP = 0.05;
const CIRCLE = Array.from({ length: 73 }, (_, i) => [Math.cos(i * Math.PI / 36), Math.sin(i * Math.PI / 36)]);
const clamp = (value) => Math.round(100 * Math.min(MOST, Math.max(-MOST, value))) / 100;

/** What a fresh figure shows. */
export const beginning = () => ({ W: Object.values(EXAMPLES)[0], n: 6, linear: true });

/** The plane with the circle, its image after n steps, and the columns of W. */
export function plane({ W, n, linear }, side) {
  const image = CIRCLE.map((point) => apply(products(W, n, linear)[n], point));
  const reach = Math.max(2.7, ...image.flat().map(Math.abs));
  const unit = (side / 2 - 6) / reach;
  const at = ([x, y]) => [side / 2 + unit * x, side / 2 - unit * y];
  const line = (points) => `M${points.map((p) => at(p).map((v) => v.toFixed(1)).join(" ")).join("L")}Z`;
  const parts = [
    svg("line", { class: "grid", x1: 0, x2: side, y1: side / 2, y2: side / 2 }),
    svg("line", { class: "grid", y1: 0, y2: side, x1: side / 2, x2: side / 2 }),
    svg("path", { class: "circle", d: line(CIRCLE) }),
    svg("path", { class: "image", d: line(image) }),
  ];
  const ends = [0, 1].map((j) => at([W[0][j], W[1][j]]));
  for (const [x, y] of ends) {
    parts.push(svg("line", { class: "arm", x1: side / 2, y1: side / 2, x2: x, y2: y }));
  }
  return { parts, ends, unit };
}

/** The chart of ρⁿ, σⁿ and the true norm. */
export function chart({ W, n, linear }, width, height) {
  const { radius: rho, norm: sigma, product } = curves(W, N, linear);
  return logChart({
    width, height, decades: [-6, 6], xlabel: "steps n", marker: n,
    curves: [
      { values: rho, look: "rho" }, { values: sigma, look: "sigma" },
      { values: product, look: "true" }],
  });
}

/** The state in words. */
export function describe({ W, n, linear }) {
  const size = norm(products(W, n, linear)[n]);
  const values = eigenvalues(W).map(([re, im]) =>
    im ? `${shown(re)} ${im < 0 ? "−" : "+"} ${shown(Math.abs(im))}i` : shown(re));
  return {
    radius: shown(radius(W)), sigma: singularValues(W).map(shown).join(" and "),
    eigenvalues: values.join(" and "), size: shown(size),
    told: `After ${n} steps the longest axis is ${shown(size)}; ρ_n = `.replace("ρ_n", "ρⁿ") +
      `${shown(radius(W) ** n)}, σⁿ = ${shown(norm(W) ** n)}.`,
  };
}

/** The beginning as one picture, for readers without scripts: side by side or stacked. */
export function still(room) {
  const wide = room > 500, side = wide ? 260 : room, now = beginning();
  const size = wide ? [room, 260] : [room, side + 240];
  const { parts, ends } = plane(now, side);
  const dots = ends.map(([cx, cy]) => svg("circle", { class: "handle", cx, cy, r: 8 }));
  const place = wide ? `translate(${side + 10} 10)` : `translate(0 ${side + 8})`;
  return svg("svg", { class: "unrolled-plot", width: size[0], height: size[1], viewBox: `0 0 ${size.join(" ")}` },
    ...parts, ...dots,
    svg("g", { transform: place }, ...chart(now, wide ? room - side - 10 : room, 230)));
}

/** Put the figure in the place of the static picture in `host`. */
export function mount(host) {
  let now = beginning();
  const drawing = html("div"), graph = html("div"), settings = html("div", { class: "settings", role: "group", "aria-label": "Settings" });
  const told = html("p", { class: "said", "aria-live": "polite" });
  const table = html("div", { class: "terms" });
  let unit = 1, dragged = null;

  function show() {
    const room = Math.min(host.clientWidth - 26, 320);
    const wide = Math.min(host.clientWidth - 26, host.clientWidth > 640 ? host.clientWidth - 390 : 460);
    const words = describe(now);
    const { parts, ends, unit: u } = plane(now, room);
    unit = u;
    const focus = document.activeElement?.dataset?.column;
    const picture = svg("svg", { class: "unrolled-plot", width: room, height: room, viewBox: `0 0 ${room} ${room}` }, ...parts);
    ends.forEach((end, j) => picture.append(handle(end, j)));
    drawing.replaceChildren(picture);
    if (focus !== undefined && drawing.isConnected) drawing.querySelector(`[data-column="${focus}"]`)?.focus();
    graph.replaceChildren(svg("svg", {
      class: "unrolled-plot", width: wide, height: 240, viewBox: `0 0 ${wide} 240`, role: "img",
      "aria-label": `Norm against the number of steps on a logarithmic axis. ${words.told}`,
    }, ...chart(now, wide, 240)));
    table.replaceChildren(numbers(words));
    told.textContent = words.told;
  }
  function change(entries) {
    Object.assign(now, entries);
    show();
  }
  function move(j, dx, dy) {
    const [a, b] = [now.W[0][j] + dx, now.W[1][j] + dy].map(clamp);
    const W = now.W.map((row, i) => row.map((w, k) => (k === j ? [a, b][i] : w)));
    change({ W });
    fields();
  }
  function handle([cx, cy], j) {
    const name = `Column ${j + 1} of W: ${given(now.W[0][j])} and ${given(now.W[1][j])}. Arrow keys move it.`;
    return svg("circle", {
      class: "handle", cx, cy, r: 12, tabindex: 0, role: "button", "aria-label": name, "data-column": j,
      pointerdown: (event) => { dragged = { j, x: event.clientX, y: event.clientY }; event.preventDefault(); },
      keydown: (event) => {
        const way = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] }[event.key];
        if (!way || event.altKey || event.ctrlKey || event.metaKey) return;
        event.preventDefault();
        move(j, STEP * way[0], STEP * way[1]);
      },
    });
  }
  addEventListener("pointermove", (event) => {
    if (!dragged) return;
    const { j, x, y } = dragged;
    Object.assign(dragged, { x: event.clientX, y: event.clientY });
    move(j, (event.clientX - x) / unit, (y - event.clientY) / unit);
  });
  addEventListener("pointerup", () => { dragged = null; });

  function fields() {
    const entry = (i, j) => dial(`w_${i + 1}${j + 1}`, now.W[i][j], [-MOST, MOST, STEP], (value) => change({
      W: now.W.map((row, k) => row.map((w, l) => (k === i && l === j ? value : w))) }));
    const example = Object.keys(EXAMPLES).find((name) => String(EXAMPLES[name]) === String(now.W)) ?? "your own";
    const names = Object.fromEntries([...Object.keys(EXAMPLES), "your own"].map((name) => [name, name]));
    settings.replaceChildren(
      html("div", { class: "choices" },
        choice("Matrix", example, names, (name) => {
          if (EXAMPLES[name]) change({ W: EXAMPLES[name] });
          fields();
          settings.querySelector("select").focus();
        }),
        choice("Slopes", now.linear ? "none" : "tanh", { none: "none (linear)", tanh: "of tanh" },
          (value) => change({ linear: value === "none" }))),
      dial("n", now.n, [0, N, 1], (n) => change({ n })),
      entry(0, 0), entry(0, 1), entry(1, 0), entry(1, 1));
  }

  host.querySelector("picture, img")?.remove();
  host.prepend(
    html("div", { class: "pair" }, drawing, html("div", {}, graph, legend())), told,
    html("div", { class: "below" }, table, settings));
  fields();
  show();
  let width = host.clientWidth;
  new ResizeObserver(() => { if (width !== (width = host.clientWidth)) show(); }).observe(host);
}

const legend = () => html("p", { class: "hint" },
  key("true"), " true norm of the product  ", key("rho"), " ρⁿ  ", key("sigma"), " σⁿ");

const key = (look) => svg("svg", { class: "unrolled-plot key", width: 28, height: 10, "aria-hidden": "true" },
  svg("path", { class: `curve ${look}`, d: "M1 5L27 5" }));

function numbers(words) {
  const row = (title, value, name) => html("tr", {},
    html("th", { scope: "row" }, title), html("td", { class: "number", "data-name": name }, value));
  return html("table", {}, html("caption", {}, "Sizes of W"), html("tbody", {},
    row("spectral radius ρ", words.radius, "radius"),
    row("singular values", words.sigma, "sigma"),
    row("eigenvalues", words.eigenvalues, "eigenvalues"),
    row(formula("norm after n steps"), words.size, "size")));
}

document.querySelectorAll("[data-matrix]").forEach(mount);
