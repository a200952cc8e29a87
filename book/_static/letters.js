// Shows formulas in the letters of another lecture, or of PyTorch, where they differ.
//
// A formula's source never changes: it names matrices and biases by the book's macros
// (\Wih, \Whh, …, see _config.yml), and KaTeX keeps it beside the picture. Another
// convention is another meaning of the macros, with which the formula is drawn again.
// What a convention has no letter for stays as it is. notation.md has the whole table.

const CONVENTIONS = {
  book: { name: "This book", macros: {}, note: "" },
  rousseau: {
    name: "Rousseau",
    macros: { "\\Wih": "W_{i}", "\\Whh": "W_{h}" },
    note: "Inside gates Rousseau writes U and W. One bias, b, stands for our two, and the output is the state, so the other letters stay ours.",
  },
  hare: {
    name: "Hare",
    macros: { "\\Why": "W_{y}" },
    note: "Only the output’s matrix differs. On other slides Hare’s state is c(t).",
  },
  video: {
    name: "Video course",
    macros: { "\\Wih": "V", "\\Whh": "W", "\\Why": "U" },
    note: "V reads the input and U writes the output. One bias, called bₕ, stands for our two.",
  },
  eskandari: {
    name: "Eskandari",
    macros: { "\\Wih": "W_{i}", "\\Whh": "W_{r}", "\\Why": "W_{o}" },
    note: "Steps stand above, in brackets. There are no biases; those here stay ours.",
  },
  mcgill: {
    name: "McGill",
    macros: { "\\Wih": "U", "\\Whh": "W", "\\Why": "V", "\\by": "b_{o}" },
    note: "U reads the input and V writes the output, and a state has not yet seen the input of its own step. One bias, called bₕ, stands for our two.",
  },
  torch: {
    name: "PyTorch",
    macros: {
      "\\Wih": "\\texttt{weight\\_ih}",
      "\\Whh": "\\texttt{weight\\_hh}",
      "\\bih": "\\texttt{bias\\_ih}",
      "\\bhh": "\\texttt{bias\\_hh}",
    },
    note: "The output is a layer of its own, a Linear, whose letters stay ours.",
  },
};
const NAMED = /\\(Wih|Whh|Why|bih|bhh|by)(?![A-Za-z])/;

// A reader may have forbidden storage: the choice then lasts as long as the page.
function remembered() {
  try {
    const name = localStorage.getItem("letters");
    return Object.hasOwn(CONVENTIONS, name) ? name : "book";
  } catch {
    return "book";
  }
}

function remember(name) {
  try {
    localStorage.setItem("letters", name);
  } catch {
    // nothing to do
  }
}

// Formulas whose letters differ somewhere: where each is drawn, and its source.
function formulas() {
  const found = [];
  for (const formula of document.querySelectorAll(".bd-article .math")) {
    const source = formula.querySelector("annotation")?.textContent ?? "";
    const drawn = formula.querySelector(".katex-display, .katex");
    if (!NAMED.test(source)) continue;
    const displayMode = drawn.classList.contains("katex-display");
    found.push({ place: drawn.parentNode, source, displayMode });
  }
  return found;
}

function draw({ place, source, displayMode }, name) {
  const macros = { ...katex_options.macros, ...CONVENTIONS[name].macros };
  katex.render(source, place, { ...katex_options, macros, displayMode });
}

function control() {
  const box = document.createElement("div");
  box.className = "letters";
  box.innerHTML = `<label for="letters-choice">Letters in formulas</label>
    <select id="letters-choice"></select> <p role="status"></p>`;
  const select = box.querySelector("select");
  for (const [name, { name: shown }] of Object.entries(CONVENTIONS)) select.add(new Option(shown, name));
  return { box, select, note: box.querySelector("p") };
}

addEventListener("DOMContentLoaded", () => {
  const drawn = formulas();
  const title = document.querySelector(".bd-article h1");
  if (!drawn.length || !title) return;
  const { box, select, note } = control();
  const show = (name) => {
    select.value = name;
    note.textContent = CONVENTIONS[name].note;
    drawn.forEach((formula) => draw(formula, name));
    dispatchEvent(new Event("resize")); // what is wide has changed
  };
  select.addEventListener("change", () => {
    remember(select.value);
    show(select.value);
  });
  title.after(box);
  if (remembered() !== "book") show(remembered());
});
