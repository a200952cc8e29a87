"""What nbgrader's pages may show of HTML: marks, tables and pictures, and no script.

The formgrader shows students' text in the instructor's own Jupyter: a script there
would act for the instructor. nbconvert's cleaner would also take our tables apart.
"""

import bleach
from bleach.css_sanitizer import CSSSanitizer

TAGS = """a abbr b blockquote br caption code dd del details div dl dt em figcaption
figure h1 h2 h3 h4 h5 h6 hr i img li ol p pre progress s span strong sub summary sup
table tbody td tfoot th thead tr ul"""
PLAIN = "alt aria-label class colspan id lang max rowspan scope style title value"
STYLES = """background border-collapse border-top color margin opacity padding
text-align vertical-align white-space"""
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
