"""Recurrent cells: one module each, with ``Tape``, ``step`` and ``step_grad``."""
