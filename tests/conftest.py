"""Settings for all tests: one thread, and no CUDA test where there is no CUDA."""

import pytest
import torch

# The arrays are tiny: a second thread costs more than it brings, and pytest -n has the
# cores already.
torch.set_num_threads(1)


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("gpu") and not torch.cuda.is_available():
        pytest.skip("needs a CUDA device")
