"""nbgrader's ``Execute`` with three corrections to what an output is worth."""

import logging
import math
import sys
from typing import Any

from nbgrader.preprocessors import DeduplicateIds as StockDeduplicateIds
from nbgrader.preprocessors import Execute as StockExecute
from nbgrader.utils import is_grade

NO_SCORE = "NoScore"


class DeduplicateIds(StockDeduplicateIds):
    """nbgrader's own leaves metadata behind that its own validator refuses."""

    def preprocess(self, nb: Any, resources: Any) -> tuple[Any, Any]:
        """Make ordinary cells of all copies but the last."""
        nb, resources = super().preprocess(nb, resources)
        for cell in nb.cells:
            if not cell.metadata.get("nbgrader", True):
                del cell.metadata["nbgrader"]
        return nb, resources


class Execute(StockExecute):
    """Run the notebook, then make every graded cell say one thing only.

    The stock rules take all points for a line on stderr and give all points for a
    value that is no number of points; a Ctrl-C ends one kernel and goes on.
    """

    def preprocess(self, nb: Any, resources: Any, km: Any = None) -> tuple[Any, Any]:
        """Execute all cells and mend the outputs of the graded ones."""
        try:
            nb, resources = super().preprocess(nb, resources, km)
        except (Exception, KeyboardInterrupt):
            # nbclient answers Ctrl-C by stopping its kernel, which looks like a crash.
            interrupted = hasattr(self, "_async_cleanup_kernel_future")
            if interrupted or isinstance(sys.exception(), KeyboardInterrupt):
                logging.getLogger("asyncio").setLevel(logging.CRITICAL)
                raise KeyboardInterrupt from None
            raise
        for cell in nb.cells:
            if cell.cell_type == "code" and is_grade(cell):
                mend(cell)
        return nb, resources


def mend(cell: Any) -> None:
    """Let stderr cost nothing, and nothing but a number of points give points."""
    for output in cell.outputs:
        if output.output_type == "stream":
            output.name = "stdout"
    failed = any(output.output_type == "error" for output in cell.outputs)
    if not failed and score(cell) is None:
        text = "the check gave no score; was the name check used for something else?"
        cell.outputs.insert(  # in front: nbgrader takes the first output that speaks
            0,
            type(cell)(
                output_type="error",
                ename=NO_SCORE,
                evalue=text,
                traceback=[f"{NO_SCORE}: {text}"],
            ),
        )


def score(cell: Any) -> float | None:
    """Return the points that a graded cell's value says, None if it says none."""
    texts = [
        "".join(output.data.get("text/plain", ""))
        for output in cell.outputs
        if output.output_type == "execute_result"
    ]
    try:
        [value] = map(float, texts)
    except ValueError:
        return None
    points = float(cell.metadata.nbgrader["points"])
    return value if math.isfinite(value) and 0 <= value <= points else None
