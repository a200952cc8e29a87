"""``course train``: the recorded runs, one module for each model.

A command takes the options that shape its run, trains through `train.fit` and leaves a
record, a JSON file that the book's pages read, and weights that they load.
"""
