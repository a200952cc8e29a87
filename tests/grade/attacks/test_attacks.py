"""Every attack gains nothing, reads nothing, harms nothing; the next one is graded."""

from collections.abc import Iterator

import pytest

from . import ATTACKS
from .attack import Attack
from .canaries import Canaries
from .ours import Ours

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ours]:
    """Return one warm box for all of them, as a worker has it."""
    folder = tmp_path_factory.mktemp("canaries")
    with Canaries(folder) as canaries, Ours(canaries) as grading:
        yield grading


def test_there_are_many() -> None:
    """Names are what a record is kept by."""
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS) >= 160


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_nothing_comes_of_it(ours: Ours, attack: Attack) -> None:
    """The attacker keeps the honest points; whoever comes next gets all of theirs."""
    found = ours.grade(attack)
    assert found.read == []
    assert found.taken == []
    assert found.harmed == []
    assert found.gained == 0
    assert found.points is not None
    assert found.points >= attack.least
    assert found.next == 18.0
