"""A real Jupyter kernel behind the wall, over ipc."""

import json
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from jupyter_client.provisioning import KernelProvisionerFactory

from course_pkg.grade.provisioner import NAME, WalledProvisioner, kernel_spec

GROUP = "jupyter_client.kernel_provisioners"


def entry_point():
    text = (Path(__file__).parents[3] / "pyproject.toml").read_text("utf-8")
    value = tomllib.loads(text)["project"]["entry-points"][GROUP][NAME]
    return EntryPoint(NAME, value, GROUP)


@pytest.fixture
def manager(tmp_path, monkeypatch):
    """Give the manager of a kernel of the course's spec, and end it."""
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "runtime"))
    spec = tmp_path / "kernels" / "unrolled-bptt"
    spec.mkdir(parents=True)
    (spec / "kernel.json").write_text(json.dumps(kernel_spec("bptt")))
    factory = KernelProvisionerFactory.instance()
    monkeypatch.setitem(factory.provisioners, NAME, entry_point())
    specs = KernelSpecManager(kernel_dirs=[str(tmp_path / "kernels")])
    found = KernelManager(kernel_name="unrolled-bptt", kernel_spec_manager=specs)
    found.start_kernel()
    yield found
    found.shutdown_kernel(now=True)


def run(client, source):
    """Return what a cell prints, and the name of its exception."""
    said = []

    def hear(message):
        content = message["content"]
        said.append(content.get("text", "") + content.get("ename", ""))

    client.execute_interactive(source, output_hook=hear, timeout=120)
    return "".join(said)


def test_the_entry_point_is_the_provisioner():
    assert entry_point().load() is WalledProvisioner


@pytest.mark.slow
def test_a_kernel_runs_behind_the_wall(manager):
    client = manager.blocking_client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=180)
        assert run(client, "print(6 * 7)") == "42\n"
        reading = "import os; print(os.path.exists('/root'), os.path.exists('/work'))"
        assert run(client, reading) == "False False\n"
        net = "import socket; socket.create_connection(('1.1.1.1', 80), 5)"
        assert run(client, net) == "OSError"
        sealed = "from course_pkg.bptt import scan_grad; scan_grad(1, 2, 3, 4, 5)"
        assert run(client, sealed) == "SealedReference"
        assert run(client, "x = bytearray(2**34)") == "MemoryError"
        assert manager.transport == "ipc"
    finally:
        client.stop_channels()
    folder = manager.provisioner.folder
    manager.shutdown_kernel(now=True)
    assert not folder.exists()
