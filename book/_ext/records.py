"""Sphinx roles and directives that print recorded measurements at build.

    {record}`grading.json speed_vs_stock .0f`     one number of benchmarks/results
    {attack-table}                                every attack: stock nbgrader, ours

Text names the measurement, the record holds the number. One that is missing is told as
"not measured yet", so that the book builds before a benchmark has run.
"""

import json
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.util.docutils import SphinxDirective, SphinxRole

RESULTS = Path(__file__).parents[2] / "benchmarks" / "results"
NONE = "not measured yet"
STOCK, OURS = ("check", "assert"), ("ours",)


def read(name: str) -> dict[str, Any]:
    """Return a record, empty if there is none."""
    path = RESULTS / name
    return json.loads(path.read_text("utf-8")) if path.is_file() else {}


def number(name: str, key: str, form: str = "") -> str:
    """Return a number of a record as text; the key may go down: memory.late_MiB."""
    value: Any = read(name)
    for part in key.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    return NONE if value is None else format(value, form)


class Record(SphinxRole):
    """Print one number."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        name, key, *form = self.text.split()
        self.env.note_dependency(str(RESULTS / name))
        return [nodes.Text(number(name, key, *form))], []


def came_of(row: dict[str, Any]) -> str:
    """Say in a few words what an attack got."""
    said = [f"+{row['gained']:g} points"] if row["gained"] else []
    said += ["read what is not its own"] if row["read"] else []
    said += ["took the reference"] if row["taken"] else []
    said += ["did harm outside"] if row["harmed"] else []
    said += ["stopped the class"] if row["lost_the_class"] else []
    said += ["lost its other answers"] if row["lost_itself"] else []
    return "; ".join(said)


def attacks(record: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return what each attack tries, got from stock nbgrader, and got here."""
    rows: dict[str, dict[str, dict[str, Any]]] = {}
    for row in record.get("rows", []):
        rows.setdefault(row["attack"], {})[row["side"]] = row
    found = []
    for sides in rows.values():
        got = []
        for names in (STOCK, OURS):
            there = [sides[name] for name in names if name in sides]
            texts = list(dict.fromkeys(filter(None, map(came_of, there))))
            got.append(" / ".join(texts) or ("nothing" if there else NONE))
        found.append((next(iter(sides.values()))["tries"], *got))
    return found


class AttackTable(SphinxDirective):
    """Print the attacks as a table."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(str(RESULTS / "security.json"))
        rows = attacks(read("security.json"))
        if not rows:
            return [nodes.paragraph("", f"The attacks are {NONE}.")]
        group = nodes.tgroup("", cols=3)
        group += [nodes.colspec("", colwidth=width) for width in (2, 1, 1)]
        head = ("The submission tries to", "stock nbgrader", "course grade")
        group += [nodes.thead("", line(head)), nodes.tbody("", *map(line, rows))]
        title = nodes.title("", "Hostile submissions, and what each came to")
        return [nodes.table("", title, group)]


def line(texts: tuple[str, ...]) -> nodes.row:
    """Return a row of a table."""
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", t)) for t in texts))


def setup(app) -> dict[str, bool]:
    """Add role and directive to Sphinx."""
    app.add_role("record", Record())
    app.add_directive("attack-table", AttackTable)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
