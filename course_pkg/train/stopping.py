"""Stopping in good order: Ctrl-C ends a run after the step that it is in."""

import signal
import threading
from types import FrameType
from typing import Any

from course_pkg.train import ranks


class Stop:
    """Hear Ctrl-C and the system's request to end, while in the ``with`` block.

    The second Ctrl-C interrupts at once.
    """

    signals = (signal.SIGINT, signal.SIGTERM)

    def __init__(self) -> None:
        self.heard = False
        self.before: dict[int, Any] = {}

    def __enter__(self) -> "Stop":
        # Python lets only the main thread set handlers.
        if threading.current_thread() is threading.main_thread():
            self.before = {s: signal.signal(s, self._hear) for s in self.signals}
        return self

    def __exit__(self, *error: object) -> None:
        for number, handler in self.before.items():
            signal.signal(number, handler)

    def asked(self) -> bool:
        """Say whether to stop; all processes of a run give the same answer."""
        return ranks.total(float(self.heard)) > 0

    def _hear(self, number: int, frame: FrameType | None) -> None:
        if self.heard:
            raise KeyboardInterrupt
        self.heard = True
