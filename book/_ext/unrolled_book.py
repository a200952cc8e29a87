"""What the book needs of Sphinx beyond Jupyter Book: three small things.

* Pages are executed again when the package changes: jupyter-cache looks at the
  cells alone, which would keep outputs of code that is no longer there.
* ``{source}`` links to a file of the project as a page of this site.
* ``{solution-start}`` and ``{solution-end}`` fold what lies between them, executed
  cells included (a cell cannot stand inside a directive).
"""

import hashlib
import re
import shutil
from html import escape
from importlib.util import find_spec
from pathlib import Path

from docutils import nodes
from sphinx.environment import BuildEnvironment
from sphinx.util.docutils import ReferenceRole, SphinxDirective

ROOT = Path(__file__).resolve().parents[2]
LEXERS = {".py": "python", ".md": "markdown", ".js": "javascript", ".toml": "toml"}


def package_digest():
    """Return a digest of the sources that executed pages import or read."""
    package = Path(find_spec("course_pkg").origin).parent
    code = {p.relative_to(package): p for p in package.rglob("*.py")}
    files = {name: p for name, p in code.items() if name.parts[0] != "grade"}
    results = ROOT / "book" / "results"
    files |= {p.relative_to(results): p for p in results.rglob("*.json")}
    digest = hashlib.sha256()
    for name, path in sorted(files.items()):
        digest.update(name.as_posix().encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def choose_cache(app, config):
    """Give every state of the package its own execution cache; drop the others."""
    config.package_digest = package_digest()
    caches = Path(app.outdir).parent / ".jupyter_cache"
    for old in caches.glob("*"):
        if old.is_dir() and old.name != config.package_digest:
            shutil.rmtree(old)
    config.nb_execution_cache_path = str(caches / config.package_digest)


def forget_failed_build(app, exception):
    """Make a build that warned warn again: unchanged pages are not read twice."""
    if app._warncount or exception:
        pickle = Path(app.doctreedir) / "environment.pickle"
        pickle.unlink(missing_ok=True)


def source_page(path):
    """Name the page that shows the project's file `path`."""
    return f"source/{path}"


class SourceRole(ReferenceRole):
    """Link to a file of the project, shown as a page of the site."""

    def run(self):
        env: BuildEnvironment = self.env
        path = ROOT / self.target
        if not path.is_file():
            message = f"source: the project has no file {self.target!r}"
            problem = self.inliner.reporter.warning(message, line=self.lineno)
            return [self.inliner.problematic(self.rawtext, self.rawtext, problem)], [
                problem
            ]
        env.note_dependency(str(path))
        env.metadata[env.docname].setdefault("sources", []).append(self.target)
        uri = env.app.builder.get_relative_uri(env.docname, source_page(self.target))
        text = nodes.Text(self.title)
        label = text if self.has_explicit_title else nodes.literal("", "", text)
        return [nodes.reference("", "", label, refuri=uri, internal=True)], []


def source_pages(app):
    """Yield one page for every file that a page links to."""
    pages = app.env.metadata.values()
    wanted = {path for meta in pages for path in meta.get("sources", ())}
    for path in sorted(wanted):
        text = (ROOT / path).read_text(encoding="utf-8")
        lexer = LEXERS.get(Path(path).suffix, "text")
        code = app.builder.highlighter.highlight_block(text, lexer)
        body = f"<h1><code>{escape(path)}</code></h1>\n{code}"
        yield source_page(path), {"title": path, "body": body}, "page.html"


def repair_html(app, pagename, templatename, context, doctree):
    """Correct what docutils writes and readers' aids stumble over."""
    body = context.get("body", "")
    body = re.sub(r'<th class="[^"]*">\s*(<p></p>)?\s*</th>', "<td></td>", body)
    context["body"] = body.replace('role="doc-biblioentry"', 'role="listitem"')


class SolutionStart(SphinxDirective):
    """Open a fold; its one optional argument is the line that stays visible."""

    optional_arguments = 1
    final_argument_whitespace = True

    def run(self):
        title = escape(self.arguments[0] if self.arguments else "Solution")
        html = f'<details class="solution"><summary>{title}</summary>'
        return [nodes.raw("", html, format="html")]


class SolutionEnd(SphinxDirective):
    """Close the fold."""

    def run(self):
        return [nodes.raw("", "</details>", format="html")]


def setup(app):
    """Register all of it with Sphinx."""
    app.add_config_value("package_digest", "", "env")
    app.connect("config-inited", choose_cache)
    app.connect("html-collect-pages", source_pages)
    app.connect("html-page-context", repair_html)
    app.connect("build-finished", forget_failed_build)
    app.add_role("source", SourceRole())
    app.add_directive("solution-start", SolutionStart)
    app.add_directive("solution-end", SolutionEnd)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
