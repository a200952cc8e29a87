"""The frame of every page that grading writes: the book's look, and a strict policy.

No page has a script, and the one style sheet is named by its hash, so that nothing a
student wrote can run or dress up, should it ever come through as markup.
"""

import base64
import hashlib
from html import escape
from pathlib import Path

from course_pkg.grade.submissions import plain

STYLE = (Path(__file__).parent / "frame.css").read_text("utf-8")


def _policy(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


POLICY = _policy(STYLE)


def text(x: object, limit: int = 1000) -> str:
    """Return foreign text for a page: escaped, no control characters, not too long."""
    return escape(plain(str(x).expandtabs(4), limit))


def lines_of(x: str) -> str:
    """Return foreign text whose line ends stay."""
    return text(x).replace("\n", "<br>")


def page(title: str, body: str, *, kicker: str = "", broad: bool = False) -> str:
    """Return a whole page; ``title`` and ``kicker`` are text, ``body`` is markup."""
    wide = ' class="broad"' if broad else ""
    above = f'<p class="kicker">{text(kicker)}</p>\n' if kicker else ""
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>{text(title)}</title>
<style>{STYLE}</style></head>
<body><main{wide}>
{above}<h1>{text(title)}</h1>
{body}
</main></body></html>
"""


def link(address: str, name: str) -> str:
    """Return a link; both are text."""
    return f'<a href="{escape(address)}">{text(name)}</a>'


def table(heads: list[str], rows: list[list[str]], caption: str) -> str:
    """Return a table of markup cells that scrolls inside itself on a small screen.

    A head that begins with ``#`` makes a column of numbers; the first cell of a row
    is its head.
    """
    numbers = [head.startswith("#") for head in heads]
    classes = [' class="n"' if number else "" for number in numbers]
    top = "".join(
        f'<th scope="col"{kind}>{text(head.removeprefix("#"))}</th>'
        for head, kind in zip(heads, classes, strict=True)
    )
    lines = []
    for first, *rest in rows:
        cells = "".join(
            f"<td{kind}>{cell}</td>"
            for cell, kind in zip(rest, classes[1:], strict=True)
        )
        lines.append(f'<tr><th scope="row">{first}</th>{cells}</tr>')
    body = "\n".join(lines)
    return (
        f'<div class="wide" role="region" tabindex="0" aria-label="{text(caption)}">'
        f"<table><caption>{text(caption)}</caption><thead><tr>{top}</tr></thead>"
        f"<tbody>\n{body}</tbody></table></div>"
    )


def write(path: Path, content: str) -> None:
    """Write a page, making its folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content, "utf-8")
