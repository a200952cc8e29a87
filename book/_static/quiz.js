// Makes each list of answers (book/_ext/quiz.py) something to answer. Without this
// script, and on paper, the list stays as it is written.

// "1,000,100", "0,409" and "−4.15" are numbers, too.
function read(text) {
  let plain = text.trim().replace(/[\u2212\u2013]/g, "-").replace(/[\s_]/g, "");
  if (/^[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d*)?$/.test(plain)) plain = plain.replaceAll(",", "");
  return plain === "" ? NaN : Number(plain.replace(",", "."));
}

// The tolerance is meant as a reader's rounding: a last digit more than float has.
const near = ({ value, within }, x) =>
  Math.abs(x - value) <= Number(within) + 1e-9 * Math.max(1, Math.abs(value));

function element(tag, text = "") {
  const made = document.createElement(tag);
  made.append(text);
  return made;
}

// What an item explains, after the verdict or, among several, after its choice.
function explanation(item, verdict) {
  const copy = item.querySelector(".quiz-why").cloneNode(true);
  const opening = element("strong", verdict);
  if (!verdict) opening.append(...item.querySelector(".quiz-choice").cloneNode(true).childNodes);
  copy.querySelector("strong").replaceWith(opening, verdict ? "" : ":");
  copy.querySelectorAll("[id]").forEach((part) => part.removeAttribute("id"));
  return copy;
}

function judgeNumber(items, field) {
  const x = read(field.value);
  if (Number.isNaN(x)) return { asks: "Type a number first, such as 0.25 or 1e-3." };
  const known = items.find((item) => near(item.dataset, x));
  return {
    right: known?.dataset.right === "true",
    verdict: known?.dataset.right === "true" ? "Right" : `${x} is not it`,
    explain: known ? [known] : [],
  };
}

function judgeChoice(items) {
  const chosen = items.filter((item) => item.querySelector("input").checked);
  if (!chosen.length) return { asks: "Choose an answer first." };
  const wrong = chosen.filter((item) => item.dataset.right === "false");
  const all = items.filter((item) => item.dataset.right === "true");
  const missing = all.length - (chosen.length - wrong.length);
  if (!wrong.length && !missing) return { right: true, verdict: "Right", explain: all };
  const some = wrong.length ? "Not right" : `So far right, but ${missing} more to find`;
  return { right: false, verdict: some, explain: wrong };
}

function bring(form) {
  const items = [...form.querySelectorAll("fieldset > ul > li")];
  const field = form.querySelector(".quiz-typed input");
  const said = form.querySelector(".quiz-said");
  const fold = form.querySelector("button[type=button]");
  const show = (all) => {
    form.classList.toggle("shown", all);
    fold.setAttribute("aria-expanded", String(all));
  };
  const forget = () => {
    said.replaceChildren();
    delete said.dataset.right;
  };
  form.querySelectorAll("[hidden]").forEach((part) => (part.hidden = false));
  form.classList.add("live");
  form.reset();
  form.addEventListener("input", forget);
  fold.addEventListener("click", () => show(!form.classList.contains("shown")));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const judged = field ? judgeNumber(items, field) : judgeChoice(items);
    forget();
    if (judged.asks) {
      said.append(element("p", judged.asks));
      return;
    }
    said.dataset.right = judged.right;
    const { verdict, explain } = judged;
    if (explain.length === 1) said.append(explanation(explain[0], `${verdict}:`));
    else said.append(element("p", `${verdict}.`), ...explain.map((item) => explanation(item)));
    said.firstChild.classList.add("quiz-verdict");
  });
}

addEventListener("DOMContentLoaded", () => document.querySelectorAll("form.quiz").forEach(bring));
