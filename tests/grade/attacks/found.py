"""What came of an attack, on either side of the comparison."""

from dataclasses import dataclass, field
from typing import Any

from .attack import Attack
from .canaries import Canaries

NEXT = 18.0  # what the honest student who comes next deserves


@dataclass
class Found:
    """Points of the attacker and of the student behind, and what was read or harmed."""

    attack: Attack
    points: float | None  # None: not graded
    next: float | None
    read: list[str] = field(default_factory=list)
    taken: list[str] = field(default_factory=list)
    harmed: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def gained(self) -> float:
        """Return the points above the attacker's honest worth."""
        return max(0.0, (self.points or 0.0) - self.attack.worth)

    @property
    def lost_the_class(self) -> bool:
        """Tell whether the student behind did not get the honest score."""
        return self.next != NEXT

    @property
    def lost_itself(self) -> bool:
        """Tell whether the attack cost more than its own question."""
        return (self.points or 0.0) < self.attack.least

    @property
    def held(self) -> bool:
        """Tell whether nothing at all came of it."""
        harm = self.read or self.taken or self.harmed
        return not (harm or self.gained or self.lost_the_class or self.lost_itself)

    def look(self, text: str, canaries: Canaries) -> None:
        """Search what an attacker could show, and the canaries themselves."""
        self.read = canaries.read(text)
        self.taken = canaries.taken(text)
        self.harmed = canaries.harmed()

    def row(self) -> dict[str, Any]:
        """Return the row for JSON."""
        row = {name: value for name, value in vars(self).items() if name != "attack"}
        row = {"attack": self.attack.name} | row
        row |= {"gained": self.gained, "lost_the_class": self.lost_the_class}
        return row | {"lost_itself": self.lost_itself, "held": self.held}
