"""Sphinx directives that print the syllabus: all words in a map, or one word's files.

    {word-map}              two tables: where each word lives, and each graded task
    {word-links} bptt       the modules, the assignment and the tests of one word

Both read course_pkg.syllabus at build, so a new row needs no edit here. What a row
promises and the tree lacks (page, its title, section, file) becomes a warning.
"""

from pathlib import PurePosixPath

from docutils import nodes
from sphinx import addnodes
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx.util.nodes import make_refnode

from course_pkg import syllabus

logger = logging.getLogger(__name__)
Cell = list[nodes.Node]


def page_of(word: str) -> str:
    """Return the docname of the word's chapter."""
    return f"book/{word}"


def points_of(word: str) -> int:
    """Return what the word's assignment is worth; 0 where it has none."""
    return sum(task.points for task in syllabus.WORDS[word].tasks)


def modules_of(word: str) -> list[str]:
    """Return the word's source files; syllabus.py writes them like cells.elman."""
    names = syllabus.WORDS[word].modules
    return [f"course_pkg/{name.replace('.', '/')}.py" for name in names]


def assignments_of(word: str) -> list[str]:
    """Return the notebook that students open, if the word has tasks."""
    return [f"assignments/{word}/{word}.ipynb"] if points_of(word) else []


def tests_of(word: str) -> list[str]:
    """Return the word's test files: one per module, one for the page's equations."""
    parts = [PurePosixPath(path).relative_to("course_pkg") for path in modules_of(word)]
    mirrors = [f"tests/{path.parent / f'test_{path.name}'}" for path in parts]
    return [*mirrors, f"tests/book/test_equations_{word}.py"]


class WordDirective(SphinxDirective):
    """What both directives share: links, and a rebuild when syllabus.py changes."""

    def run(self) -> list[nodes.Node]:
        self.env.note_dependency(syllabus.__file__)
        return self.output()

    def myst(self, text: str) -> Cell:
        """Parse a line of MyST; the roles in it warn where their target is missing."""
        inlines, messages = self.state.inline_text(text, self.lineno)
        return [nodes.paragraph("", "", *inlines), *messages]

    def files(self, paths: list[str], short: bool = False) -> Cell:
        """Link to files by path or by name: notebooks to keep, the rest to read."""
        links = []
        for path in paths:
            shown = PurePosixPath(path).name if short else path
            keep = f"{{download}}`{shown} </{path}>`"
            read = f"{{source}}`{shown} <{path}>`"
            links.append(keep if path.endswith(".ipynb") else read)
        return self.myst(", ".join(links)) if links else []


class WordLinks(WordDirective):
    """Print the files of one word as a list: package, assignment, tests."""

    required_arguments = 1

    def output(self) -> list[nodes.Node]:
        word = self.arguments[0]
        if word not in syllabus.WORDS:
            known = ", ".join(syllabus.WORDS)
            raise self.error(f"word-links: {word!r} is none of {known}")
        rows = {
            "Package": modules_of(word),
            f"Assignment, {points_of(word)} points": assignments_of(word),
            "Tests": tests_of(word),
        }
        fields = nodes.field_list("", classes=["word-links"])
        for name, paths in rows.items():
            if paths:
                body = nodes.field_body("", *self.files(paths))
                fields += nodes.field("", nodes.field_name("", name), body)
        return [fields]


class WordMap(WordDirective):
    """Print all words and all graded tasks, each in a table."""

    def output(self) -> list[nodes.Node]:
        self.env.note_reread()  # the map shows headings of pages that change
        head = ["Word", "Chapter", "Package", "Assignment", "Tests"]
        words = [self.rooms(word) for word in syllabus.WORDS]
        graded = ["Check", "Points", "Section", "Marked by"]
        tasks = [row for word in syllabus.WORDS for row in self.tasks(word)]
        return [
            self.table("word-map", "Where each word lives", head, words),
            self.table("task-map", "Every graded task", graded, tasks),
        ]

    def rooms(self, word: str) -> list[Cell]:
        """Return the word's row of the first table."""
        none = self.myst("none yet")
        return [
            self.myst(f"`{word}`"),
            self.myst(f"{{doc}}`/{page_of(word)}`"),
            self.files(modules_of(word), short=True),
            self.files(assignments_of(word), short=True) or none,
            self.files(tests_of(word), short=True),
        ]

    def tasks(self, word: str) -> list[list[Cell]]:
        """Return the word's rows of the second table: each task, then the sum."""
        rows = []
        for task in syllabus.WORDS[word].tasks:
            row = [f"`{word}.{task.name}`", f"{task.points}"]
            row.append("a person" if task.manual else "the check")
            cells = [self.myst(text) for text in row]
            cells.insert(2, self.section(word, task.slug))
            rows.append(cells)
        total = [self.myst(f"all of `{word}`"), self.myst(f"{points_of(word)}"), [], []]
        return [*rows, total] if rows else []

    def section(self, word: str, slug: str) -> Cell:
        """Link to a section of the chapter by its heading, see `resolve_section`."""
        ref = addnodes.pending_xref("", nodes.inline("", slug), reftype="word-section")
        ref.update_all_atts({"reftarget": f"{page_of(word)}#{slug}", "refwarn": True})
        ref.update_all_atts({"refdomain": "", "refdoc": self.env.docname})
        self.set_source_info(ref)
        return [nodes.paragraph("", "", ref)]

    def table(
        self, name: str, caption: str, head: list[str], rows: list[list[Cell]]
    ) -> nodes.table:
        """Build a table with a caption and header cells above and on the left."""
        group = nodes.tgroup("", cols=len(head))
        for i in range(len(head)):
            group += nodes.colspec("", colwidth=1, stub=int(i == 0))
        top = nodes.row("", *(nodes.entry("", *self.myst(title)) for title in head))
        body = [nodes.row("", *(nodes.entry("", *c) for c in row)) for row in rows]
        group += [nodes.thead("", top), nodes.tbody("", *body)]
        table = nodes.table("", nodes.title("", caption), group, names=[name])
        self.state.document.note_explicit_target(table, table)
        return table


def resolve_section(app, env, xref, _) -> nodes.reference | None:
    """Link to the section if its page has it; Sphinx warns where this returns None."""
    if xref["reftype"] != "word-section":
        return None
    page, slug = xref["reftarget"].split("#")
    tree = env.get_doctree(page) if page in env.found_docs else nodes.section()
    for section in tree.findall(nodes.section):
        if slug in section["ids"]:
            title = nodes.inline("", section.next_node(nodes.title).astext())
            return make_refnode(app.builder, xref["refdoc"], page, slug, title)
    return None


def check_titles(app, env) -> None:
    """Warn where a row of the syllabus and its page bear different titles."""
    for word, row in syllabus.WORDS.items():
        title = env.titles.get(page_of(word))
        if title is not None and title.astext() != row.title:
            message = "syllabus.py calls %s %r, its page is called %r"
            logger.warning(message, word, row.title, title.astext())


def setup(app) -> dict[str, bool]:
    """Add the directives to Sphinx."""
    app.add_directive("word-map", WordMap)
    app.add_directive("word-links", WordLinks)
    app.connect("missing-reference", resolve_section)
    app.connect("env-check-consistency", check_titles)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
