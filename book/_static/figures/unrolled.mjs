// The figure: step through the forward and the backward pass of an unrolled network.
//
// Loaded by the page as a module. Every <figure data-unrolled> gets its own state; its
// static picture is what readers without scripts see, and is replaced here.

import { formula, html, svg } from "./dom.mjs";
import { EXAMPLE } from "./elman.mjs";
import { settings, termsTable, verdictLine } from "./panels.mjs";
import { draw, plan, switchPlace } from "./picture.mjs";
import { describe, heading, stages, tell, tellCut, view } from "./stages.mjs";

const LONGEST = 5;

/** What a fresh figure shows; data-steps, data-loss and data-cuts may say otherwise. */
function beginning({ steps = 3, loss = "last", cuts = "" }) {
  const x = Array.from({ length: LONGEST }, (_, i) => EXAMPLE.x[i] ?? 0);
  return {
    net: { ...EXAMPLE, x, every: loss === "every" },
    T: Math.min(LONGEST, Math.max(2, Number(steps))),
    cuts: new Set(cuts.split(" ").filter(Boolean).map(Number)),
    at: 0,
  };
}

/** Put the figure in the place of the static picture in `host`. */
export function mount(host) {
  let now = beginning(host.dataset);
  const parts = skeleton(host.id);
  const switches = Array.from({ length: LONGEST }, (_, i) => cutSwitch(() => toggle(i + 1)));
  parts.stage.append(...switches);

  const seen = () => {
    const { net, T, cuts, at } = now;
    return view({ ...net, x: net.x.slice(0, T) }, new Set([...cuts].filter((t) => t <= T)), at);
  };
  const last = () => stages(now.T).length - 1;

  function show() {
    const v = seen();
    const room = parts.stage.clientWidth;
    const picture = draw(v, room);
    picture.setAttribute("role", "img");
    picture.setAttribute("aria-label", describe(v));
    parts.picture.replaceChildren(picture);
    const places = plan(v.T, room);
    switches.forEach((button, i) => placeSwitch(button, i + 1, v, places, room));
    parts.terms.replaceChildren(termsTable(v));
    parts.verdict.replaceChildren(...verdictLine(v));
    parts.count.textContent = `Stage ${v.at} of ${v.last}`;
    parts.back.setAttribute("aria-disabled", v.at === 0);
    parts.step.setAttribute("aria-disabled", v.at === v.last);
    say(heading(v), tell(v));
  }
  function say(title, text) {
    parts.said.replaceChildren(html("strong", {}, title), " ", html("span", {}, ...formula(text)));
  }
  function go(at) {
    now.at = Math.min(last(), Math.max(0, at));
    show();
  }
  function toggle(t) {
    if (!now.cuts.delete(t)) now.cuts.add(t);
    show();
    say("Detach", tellCut(seen(), t));
  }
  function change({ T, ...entries }) {
    Object.assign(now.net, entries);
    if (T) Object.assign(now, { T, at: 0 }); // another length is another walk
    show();
  }
  function reset() {
    now = beginning(host.dataset);
    parts.settings.replaceChildren(...settings(now.net, now.T, change));
    show();
  }
  const keys = {
    ArrowRight: () => go(now.at + 1), ArrowLeft: () => go(now.at - 1),
    Home: () => go(0), End: () => go(last()),
  };
  parts.walk.addEventListener("keydown", (event) => {
    if (!keys[event.key] || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    keys[event.key]();
  });
  parts.back.addEventListener("click", keys.ArrowLeft);
  parts.step.addEventListener("click", keys.ArrowRight);
  parts.reset.addEventListener("click", reset);

  addEventListener("beforeprint", () => go(last())); // paper cannot step

  host.querySelector("picture, img")?.remove();
  host.prepend(parts.walk, parts.below);
  reset();
  let width = parts.stage.clientWidth;
  new ResizeObserver(() => {
    if (width === (width = parts.stage.clientWidth)) return;
    show();
  }).observe(parts.stage);
}

/** The elements that stay while their contents change. */
function skeleton() {
  const button = (text, attributes = {}) => html("button", { type: "button", ...attributes }, text);
  const parts = {
    back: button("Back"),
    step: button("Step", { class: "main" }),
    reset: button("Reset", { title: "Start again with the numbers of the text" }),
    count: html("span", { class: "count" }),
    said: html("p", { class: "said", "aria-live": "polite" }),
    picture: html("div"),
    terms: html("div", { class: "terms" }),
    verdict: html("p", { class: "verdict" }),
    settings: html("div", { class: "settings", role: "group", "aria-label": "Settings" }),
  };
  parts.stage = html("div", {
    class: "stage", tabindex: 0, role: "group",
    "aria-label": "Picture of the walk. Right and left arrow keys step, Home and End jump.",
  }, parts.picture);
  parts.walk = html("div", { class: "walk" },
    html("div", { class: "buttons" }, parts.back, parts.step, parts.reset, parts.count),
    parts.said, parts.stage,
    html("p", { class: "hint" },
      "Keys: left and right arrow step, Home and End jump. The scissors detach: ",
      "the number still goes forward, nothing comes back."));
  parts.below = html("div", { class: "below" },
    html("div", {}, parts.terms, parts.verdict), parts.settings);
  return parts;
}

function cutSwitch(click) {
  const icon = svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" },
    svg("circle", { cx: 6, cy: 7, r: 3 }), svg("circle", { cx: 6, cy: 17, r: 3 }),
    svg("path", { d: "M8.6 8.5 L20 16 M8.6 15.5 L20 8" }));
  return html("button", { type: "button", role: "switch", class: "switch", click }, icon);
}

function placeSwitch(button, t, { T, cuts }, places, room) {
  const [x, y] = switchPlace(places, t);
  const name = `Detach h ${t - 1} from step ${t}`;
  button.hidden = t > T;
  button.style.left = `${x + Math.max(0, (room - places.size[0]) / 2)}px`;
  button.style.top = `${y}px`;
  button.setAttribute("aria-checked", cuts.has(t));
  button.setAttribute("aria-label", name);
  button.title = name;
}

document.querySelectorAll("[data-unrolled]").forEach(mount);
