"""How a catalogue of misconceptions is written down: a decorator over wrong answers."""

from collections.abc import Callable

from course_pkg.check.case import Answer, Wrong

Catalogue = dict[str, list[Wrong]]  # task -> its misconceptions


def collector(catalogue: Catalogue) -> Callable[..., Callable[[Answer], Answer]]:
    """Return the decorator that enters a wrong answer into a catalogue.

    @wrong(task, keeps, name, hint): keeps is what such an answer still scores. Variants
    of one misconception share its name. "It looks like this: <name>. <hint>"
    """

    def wrong(
        task: str, keeps: float, name: str, hint: str
    ) -> Callable[[Answer], Answer]:
        def enter(answer: Answer) -> Answer:
            catalogue.setdefault(task, []).append(Wrong(name, hint, keeps, answer))
            return answer

        return enter

    return wrong
