"""Formulas in feedback pages without a network: nbgrader's template asks a CDN."""

import importlib.util
import re
import shutil
from pathlib import Path

from course_pkg.grade.course import Course

FOLDER = "_static"
CDN = re.compile(r'<script src="https://cdnjs\.cloudflare\.com/[^"]*"> </script>')
POLICY = (
    '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "script-src 'self' file:; style-src 'self' 'unsafe-inline' file:; "
    "img-src 'self' data: file:; font-src 'self' data: file:; "
    "base-uri 'none'; form-action 'none'\">"
)
# Only the text of Markdown cells is read; KaTeX runs no command that it does not trust.
SCRIPT = r"""
const folder = new URL(".", document.currentScript.src);
const style = document.createElement("link");
style.rel = "stylesheet";
style.href = new URL("katex.min.css", folder);
document.head.append(style);
const formula = /(\$\$[^$]+\$\$|\$[^$\n]+\$)/;
function typeset(text) {
  const parts = text.data.split(formula);
  if (parts.length < 2) return;
  text.replaceWith(...parts.map((part, n) => {
    if (n % 2 === 0) return part;
    const displayMode = part.startsWith("$$");
    const place = document.createElement("span");
    const source = part.slice(displayMode ? 2 : 1, displayMode ? -2 : -1);
    katex.render(source, place, { displayMode, throwOnError: false });
    return place;
  }));
}
document.addEventListener("DOMContentLoaded", () => {
  for (const cell of document.querySelectorAll(".text_cell_render")) {
    const walker = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT);
    const texts = [];
    while (walker.nextNode()) texts.push(walker.currentNode);
    texts.filter((t) => !t.parentElement.closest("code, pre")).forEach(typeset);
  }
});
"""


def install(course: Course, feedback: Path) -> bool:
    """Put KaTeX, its fonts and the script beside the pages, if the book has them."""
    styles = course.root / "book" / "_static" / "katex"
    found = importlib.util.find_spec("sphinxcontrib.katex")
    library = Path(found.origin or "").with_name("katex.min.js") if found else None
    if library is None or not library.is_file() or not styles.is_dir():
        return False
    target = feedback / FOLDER
    shutil.copytree(styles, target, dirs_exist_ok=True)
    script = library.read_text("utf-8") + SCRIPT
    (target / "math.js").write_text(script, "utf-8")
    return True


def seal(page: Path, offline: bool) -> None:
    """Keep what a student wrote from running, also where the page is opened as a file.

    offline: load the script that ``install`` wrote, two folders up, for formulas.
    """
    text = page.read_text("utf-8")
    tag = f'<script src="../../{FOLDER}/math.js"></script>' if offline else ""
    text = CDN.sub(tag, text, count=1)
    page.write_text(text.replace("<head>", f"<head>{POLICY}", 1), "utf-8")
