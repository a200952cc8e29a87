// What the pages need beyond the theme; everything can be read without it.

// Whatever is wider than its place scrolls inside itself: make it reachable by
// keyboard, and say what it is.
const WIDE = [
  [".bd-article div.math > span:not(.eqno)", "Wide formula"],
  [".bd-article span.math.wide", "Wide formula"],
  [".bd-article pre", "Wide code"],
  [".bd-article .pst-scrollable-table-container", "Wide table"],
  [".bd-article .unrolled-figure", "Wide figure"],
  [".bd-article .cell_output > .output", "Wide output"],
];

const all = (selector) => [...document.querySelectorAll(selector)];

// Measures everything before it changes anything: a page has hundreds of formulas.
function markScrollers() {
  const formulas = all(".bd-article span.math");
  formulas.forEach((formula) => formula.classList.remove("wide"));
  const isWide = (formula) =>
    formula.offsetWidth > formula.closest("p, li, dd, td, th, div").clientWidth;
  formulas.filter(isWide).forEach((formula) => formula.classList.add("wide"));
  for (const [selector, label] of WIDE) {
    const scrolls = (element) => element.scrollWidth > element.clientWidth + 1;
    const found = all(selector).map((element) => [element, scrolls(element)]);
    for (const [element, wide] of found) {
      if (wide) {
        element.tabIndex = 0;
        element.setAttribute("role", "group");
        element.setAttribute("aria-label", `${label}, scrolls sideways`);
      } else if (element.getAttribute("aria-label")?.startsWith(label)) {
        ["tabindex", "role", "aria-label"].forEach((n) => element.removeAttribute(n));
      }
    }
  }
}

// The theme leaves the title in the side bar outside of any landmark.
function nameSidebar() {
  const sidebar = document.getElementById("pst-primary-sidebar");
  sidebar?.setAttribute("role", "region");
  sidebar?.setAttribute("aria-label", "Book");
}

// Search results quote the page's text: leave out formulas, which would be raw TeX,
// and the table of contents for print.
function quotePlainText() {
  if (typeof Search === "undefined") return;
  const plain = Search.htmlToText;
  Search.htmlToText = (html, anchor) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    page.querySelectorAll(".math").forEach((formula) => formula.replaceWith("…"));
    page.getElementById("jb-print-docs-body")?.remove();
    return plain.call(Search, page.documentElement.outerHTML, anchor);
  };
}

// Without this a line may begin with the comma that follows a short formula.
function keepPunctuation() {
  const short = (formula) => formula.offsetWidth < 150;
  for (const formula of all(".bd-article span.math").filter(short)) {
    const mark = /^[.,;:!?)\u2019]+/.exec(formula.nextSibling?.data ?? "")?.[0];
    if (!mark) continue;
    formula.nextSibling.data = formula.nextSibling.data.slice(mark.length);
    const both = document.createElement("span");
    both.className = "keep-together";
    formula.replaceWith(both);
    both.append(formula, mark);
  }
}

quotePlainText();
addEventListener("DOMContentLoaded", () => {
  nameSidebar();
  keepPunctuation();
  markScrollers();
  document.addEventListener("toggle", markScrollers, true);
});
addEventListener("load", markScrollers);
addEventListener("resize", markScrollers);

// Paper is light, and its folds are open.
const page = document.documentElement.dataset;
let theme;
addEventListener("beforeprint", () => {
  all("details").forEach((fold) => (fold.open = true));
  [theme, page.theme] = [page.theme, "light"];
});
addEventListener("afterprint", () => (page.theme = theme));
