"""An IPython shell that keeps what a cell shows as a list of notebook outputs."""

import base64
import io
import os
from typing import Any

from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Type

from course_pkg.check.ask import TimeUp

CUT = "\n... more was printed than the limit of {} kB; the rest is left out\n"


class Outputs:
    """The outputs of the running cell, up to a limit in bytes."""

    def __init__(self) -> None:
        self.found: list[dict[str, Any]] = []
        self.left = self.limit = 2**20

    def clear(self, limit: int) -> None:
        """Begin a new cell."""
        self.found, self.left, self.limit = [], limit, limit

    def stream(self, name: str, text: str) -> None:
        """Add text, to the last output if that is of the same stream."""
        if self.left <= 0 or not text:
            return
        if len(text) > self.left:
            text = text[: self.left] + CUT.format(self.limit // 1000)
        self.left -= len(text)
        last = self.found[-1] if self.found else {}
        if last.get("name") == name and last["output_type"] == "stream":
            last["text"].append(text)
        else:
            self.found.append({"output_type": "stream", "name": name, "text": [text]})

    def rich(self, kind: str, data: Any, metadata: Any, **more: Any) -> None:
        """Add a display or a result, unless its data passes the limit."""
        shown = {mime: _text(value) for mime, value in dict(data).items()}
        size = sum(len(str(value)) for value in shown.values())
        if size > 8 * self.limit or len(self.found) > 1000:
            shown = {"text/plain": f"(an output of {size:,} bytes, left out)"}
        self.found.append(
            {"output_type": kind, "data": shown, "metadata": dict(metadata), **more}
        )

    def error(self, name: str, value: str, trace: list[str]) -> None:
        """Add an exception."""
        if len(self.found) <= 1000:
            cut = [line[:10_000] for line in trace[:200]]
            error = {"ename": name, "evalue": value[:10_000], "traceback": cut}
            self.found.append({"output_type": "error", **error})

    def taken(self) -> list[dict[str, Any]]:
        """Return the outputs as a notebook holds them."""
        for output in self.found:
            if output["output_type"] == "stream":
                output["text"] = "".join(output["text"])
        return self.found


OUTPUTS = Outputs()


def _text(value: Any) -> Any:
    """Write bytes (pictures) in base64, as notebooks do."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value


class Stream(io.TextIOBase):
    """Standard output or error of the shell."""

    encoding = "utf-8"
    errors = "replace"

    def __init__(self, name: str, number: int) -> None:
        self._name, self._number = name, number

    def write(self, text: str) -> int:
        """Add text to the outputs."""
        OUTPUTS.stream(self._name, str(text))
        return len(text)

    def writable(self) -> bool:
        """Tell that one can write."""
        return True

    def fileno(self) -> int:
        """Return the descriptor that programs write to."""
        return self._number


class Displays(DisplayPublisher):
    """Keeps what ``display`` shows."""

    def publish(self, data: Any, metadata: Any = None, **more: Any) -> None:
        """Add one display."""
        OUTPUTS.rich("display_data", data, metadata or {})

    def clear_output(self, wait: bool = False) -> None:
        """Forget what the cell showed so far."""
        OUTPUTS.found.clear()


class Results(DisplayHook):
    """Keeps the value of a cell's last line."""

    def write_output_prompt(self) -> None:
        """Print no prompt."""

    def write_format_data(self, format_dict: Any, md_dict: Any = None) -> None:
        """Add the value in all its forms."""
        count = self.prompt_count
        OUTPUTS.rich(
            "execute_result", format_dict, md_dict or {}, execution_count=count
        )

    def finish_displayhook(self) -> None:
        """Print no line's end."""


class Shell(InteractiveShell):
    """IPython's shell, writing into OUTPUTS."""

    displayhook_class = Type(Results)
    display_pub_class = Type(Displays)

    def _showtraceback(self, etype: Any, evalue: Any, stb: Any) -> None:
        if issubclass(etype, TimeUp):  # where the clock struck helps nobody
            stb = [f"{etype.__name__}: {evalue}"]
        OUTPUTS.error(etype.__name__, str(evalue), list(stb))

    def ask_exit(self) -> None:
        """Stay: ``exit`` in a notebook ends nothing here."""

    def enable_gui(self, gui: Any = None) -> None:
        """Do without windows: ``%matplotlib inline`` asks for none by this."""

    def init_history(self) -> None:
        """Keep the history in memory."""
        self.config.HistoryManager.enabled = False
        super().init_history()


class Descriptors:
    """Files in place of descriptors 1 and 2, for programs that write there directly."""

    def __init__(self, folder: str) -> None:
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC
        self.held: dict[str, int] = {}
        for number, name in ((1, "stdout"), (2, "stderr")):
            path = f"{folder}/.{name}"
            self.held[name] = os.open(path, flags, 0o600)
            os.unlink(path)
            os.dup2(self.held[name], number)

    def collect(self, limit: int) -> None:
        """Move what was written there to the outputs."""
        for name, held in self.held.items():
            size = os.fstat(held).st_size
            if size:
                text = os.pread(held, min(size, limit + 1), 0).decode(
                    "utf-8", "replace"
                )
                os.ftruncate(held, 0)
                OUTPUTS.stream(name, text)
