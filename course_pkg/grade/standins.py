"""What a graded cell sees in place of the student's objects: calls that go across.

A graded cell runs on the trusted side. A name that it does not define itself is looked
up in the student's session: plain data comes over as data, a function as a stand-in.
"""

import builtins
from collections.abc import Callable
from typing import Any, NoReturn

from course_pkg.check.plain import NotPlain, to_plain


class StandIn:
    """A student's function or class, seen from the trusted side.

    Calling it sends plain arguments across and brings plain data back. It has nothing
    else of the student's: no attributes, no code, no equality of its own.
    """

    __slots__ = ("__name__", "_call")

    def __init__(self, name: str, call: Callable[..., Any]) -> None:
        self.__name__, self._call = name, call

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the student's function; raises what its session says went wrong."""
        try:
            plain = to_plain(args), to_plain(kwargs)
        except NotPlain as error:
            raise TypeError(
                f"{self.__name__} is called with {error}; only numbers, text, arrays "
                "and containers of them cross over to a student's function"
            ) from None
        return self._call(self.__name__, *plain)

    def __getattr__(self, name: str) -> NoReturn:
        raise AttributeError(
            f"{self.__name__} is a student's: it can be called, and nothing else"
        )

    def __repr__(self) -> str:
        return f"<the student's {self.__name__}>"


class Names(dict[str, Any]):
    """The names of graded cells; unknown ones come from the student's session."""

    def __init__(self, find: Callable[[str], Any], **own: Any) -> None:
        super().__init__(own)
        self._find = find

    def __missing__(self, name: str) -> Any:
        # Python's own first: nobody's `sum` or `abs` replaces it in a graded cell.
        if name.startswith("__") or hasattr(builtins, name):
            raise KeyError(name)
        return self._find(name)
