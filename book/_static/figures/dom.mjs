// Small helpers that build elements and print numbers.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== false && value !== undefined) node.setAttribute(name, value);
  }
  node.append(...children.flat());
  return node;
}

/** An HTML element; a function among the attributes is a listener of that name. */
export const html = (tag, attributes = {}, ...children) =>
  fill(document.createElement(tag), attributes, children);

/** An SVG element. */
export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG, tag), attributes, children);

/** Split "w_hh h_{t−1}" at its subscripts: [text, subscript, text, …]. */
const split = (text) => text.split(/_(?:\{([^}]*)\}|(\w+))/).filter((s) => s !== undefined);

/** Formula text as nodes, with <sub> for what follows an underscore. */
export const formula = (text) =>
  split(text).map((part, i) => (i % 2 ? html("sub", {}, part) : part));

/** The same in SVG. Not baseline-shift, which Firefox does not know. */
export const svgFormula = (text) =>
  split(text).map((part, i) =>
    i % 2 ? svg("tspan", { dy: 3, class: "sub" }, part) : svg("tspan", {}, part));

/** Without markup, for labels that only a screen reader meets. */
export const plain = (text) => text.replaceAll(/_\{?|\}/g, " ").replaceAll("  ", " ");

const minus = (text) => text.replace(/^-/, "−");

/** A computed number: four decimals, or its size where those would all be zeros. */
export function shown(value) {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-3) return minus(value.toExponential(1));
  return minus(value.toFixed(size < 10 ? 4 : 2));
}

/** A number that the reader chose: no more digits than it has. */
export const given = (value) => minus(String(Number(value.toFixed(4))));

/** In parentheses where a sign would meet an operator. */
export const factor = (text) => (text.startsWith("−") ? `(${text})` : text);

/** Numbers as a sum: "0 − 0.0324 − 0.0410". */
export const joined = (texts) =>
  texts.reduce((all, text) =>
    text.startsWith("−") ? `${all} − ${text.slice(1)}` : `${all} + ${text}`);
