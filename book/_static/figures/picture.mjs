// The picture: a pure function from a view to an SVG element.
//
// Two axes: u runs with time, v from the loss (negative) to the input. Where there is
// room u points right and v down; in a narrow column u points down and v left.
// Only `plan` knows which. Nothing is measured, so the same view gives the same SVG.

import { given, shown, svg, svgFormula } from "./dom.mjs";
import { hasLoss, lossGrad } from "./elman.mjs";

const BOX = { width: 108, height: 92 };
const SMALL = { width: 60, height: 46 }; // inputs and losses
const FIRST = { width: 70, height: 92 }; // h_0
const GAP = { least: 30, narrow: 38, most: 88 };
const LANE = 16; // forward wires run at v = -LANE, backward wires at v = LANE
const THICKEST = 15;

/** Places for everything in a column of so many pixels. */
export function plan(T, room) {
  const wide = FIRST.width + T * (BOX.width + GAP.least) + 4 <= room;
  const along = wide ? BOX.width : BOX.height;
  const first = wide ? FIRST.width : FIRST.height;
  const gap = wide
    ? Math.min(GAP.most, Math.floor((room - 4 - first) / T) - along)
    : GAP.narrow;
  const length = first + T * (along + gap) + 4;
  const reach = wide
    ? BOX.height / 2 + 34 + SMALL.height
    : BOX.width / 2 + Math.min(34, (room - 4 - BOX.width) / 2 - SMALL.width) + SMALL.width;
  const across = 2 * (reach + 2);
  const at = (u, v) => (wide ? [u + 2, across / 2 + v] : [across / 2 - v, u + 2]);
  return {
    wide, gap, reach, at,
    size: wide ? [length, across] : [across, length],
    start: (t) => (t ? first + (t - 1) * (along + gap) + gap : 0),
    end: (t) => (t ? first + t * (along + gap) : first),
    middle: (t) => (t ? first + t * (along + gap) - along / 2 : first / 2),
    edge: (wide ? BOX.height : BOX.width) / 2,
    small: (wide ? SMALL.height : SMALL.width),
  };
}

/** Where the switch that cuts the wire from step t back to h_{t-1} belongs. */
export function switchPlace(places, t) {
  return places.at((places.end(t - 1) + places.start(t)) / 2, LANE + 30);
}

/** Draw a view (see stages.mjs) into a column of so many pixels. */
export function draw(view, room) {
  const places = plan(view.T, room);
  const [width, height] = places.size;
  const parts = [];
  for (let t = 1; t <= view.T; t++) parts.push(...wires(view, places, t));
  for (let t = 0; t <= view.T; t++) parts.push(stepBox(view, places, t));
  for (let t = 1; t <= view.T; t++) parts.push(...smallBoxes(view, places, t));
  const frame = { class: "unrolled-picture", width, height, viewBox: `0 0 ${width} ${height}` };
  return svg("svg", frame, ...parts);
}

// Boxes

function stepBox(view, places, t) {
  const { net, run, sweep, known, stage } = view;
  const size = t ? BOX : FIRST;
  const [x, y] = corner(places.at(places.middle(t), 0), size);
  const ahead = known.has(`h${t}`) || t === 0;
  const term = stage.kind === "dw" && stage.t; // this stage multiplies da_t and h_{t-1}
  const h = t ? shown(run.h[t]) : given(net.h_0);
  const rows = [ // name, text, colour, known, lit
    [`a_${t}`, shown(run.a[t] ?? 0), "forward", ahead, false],
    [`h_${t}`, h, "forward", ahead, is(stage, "h", t) || term === t + 1],
    [`dh_${t}`, shown(sweep.dh[t]), "back", known.has(`dh${t}`), is(stage, "dh", t)],
    [`da_${t}`, shown(sweep.da[t] ?? 0), "back", known.has(`da${t}`),
      is(stage, "da", t) || term === t],
  ];
  const now = rows.some((row) => row[4]);
  const half = size.height / 2;
  return svg("g", { transform: `translate(${x} ${y})`, class: now ? "box now" : "box" },
    svg("rect", { class: "sheet", ...size, rx: 7 }),
    svg("line", { class: "fold", x1: 0, x2: size.width, y1: half, y2: half }),
    t ? rows.map((row, i) => line(row, i)) : [stacked(rows[1], 0), stacked(rows[2], 2)],
    svg("rect", { class: "frame", ...size, rx: 7 }));
}

const PITCH = (BOX.height - 4) / 4;
const baseline = (i) => 2 + (i + 0.5) * PITCH + 5;

/** Name on the left, number on the right. */
function line([name, text, colour, known, now], i) {
  const lit = { x: 3, y: 3 + i * PITCH, width: BOX.width - 6, height: PITCH - 2, rx: 4 };
  return svg("g", { class: `${colour} ${known ? "known" : "pending"}` },
    now ? svg("rect", { class: "lit", ...lit }) : [],
    svg("text", { x: 8, y: baseline(i) }, svgFormula(name)),
    known ? number(name, text, { class: "number", x: BOX.width - 7, y: baseline(i) }) : []);
}

/** Name above number, in the narrow box of h_0. */
function stacked([name, text, colour, known, now], i) {
  const lit = { x: 3, y: 3 + i * PITCH, width: FIRST.width - 6, height: 2 * PITCH - 2, rx: 4 };
  const middle = FIRST.width / 2;
  return svg("g", { class: `${colour} ${known ? "known" : "pending"}` },
    now ? svg("rect", { class: "lit", ...lit }) : [],
    svg("text", { class: "middle", x: middle, y: baseline(i) }, svgFormula(name)),
    known ? number(name, text, { class: "middle number", x: middle, y: baseline(i + 1) }) : []);
}

const number = (name, text, attributes) => svg("text", { ...attributes, "data-name": name }, text);

function smallBoxes({ net, run, known, stage }, places, t) {
  const far = places.reach - places.small / 2;
  const using = is(stage, "h", t) || is(stage, "dw", t);
  const input = pill(places.at(places.middle(t), far), `x_${t}`, given(net.x[t - 1]), true, using);
  if (!hasLoss(net, t)) return [input];
  const name = net.every ? `L_${t}` : "L";
  const text = shown(run.losses[t]);
  const place = places.at(places.middle(t), -far);
  return [input, pill(place, name, text, known.has("loss"), stage.kind === "loss")];
}

function pill(place, name, text, known, now) {
  const [x, y] = corner(place, SMALL);
  const middle = SMALL.width / 2;
  return svg("g", { transform: `translate(${x} ${y})`, class: now ? "box now" : "box" },
    svg("rect", { class: "sheet", ...SMALL, rx: 7 }),
    svg("g", { class: `forward ${known ? "known" : "pending"}` },
      svg("text", { class: "middle", x: middle, y: 18 }, svgFormula(name)),
      known ? number(name, text, { class: "middle number", x: middle, y: 37 }) : []),
    svg("rect", { class: "frame", ...SMALL, rx: 7 }));
}

const is = (stage, kind, t) => stage.kind === kind && stage.t === t;
const corner = ([x, y], { width, height }) => [round(x - width / 2), round(y - height / 2)];
const round = (value) => Math.round(value * 100) / 100;

// Wires

function wires(view, places, t) {
  const { net, run, sweep, whole, known, cuts } = view;
  const { at, start, end, middle, edge, reach, small } = places;
  // Thickness compares with the largest adjoint when nothing is cut, so that a cut
  // does not make the other arrows grow.
  const largest = Math.max(...[...whole.back.slice(1), ...whole.dh.slice(1)].map(Math.abs));
  const thick = (value) => (largest ? (THICKEST * Math.abs(value)) / largest : 0);
  const ahead = known.has(`h${t}`);
  const from = end(t - 1), to = start(t), far = reach - small;
  const parts = [
    arrow(at(from, -LANE), at(to, -LANE), 1.8, "forward", ahead),
    arrow(at(middle(t), far), at(middle(t), edge), 1.8, "forward", ahead),
    weight(places, (from + to) / 2, net.w_hh),
  ];
  const arrived = known.has(`dh${t - 1}`);
  if (cuts.has(t)) parts.push(cutWire(at, from, to, arrived));
  else parts.push(arrow(at(to, LANE), at(from, LANE), thick(sweep.back[t]), "back", arrived));
  if (hasLoss(net, t)) {
    const [up, down] = [middle(t) - LANE, middle(t) + LANE];
    const grad = thick(lossGrad(net, run.h[t], t));
    parts.push(
      arrow(at(up, -edge), at(up, -far), 1.8, "forward", known.has("loss")),
      arrow(at(down, -far), at(down, -edge), grad, "back", known.has(`dh${t}`)));
  }
  return parts;
}

/** An arrow as one shape; until its number is known a thin broken line. */
function arrow([x1, y1], [x2, y2], width, colour, known) {
  if (!known) return svg("line", { class: `wire ${colour} pending`, x1, y1, x2, y2 });
  const length = Math.hypot(x2 - x1, y2 - y1);
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
  const half = Math.max(width, 1) / 2;
  const wing = half + 4;
  const head = Math.min(length * 0.55, 5 + 1.1 * wing);
  const outline = [
    [0, -half], [length - head, -half], [length - head, -wing], [length - 1, 0],
    [length - head, wing], [length - head, half], [0, half],
  ].map(([l, s]) => `${round(x1 + l * ux - s * uy)} ${round(y1 + l * uy + s * ux)}`);
  return svg("path", { class: `wire ${colour} known`, d: `M${outline.join("L")}Z` });
}

/** Two strokes across a broken line. */
function cutWire(at, from, to, arrived) {
  const middle = (from + to) / 2;
  const path = (...points) => `M${points.map((point) => point.map(round).join(" ")).join("L")}`;
  const stroke = (u) => path(at(u + 3, LANE - 9), at(u - 3, LANE + 9));
  return svg("g", { class: `cut ${arrived ? "known" : "pending"}` },
    svg("path", { class: "wire back pending", d: path(at(from, LANE), at(middle - 6, LANE)) }),
    svg("path", { class: "wire back pending", d: path(at(to, LANE), at(middle + 6, LANE)) }),
    svg("path", { class: "slash", d: stroke(middle - 3) + stroke(middle + 3) }));
}

/** The factor on a recurrent wire, where there is room to write it. */
function weight({ wide, gap, at }, u, w_hh) {
  if (wide && gap < 46) return [];
  const [x, y] = wide ? at(u, -LANE - 9) : at(u + 5, -LANE - 10);
  return svg("text", { class: wide ? "weight middle" : "weight", x, y }, `× ${given(w_hh)}`);
}
