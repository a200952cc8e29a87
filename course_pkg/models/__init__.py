"""Models: what the layers are for, one module per system, each with its loss."""
