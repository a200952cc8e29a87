"""Evidence and inputs as npz and JSON, and a student's process that knows no more.

A stand-in for the border of an isolated grader: what crosses is one file of arrays with
a JSON text, loaded without pickle.
"""

import io
import json
import subprocess
import sys

import numpy as np

from course_pkg.check.case import Evidence, Problem

STUDENT = """
import json, sys
sys.path.insert(0, {here!r})
from crossing import pack, unpack
import course_pkg.check.probes.bptt as probes
from course_pkg.check.ask import interview

names = {{}}
exec(open({source!r}).read(), names)
found = []
for name, questions in unpack(open({inbox!r}, "rb").read()):
    asked = [(getattr(probes, probe), inputs) for probe, inputs in questions]
    found.append([
        [e.value, e.problem and [e.problem.kind, e.problem.text, e.problem.stops],
         e.after, list(e.warnings)]
        for e in interview(asked, names[name])
    ])
open({outbox!r}, "wb").write(pack(found))
print(json.dumps(sorted(m for m in sys.modules if m.startswith("course_pkg."))))
"""


def pack(data: object) -> bytes:
    """Write plain data as an npz of its arrays and a JSON text of the rest."""
    arrays: list[np.ndarray] = []

    def strip(x):
        if isinstance(x, np.ndarray):
            arrays.append(x)
            return {"array": len(arrays) - 1}
        if isinstance(x, dict):
            return {"dict": {name: strip(part) for name, part in x.items()}}
        return [strip(part) for part in x] if isinstance(x, (list, tuple)) else x

    text = json.dumps(strip(data))
    file = io.BytesIO()
    np.savez(file, *arrays, text=np.frombuffer(text.encode(), np.uint8))
    return file.getvalue()


def unpack(packed: bytes) -> object:
    """Read what `pack` wrote; tuples come back as lists."""
    with np.load(io.BytesIO(packed), allow_pickle=False) as found:
        arrays = dict(found)

    def fill(x):
        if isinstance(x, dict) and "array" in x:
            return arrays[f"arr_{x['array']}"]
        if isinstance(x, dict):
            return {name: fill(part) for name, part in x["dict"].items()}
        return [fill(part) for part in x] if isinstance(x, list) else x

    return fill(json.loads(arrays["text"].tobytes().decode()))


def ask_elsewhere(folder, source, questions) -> tuple[list[list[Evidence]], list[str]]:
    """Ask in a new process that gets probes' names, inputs and a student's source.

    questions: (name of the answer, [(case, inputs), …]). Returns the evidence and the
    names of the package's modules that the process imported.
    """
    asked = [[n, [[c.probe.__name__, x] for c, x in cases]] for n, cases in questions]
    files = {name: str(folder / name) for name in ("source", "inbox", "outbox")}
    (folder / "source").write_text(source)
    (folder / "inbox").write_bytes(pack(asked))
    code = STUDENT.format(here=str(__file__).rpartition("/")[0], **files)
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert run.stderr == ""
    evidence = [
        [Evidence(v, p and Problem(*p), after, tuple(w)) for v, p, after, w in answer]
        for answer in unpack((folder / "outbox").read_bytes())
    ]
    return evidence, json.loads(run.stdout.splitlines()[-1])
