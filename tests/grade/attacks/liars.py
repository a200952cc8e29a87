"""Answers that lie: objects whose equality, shape, type or length is a story."""

from .attack import Attack

# Class statements come first, then the function; each is a cell of its own.
STEP = "def step_grad(d_state, tape):\n    return {0}, {0}, {0}\n"


def step(value: str, before: str = "") -> dict[str, str]:
    """Answer step_grad with three times the same thing."""
    return {"step_grad": f"{before}\n{STEP.format(value)}"}


ATTACKS = [
    Attack(
        "equal-to-everything",
        "returns an object that equals, is close to and contains everything",
        answers=step(
            "Equal()",
            """
class Equal:
    shape, dtype, ndim, size = (), np.dtype(float), 0, 1
    def __eq__(self, other): return True
    def __ne__(self, other): return False
    __lt__ = __le__ = __gt__ = __ge__ = __contains__ = __eq__
    def __sub__(self, other): return 0.0
    __rsub__ = __abs__ = __float__ = lambda self, *a: 0.0
    def __getattr__(self, name): return lambda *a, **k: True
    def __bool__(self): return True
    __hash__ = None
""",
        ),
    ),
    Attack(
        "array-that-lies",
        "a subclass of ndarray takes over every ufunc and every numpy function",
        answers=step(
            "np.zeros_like(d_state).view(Liar)",
            """
class Liar(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **more): return np.True_
    def __array_function__(self, function, types, args, kwargs): return True
    def __eq__(self, other): return np.ones(self.shape, bool)
    def __sub__(self, other): return np.zeros(self.shape)
    __rsub__ = __sub__
    def all(self, *a, **k): return True
    def astype(self, *a, **k): return self
""",
        ),
    ),
    Attack(
        "tensor-that-lies",
        "a subclass of torch.Tensor takes over every function of torch",
        answers=step(
            "torch.zeros(d_state.shape, dtype=torch.float64).as_subclass(Liar)",
            """
import torch
class Liar(torch.Tensor):
    @classmethod
    def __torch_function__(cls, function, types, args=(), kwargs=None):
        return True
    def numpy(self, *a, **k): return np.zeros(1)
""",
        ),
    ),
    Attack(
        "another-array-each-time",
        "an object's __array__ and __array_interface__ tell a different story every time",
        answers=step(
            "Fickle(d_state)",
            """
class Fickle:
    def __init__(self, x): self.x, self.times = x, 0
    def __array__(self, dtype=None, copy=None):
        self.times += 1
        return self.x * self.times
    @property
    def __array_interface__(self):
        return dict(shape=(10**6,), typestr="<f8", data=(4096, False), version=3)
    @property
    def shape(self): return self.x.shape
    dtype = np.dtype(float)
""",
        ),
    ),
    Attack(
        "class-that-lies",
        "__class__, a metaclass and isinstance say that a string is an array",
        answers=step(
            "Fake()",
            """
class Meta(type):
    __name__ = property(lambda cls: os._exit(3))
    def __instancecheck__(cls, x): return True
    def __subclasscheck__(cls, x): return True
    def __eq__(cls, other): return True
    __hash__ = type.__hash__
class Fake(metaclass=Meta):
    __class__ = property(lambda self: np.ndarray)
    def __repr__(self): return "array([0.])"
""",
        ),
    ),
    Attack(
        "pickle-in-the-answer",
        "objects whose __reduce__ runs a command where they are unpickled",
        answers=step(
            "np.array([Bomb()] * 3, dtype=object)",
            """
class Bomb:
    def __reduce__(self):
        return (os.system, ("touch " + WHERE["drop"] + "/pickle",))
    __reduce_ex__ = lambda self, protocol: self.__reduce__()
    def __repr__(self): return "__import__('os').system('touch /')"
""",
        ),
    ),
    Attack(
        "containers-that-lie",
        "lists, tuples and dicts with their own length, iteration and keys",
        answers={
            "step_grad": """
class Three(tuple):
    def __len__(self): return 3
    def __iter__(self):
        while True:
            yield Three((0.0,))
    def __getitem__(self, i): raise KeyboardInterrupt
def step_grad(d_state, tape):
    return Three((d_state,))
""",
            "weight_grads": """
class Any(dict):
    def keys(self): return {"weight_ih": 0, "weight_hh": 0}.keys()
    def __contains__(self, key): return True
    def __getitem__(self, key): return 0.0
    def items(self): return iter(lambda: ("weight_ih", 0), None)
    def __missing__(self, key): return 0.0
def weight_grads(params, x, tape, dgi, dgh):
    return Any(), x
""",
        },
    ),
    Attack(
        "a-million-millions",
        "returns views of 10¹² elements, made of one number",
        answers=step(
            "np.lib.stride_tricks.as_strided(np.zeros(1), (10**6, 10**6), (0, 0))"
        ),
    ),
    Attack(
        "tensor-of-a-million-millions",
        "returns expanded, sparse and meta tensors that have no numbers",
        answers={
            "step_grad": """
import torch
def step_grad(d_state, tape):
    wide = torch.zeros(1, dtype=torch.float64).expand(10**6, 10**6)
    return wide, torch.zeros(3, 3, device="meta"), torch.eye(3).to_sparse()
"""
        },
    ),
    Attack(
        "empty-arrays",
        "returns arrays without elements, of which all are close",
        answers={
            **step("np.zeros((0, *d_state.shape))"),
            "cross_entropy_grad": "def cross_entropy_grad(logits, y, mask):\n"
            "    return np.zeros((*logits.shape, 0))\n",
        },
    ),
    Attack(
        "nan-and-infinity",
        "returns NaN and infinities, whose differences are never too large",
        answers={
            "step_grad": """
def step_grad(d_state, tape):
    return d_state * np.nan, d_state * np.inf, d_state * -np.inf
""",
            "cross_entropy_grad": """
def cross_entropy_grad(logits, y, mask):
    return np.full(logits.shape, np.nan)
""",
        },
    ),
    Attack(
        "complex-and-odd-types",
        "returns complex, boolean, object, text, date and structured arrays",
        answers={
            "step_grad": """
def step_grad(d_state, tape):
    return d_state + 1j, d_state.astype(object), d_state.astype("U20")
""",
            "cross_entropy_grad": """
def cross_entropy_grad(logits, y, mask):
    return np.zeros(logits.shape, dtype=[("a", "f8"), ("b", "O")])
""",
        },
    ),
    Attack(
        "everything-masked",
        "returns masked arrays and matrices, of which nothing is compared",
        answers=step("np.ma.masked_all(d_state.shape)"),
    ),
    Attack(
        "number-that-lies",
        "returns subclasses of float and int with their own arithmetic",
        answers=step(
            "Zero(7)",
            """
class Zero(float):
    __sub__ = __rsub__ = __abs__ = lambda self, *a: Zero(0)
    __eq__ = __le__ = __lt__ = lambda self, other: True
    __hash__ = None
    def __float__(self): os._exit(0)
""",
        ),
    ),
    Attack(
        "arguments-emptied",
        "changes its arguments, so that the expected value is computed from zeros",
        answers={
            "step_grad": """
def step_grad(d_state, tape):
    for x in (d_state, tape.h, tape.h_prev):
        x[...] = 0
    return 0 * d_state, 0 * d_state, 0 * d_state
""",
            "scan_grad": """
def scan_grad(cell, dhs, d_state, tape, W_hh, mask=None):
    for x in (dhs, d_state, tape.h, tape.h_prev, W_hh):
        x.resize(x.shape, refcheck=False)
        x[...] = 0
    return 0 * dhs, 0 * dhs, 0 * d_state, 0 * dhs
""",
        },
    ),
    Attack(
        "array-in-flux",
        "a thread changes the memory of the answer while it is looked at",
        answers={
            "step_grad": """
import threading, time
def step_grad(d_state, tape):
    x = d_state.copy()
    def flip():
        end = time.time() + 0.5
        while time.time() < end:
            x[...] = np.random.default_rng().standard_normal(x.shape)
    threading.Thread(target=flip, daemon=True).start()
    return x, x, x
"""
        },
    ),
    Attack(
        "without-end",
        "returns containers that hold themselves, and ones nested ten thousand deep",
        answers={
            "step_grad": """
def step_grad(d_state, tape):
    loop = []
    loop.append(loop)
    deep = ()
    for _ in range(10_000):
        deep = (deep,)
    return loop, deep, {"a": loop}
"""
        },
    ),
    Attack(
        "generators-and-coroutines",
        "returns generators, coroutines and iterators that never end",
        answers={
            "step_grad": """
import itertools
async def later(): return 3.0
def step_grad(d_state, tape):
    return (x for x in itertools.count()), later(), itertools.repeat(0.0)
"""
        },
    ),
    Attack(
        "odd-text",
        "returns text with lone surrogates, escape codes and directions",
        answers=step(
            r'{"\ud800": "\x1b[2J\x1b]0;owned\x07", "\u202e": "\x00<script>"}'
        ),
    ),
    Attack(
        "evil-exceptions",
        "raises exceptions whose text ends the process, or never ends",
        answers={
            "step_grad": """
class Evil(Exception):
    def __str__(self): os._exit(0)
    __repr__ = __str__
    __name__ = property(lambda self: os._exit(0))
def step_grad(d_state, tape): raise Evil
""",
            "scan_grad": """
class Long(Exception):
    def __str__(self): return "3.0 of 3 points " * 10**7
def scan_grad(*a):
    error = Long()
    error.__cause__ = error
    raise error
""",
        },
    ),
    Attack(
        "exits",
        "leaves by SystemExit, KeyboardInterrupt, GeneratorExit and StopIteration",
        answers={
            "step_grad": "def step_grad(d_state, tape):\n    sys.exit(0)\n",
            "scan_grad": "def scan_grad(*a):\n    raise KeyboardInterrupt\n",
            "weight_grads": "def weight_grads(*a):\n    raise GeneratorExit\n",
            "cross_entropy_grad": "def cross_entropy_grad(*a):\n"
            "    raise BaseExceptionGroup('x', [KeyboardInterrupt(), SystemExit(0)])\n",
        },
    ),
    Attack(
        "lazy-attributes",
        "the answer is an object that raises or exits at every look",
        answers={
            "step_grad": """
class Mine:
    def __call__(self, *a): return self
    def __getattribute__(self, name): raise MemoryError(name)
    def __iter__(self): os._exit(0)
    def __len__(self): return -1
    def __del__(self): raise RuntimeError("gone")
step_grad = Mine()
"""
        },
    ),
]
