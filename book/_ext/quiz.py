"""A question on the page, with an explanation for every answer.

    :::{quiz} What is the state after the first input, to three digits?
    - [= 0.762 ± 0.001] :: tanh 1, since the old state is zero.
    - [! 1 ± 0.001] :: this is the pre-activation.
    :::

    :::{quiz} Which of these have a loop?
    - [x] the folded drawing :: its arrow returns to where it began.
    - [ ] the unfolded drawing :: each copy feeds the next, and none an earlier one.
    :::

One `[x]` makes radio buttons, several make checkboxes, `[= value ± tolerance]` a field
to type in, where `[! ...]` explains a wrong number that is to be expected. Text between
the first line and the answers belongs to the question. What is written is a plain list
with all answers, as print and browsers without scripts show it; quiz.js makes of it
something to answer.
"""

import re
from typing import NamedTuple

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

ANSWER = re.compile(r"- \[(?P<mark>[^]]*)\]\s+(?P<rest>.*)")
NUMBER = re.compile(r"(?P<sign>[=!]) (?P<value>\S+)(?: (?:±|\+-) (?P<within>\S+))?")
WHY = " :: "


class Answer(NamedTuple):
    """One line of a quiz; value and within are "" where there is nothing to type."""

    right: bool
    text: str
    why: str
    value: str = ""
    within: str = ""


class quiz(nodes.General, nodes.Element):
    """A question: its text, more of it, and its answers."""


class quiz_question(nodes.General, nodes.TextElement):
    """What is asked, in one line."""


class quiz_answer(nodes.General, nodes.Element):
    """An answer: what to choose, where there is a choice, and an explanation."""


class quiz_choice(nodes.General, nodes.TextElement):
    """What to choose."""


class quiz_why(nodes.General, nodes.TextElement):
    """The explanation."""


def joined(lines: list[str]) -> list[str]:
    """Put indented lines behind the answer that they continue."""
    whole: list[str] = []
    for line in filter(str.strip, lines):
        if line.startswith(" ") and whole:
            whole[-1] += f" {line.strip()}"
        else:
            whole.append(line)
    return whole


def answer(line: str) -> Answer:
    """Read an answer; ValueError says what is wrong with it."""
    found = ANSWER.fullmatch(line)
    if found is None:
        raise ValueError(f"expected '- [ ] answer :: why', got {line!r}")
    mark = found["mark"]
    text, _, why = f" {found['rest']}".partition(WHY)
    if not why.strip():
        raise ValueError(f"expected '{WHY.strip()} why' at the end of {line!r}")
    if mark in (" ", "x"):
        if not text.strip():
            raise ValueError(f"there is nothing to choose in {line!r}")
        return Answer(mark == "x", text.strip(), why.strip())
    number = NUMBER.fullmatch(mark)
    if number is None:
        expected = "[ ], [x], [= 0.5 ± 0.01] or [! 0.5 ± 0.01]"
        raise ValueError(f"expected {expected}, got [{mark}]")
    value, within = number["value"].replace("−", "-"), number["within"] or "0"
    if float(within) < 0 or abs(float(value)) == float("inf"):
        raise ValueError(f"expected a number and how far off it may be, got [{mark}]")
    return Answer(number["sign"] == "=", text.strip(), why.strip(), value, within)


def kind_of(answers: list[Answer]) -> str:
    """Return number, radio or checkbox; ValueError where the answers do not fit."""
    right = [a for a in answers if a.right]
    typed = [a for a in answers if a.value]
    if not right:
        raise ValueError("a quiz needs a right answer")
    if typed:
        if len(typed) < len(answers) or len(right) > 1:
            raise ValueError("a numeric quiz needs one [= ...] and no boxes")
        return "number"
    if len(answers) < 2:
        raise ValueError("a quiz needs two answers to choose from")
    return "radio" if len(right) == 1 else "checkbox"


class Quiz(SphinxDirective):
    """Ask a question."""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self) -> list[nodes.Node]:
        lines = list(self.content)
        first = next((i for i, s in enumerate(lines) if ANSWER.match(s)), len(lines))
        try:
            answers = [answer(line) for line in joined(lines[first:])]
            kind = kind_of(answers)
        except ValueError as problem:
            raise self.error(f"quiz: {problem}") from problem
        name = f"quiz-{self.env.new_serialno('quiz') + 1}"
        node = quiz("", kind=kind, ids=[name])
        self.set_source_info(node)
        node += self.inline(quiz_question, self.arguments[0])
        more = nodes.container()
        self.state.nested_parse(self.content[:first], self.content_offset, more)
        node += more.children
        node += [self.item(a, kind, f"{name}-{i}") for i, a in enumerate(answers, 1)]
        return [node]

    def inline(self, make: type[nodes.TextElement], text: str) -> list[nodes.Node]:
        """Parse a line of MyST into an element of this type."""
        inlines, messages = self.state.inline_text(text, self.lineno)
        return [make("", "", *inlines), *messages]

    def item(self, given: Answer, kind: str, name: str) -> quiz_answer:
        """Return an answer as a node."""
        node = quiz_answer("", right=given.right, ids=[name], kind=kind)
        node["value"], node["within"] = given.value, given.within
        if kind == "number":
            shown = given.value.replace("-", "−")
            near = f" ± {given.within}" if float(given.within) else ""
            node += quiz_choice("", f"{shown}{near}")
        else:
            node += self.inline(quiz_choice, given.text)
        node += self.inline(quiz_why, given.why)
        return node


def visit_quiz(self, node: quiz) -> None:
    """Open a form; everything in it that acts is hidden until quiz.js has it."""
    attributes = {"CLASS": "quiz", "data-kind": node["kind"], "novalidate": ""}
    self.body.append(self.starttag(node, "form", **attributes))
    self.body.append("<fieldset>")


def depart_quiz(self, node: quiz) -> None:
    """Close the list and the form."""
    self.body.append("</ul>")
    if node["kind"] == "number":
        name = f"{node['ids'][0]}-typed"
        self.body.append(
            f'<p class="quiz-typed" hidden><label for="{name}">Your answer</label> '
            f'<input id="{name}" inputmode="text" autocomplete="off" size="12"></p>'
        )
    self.body.append(
        '</fieldset><p class="quiz-buttons" hidden>'
        '<button type="submit">Check</button> '
        '<button type="button" aria-expanded="false">All answers</button></p>'
        '<div class="quiz-said" role="status"></div></form>\n'
    )


def visit_answer(self, node: quiz_answer) -> None:
    """Open an item of the list, and the list before the first."""
    siblings = node.parent.children
    if not isinstance(siblings[siblings.index(node) - 1], quiz_answer):
        self.body.append("<ul>")
    marks = {"data-right": str(node["right"]).lower()}
    if node["value"]:
        marks |= {"data-value": node["value"], "data-within": node["within"]}
    self.body.append(self.starttag(node, "li", "", **marks))
    self.body.append("<label>" if node["kind"] != "number" else "<div>")
    if node["kind"] != "number":
        name = node.parent["ids"][0]
        self.body.append(f'<input type="{node["kind"]}" name="{name}" hidden>')


def visit_why(self, node: quiz_why) -> None:
    """Close what is chosen, and say in words whether that was right."""
    self.body.append("</label>" if node.parent["kind"] != "number" else "</div>")
    verdict = "Right" if node.parent["right"] else "Wrong"
    self.body.append(f'<p class="quiz-why"><strong>{verdict}:</strong> ')


def tags(before: str, after: str) -> tuple:
    """Return the two functions that write a node between two tags."""

    def visit(self, node: nodes.Node) -> None:
        self.body.append(before)

    def depart(self, node: nodes.Node) -> None:
        self.body.append(after)

    return visit, depart


def setup(app) -> dict[str, bool]:
    """Add the directive and its nodes to Sphinx."""
    app.add_directive("quiz", Quiz)
    app.add_node(quiz, html=(visit_quiz, depart_quiz))
    app.add_node(quiz_question, html=tags("<legend>", "</legend>"))
    app.add_node(quiz_answer, html=(visit_answer, tags("", "</li>")[1]))
    app.add_node(quiz_choice, html=tags('<span class="quiz-choice">', "</span>"))
    app.add_node(quiz_why, html=(visit_why, tags("", "</p>")[1]))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
