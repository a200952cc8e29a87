"""What nbgrader's pages may show of HTML: marks, tables and pictures, and no script.

The formgrader shows students' text in the instructor's own Jupyter: a script there
would act for the instructor. nbgrader's templates call no cleaner for Markdown, and
nbconvert's would take our tables apart.
"""

import re
from functools import cache
from typing import Any

import bleach
from bleach.css_sanitizer import CSSSanitizer
from jinja2 import pass_context

TAGS = """a abbr b blockquote br caption code dd del details div dl dt em figcaption
figure h1 h2 h3 h4 h5 h6 hr i img li ol p pre progress s span strong sub summary sup
table tbody td tfoot th thead tr ul"""
PLAIN = "alt aria-label class colspan id lang max rowspan scope style title value"
STYLES = """background border-collapse border-top color margin opacity padding
text-align vertical-align white-space"""
# What MathJax would make a link, a style or a further program of, in a formula.
ACTIVE = re.compile(r"\\(?=(?:href|style|class|cssId|require|html)(?![A-Za-z]))")
_css = CSSSanitizer(allowed_css_properties=STYLES.split())


def _allowed(tag: str, name: str, value: str) -> bool:
    """Tell whether an attribute stays: links go out, pictures bring their own bytes."""
    if (tag, name) == ("a", "href"):
        return value.startswith(("#", "http://", "https://"))
    if (tag, name) == ("img", "src"):
        return value.startswith(("data:image/png;", "data:image/jpeg;"))
    return name in PLAIN.split()


def clean(html: str) -> str:
    """Return HTML without anything that runs or loads; nbconvert's clean_html."""
    return bleach.clean(
        html,
        tags=TAGS.split(),
        attributes=_allowed,
        protocols=["http", "https", "data"],
        css_sanitizer=_css,
        strip_comments=True,
    )


@pass_context
def markdown(context: Any, source: str) -> str:
    """Return a cell's Markdown as clean HTML; nbconvert's markdown2html, made safe."""
    return clean(_exporter().markdown2html(context, ACTIVE.sub("", source)))


@cache
def _exporter() -> Any:
    from nbconvert.exporters import HTMLExporter

    return HTMLExporter()
