"""Settings for all tests: one thread, and no CUDA test where there is no CUDA."""

import signal

import pytest
import torch
from data_server import published, server  # noqa: F401
from hypothesis import settings

# The arrays are tiny: a second thread costs more than it brings, and pytest -n has the
# cores already.
torch.set_num_threads(1)

# A test is right or wrong, not late: a busy machine may take long for an example. And
# it is the same tomorrow: examples follow from the test, not from the clock.
settings.register_profile("course", deadline=None, derandomize=True)
settings.load_profile("course")

# A shell that runs the tests in the background has Ctrl-C ignored by whatever they
# start, and some of it is told to end by Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("gpu") and not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
