"""The benchmarks run, on sizes too small to tell anything, and write their records."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch

SCRIPT = Path(__file__).parents[1] / "benchmarks" / "layers.py"


def run(*arguments):
    command = [sys.executable, "-W", "error", str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True)


def test_the_layers_are_compared_and_the_record_written(tmp_path):
    out = tmp_path / "new" / "layers.json"
    sizes = "--shapes", "3,2,4", "2,3,5", "--repeats", 1, "--memory-steps", 3
    ran = run(*sizes, "--out", out)
    assert (ran.returncode, ran.stderr) == (0, "")
    record = json.loads(out.read_text("utf8"))
    assert record["torch"] == torch.__version__
    assert {"device", "threads", "commit", "repeats", "load_before"} < set(record)
    assert list(record["kinds"]) == ["RNN", "LSTM", "GRU"]
    for kind, found in record["kinds"].items():
        assert [tuple(row[n] for n in "TBH") for row in found["shapes"]] == [
            (3, 2, 4),
            (2, 3, 5),
        ]
        for other, mean in found["geometric_mean"].items():
            a, b = (row[other] for row in found["shapes"])
            assert mean == pytest.approx((a * b) ** 0.5)
        assert found["memory"]["T"] == 3
        assert f"{kind} (T, B, H) = (3, 2, 4): " in ran.stdout
    assert f"Wrote {out}" in ran.stdout


def test_the_loop_that_a_reader_would_write_is_torchs_layer():
    sys.path.insert(0, str(SCRIPT.parent))
    try:
        import layers as benchmark
    finally:
        sys.path.remove(str(SCRIPT.parent))
    x = torch.randn(5, 3, 4)
    for kind in benchmark.KINDS:
        made = benchmark.contestants(kind, 4)
        want = made.pop("torch.nn")(x)[0]
        assert set(made) == {"loop", "auto", "fast", "reference"}
        for rnn in made.values():
            torch.testing.assert_close(rnn(x)[0], want)


def test_help_shows_examples():
    ran = run("--help")
    assert "python benchmarks/layers.py --repeats 5" in ran.stdout
