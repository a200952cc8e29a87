"""What an assignment seals beyond the functions that bear its tasks' names."""

# Functions of the package that come so close to a task that they would answer it.
TWINS: dict[str, tuple[str, ...]] = {
    "bptt": ("course_pkg.lags.weight_grads_by_lag",),
}
# Of libraries, where a word asks for its like from scratch. A class keeps its name and
# raises when it is made. This is a rule told to students, not a wall: a library has
# many doors.
LIBRARY: dict[str, tuple[str, ...]] = {
    "bptt": ("torch.nn.functional.cross_entropy", "torch.nn.CrossEntropyLoss"),
    "elman": ("torch.nn.RNN", "torch.nn.RNNCell", "torch.rnn_tanh", "torch.rnn_relu"),
    "lstm": ("torch.nn.LSTM", "torch.nn.LSTMCell", "torch.lstm", "torch.lstm_cell"),
    "gru": ("torch.nn.GRU", "torch.nn.GRUCell", "torch.gru", "torch.gru_cell"),
}
# Correct neighbours: sealed functions that one task may call, and no other. They work
# from its answer on; tasks that are asked later are asked in a process of their own.
NEIGHBOURS: dict[str, dict[str, tuple[str, ...]]] = {
    "bptt": {"contributions": ("course_pkg.bptt.scan_grad",)},
}
