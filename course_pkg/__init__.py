"""Unrolled: recurrent neural networks, one ``step`` and one ``step_grad`` at a time."""

__version__ = "0.1.0"
