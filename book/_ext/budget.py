"""What a page costs to run: measured where it runs, stated on it, and held to a budget.

A page that executes code gets one more cell at its end. It asks the system for the
processor time and the memory of the process that ran the page, prints both below the
text, and fails, and with it the build, above twice the page's budget. Processor time
does not depend on what else the machine does; a page taken from the cache shows what
it cost when it last ran. The budget is a line in the page's front matter:

    budget: 20 s, 600 MiB

and `page_budget` in _config.yml for pages that have none.
"""

import re
from typing import NamedTuple

FRONT = re.compile(r"---\n(.*?)^---\n", re.DOTALL | re.MULTILINE)
BUDGET = re.compile(r"(\d+) s, (\d+) MiB")
CELL = """

```{{code-cell}} ipython3
:tags: [remove-input]

import resource as _resource
from pathlib import Path as _Path

from IPython.display import HTML as _HTML


def _cost(seconds, memory):
    used = _resource.getrusage(_resource.RUSAGE_SELF)
    took = used.ru_utime + used.ru_stime
    status = _Path("/proc/self/status")  # Linux; elsewhere the most of all ancestors
    lines = status.read_text().splitlines() if status.is_file() else []
    peaks = [int(line.split()[1]) for line in lines if line.startswith("VmHWM")]
    peak = (peaks or [used.ru_maxrss])[0] / 1024
    told = (
        f"Running this page took {{took:.1f}} s of processor time and {{peak:.0f}} MiB "
        f"of memory; its budget is {{seconds}} s and {{memory}} MiB."
    )
    if took > 2 * seconds or peak > 2 * memory:
        raise RuntimeError(f"{{told}} Twice that is the limit.")
    return _HTML(f'<p class="page-cost">{{told}}</p>')


_cost({seconds}, {memory})
```
"""


class Budget(NamedTuple):
    """Seconds of processor time and MiB of memory."""

    seconds: int
    memory: int


def read(text: str) -> Budget:
    """Read a budget such as "20 s, 600 MiB"."""
    found = BUDGET.fullmatch(text.strip())
    if found is None:
        raise ValueError(f"budget: expected '20 s, 600 MiB', got {text.strip()!r}")
    return Budget(*map(int, found.groups()))


def budget_of(page: str, default: str) -> Budget | None:
    """Return the budget of a page's source, None where nothing is executed."""
    front = FRONT.match(page)
    if front is None or "file_format: mystnb" not in front[1]:
        return None
    if not re.search(r"^`{3,}\{code-cell\}", page, re.MULTILINE):
        return None
    own = re.search(r"^budget: *(.*)$", front[1], re.MULTILINE)
    return read(own[1] if own else default)


def add_cost(app, docname: str, source: list[str]) -> None:
    """Append the cell that measures."""
    budget = budget_of(source[0], app.config.page_budget)
    if budget is not None:
        source[0] += CELL.format(**budget._asdict())


def setup(app) -> dict[str, bool]:
    """Add the measurement to every page that is executed."""
    app.add_config_value("page_budget", "60 s, 1000 MiB", "env")
    app.connect("source-read", add_cost)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
