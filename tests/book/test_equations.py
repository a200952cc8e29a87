"""The book's equations, the tests that execute them and the code that cites them."""

from collections import Counter, defaultdict

import pytest
from equations import LABEL, ROOT, bound, displayed, equation, normalised, printed

PRINTED = printed()
BOUND = defaultdict(list)
for claim in bound():
    BOUND[claim.label].append(claim)


@pytest.mark.parametrize("eq", PRINTED, ids=lambda eq: f"{eq.page}:{eq.label}")
def test_every_displayed_equation_is_labelled_and_executed(eq):
    where = f"book/{eq.page}:{eq.line}"
    assert eq.label, f"{where}: a displayed equation needs a :label:"
    assert LABEL.fullmatch(eq.label), f"{where}: {eq.label} is not eq-<word>-<what>"
    tests = BOUND[eq.label]
    assert len(tests) == 1, f"{where}: {eq.label} has {len(tests)} tests, needs one"
    assert normalised(tests[0].latex) == normalised(eq.latex), (
        f"{where}: the page differs from what {tests[0].test} executes"
    )


def test_labels_are_unique():
    count = Counter(eq.label for eq in PRINTED)
    assert [label for label, n in count.items() if n > 1] == []


def test_no_test_executes_an_equation_that_no_page_prints():
    on_pages = {eq.label for eq in PRINTED}
    lost = {c.test: label for label, cs in BOUND.items() for c in cs}
    assert {t: label for t, label in lost.items() if label not in on_pages} == {}


def test_every_equation_cited_in_the_package_is_in_the_book():
    on_pages = {eq.label for eq in PRINTED}
    cited = {
        label: path.relative_to(ROOT)
        for path in (ROOT / "course_pkg").rglob("*.py")
        for label in LABEL.findall(path.read_text("utf8"))
    }
    assert cited, "no docstring of the package cites an equation"
    assert {c: str(p) for c, p in cited.items() if c not in on_pages} == {}


PAGE = r"""
Inline $a$ and $$ (no display at the start of the line).

```{math}
:label: eq-x-one

a = b
  + c
```

::::{exercise}
$$ d = e $$ (eq-x-two)

$$
f
= g
$$
::::

```{code-cell} ipython3
s = '''
$$ not an equation $$
'''
```

\begin{align} h &= i \end{align}
"""


def test_the_parser_sees_every_form_of_displayed_equation():
    found = [(eq.line, eq.label, normalised(eq.latex)) for eq in displayed(PAGE)]
    assert found == [
        (4, "eq-x-one", "a=b+c"),
        (12, "eq-x-two", "d=e"),
        (14, None, "f=g"),
        (26, None, r"\begin{align}h&=i\end{align}"),
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [("$$\na = b\n", "never closed"), ("so\n$$ a = b $$ (eq-x-y)\n", "empty line")],
)
def test_an_equation_that_would_not_be_displayed_is_an_error(text, problem):
    with pytest.raises(ValueError, match=problem):
        list(displayed(text))


def test_normalising_keeps_what_tex_keeps():
    assert normalised(r" \bar h_t = \frac{1}{ 2 }x ") == r"\bar h_t=\frac{1}{2}x"
    assert normalised(r"\bar h") != normalised(r"\barh")
    assert normalised("a - b") != normalised("a + b")


def test_the_decorator_rejects_what_pytest_would_not_run():
    with pytest.raises(ValueError, match="not collect"):
        equation("eq-x-y", "a")(lambda: None)
    with pytest.raises(ValueError, match="eq-<word>-<what>"):
        equation("recursion", "a")
