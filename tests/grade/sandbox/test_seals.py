"""What a word asks for from scratch: its twins in libraries refuse to answer."""

from collections.abc import Iterator
from typing import Any

import pytest

from course_pkg.grade.sandbox.box import Box
from course_pkg.grade.sandbox.policy import LIBRARY
from course_pkg.syllabus import WORDS

from .conftest import printed

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def elman() -> Iterator[Any]:
    """Give a session of an assignment that asks for the Elman network from scratch."""
    with Box("elman") as box, box.session() as session:
        session.run("import torch\nx = torch.zeros(1, 1, 2)")
        yield session


@pytest.mark.parametrize(
    "source",
    [
        "torch.nn.RNN(2, 3)(x)",
        "torch.nn.modules.rnn.RNN(2, 3)(x)",
        "from torch.nn import RNNCell as Other; Other(2, 3)",
        "class Mine(torch.nn.RNN): pass\nMine(2, 3)",
        "torch.rnn_tanh(x, [x[0]], [], False, 1, 0.0, False, False, False)",
        "from torch import rnn_relu; rnn_relu()",
    ],
)
def test_a_twin_in_a_library_refuses(elman, source):
    ran = elman.run(source)
    assert printed(ran).endswith("SealedReference")
    assert "from scratch" in ran.outputs[-1]["evalue"]


@pytest.mark.parametrize(
    "source", ["torch.nn.Linear(2, 3)(x)", "torch.nn.GRU(2, 3)(x)"]
)
def test_what_is_no_twin_works(elman, source):
    assert elman.run(source).outputs[0]["output_type"] == "execute_result"


def test_a_from_scratch_answer_gets_nothing_from_a_twin(session):
    """In a question, too, and the message says what is asked."""
    answer = "import torch, numpy as np\ndef cross_entropy(logits, y, mask):\n"
    twin = "torch.nn.functional.cross_entropy(torch.tensor(logits[0]), torch.tensor(y))"
    session.run(f"{answer}    return {twin}.numpy()")
    import_of = [("bptt.cross_entropy", {"logits": [[1.0]], "y": [0], "mask": []})]
    [found] = session.interview("bptt.cross_entropy", "cross_entropy", import_of)
    assert (found.value, found.problem.kind) == (None, "error")
    assert "asks you to write it yourself, from scratch" in found.problem.text


def test_every_sealed_name_is_one_of_a_word_of_the_course():
    planned = {"lstm", "gru"}  # chapters whose assignments are not there yet
    assert set(LIBRARY) <= set(WORDS) | planned
