"""Limits on one run; whatever is asked for, what is set is sane."""

from dataclasses import dataclass

MEBIBYTE = 1 << 20


def clamp(value: object, low: float, high: float) -> float:
    """Return `value` between `low` and `high`; ValueError for what is no number."""
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:  # noqa: PLR0124 - only NaN is so.
        message = f"not a limit: {value!r}"
        raise ValueError(message)
    return float(min(max(value, low), high))


def seconds(value: object) -> float:
    """Return a kill limit in seconds, between 0.05 and 600."""
    return clamp(value, 0.05, 600.0)


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds of processor time, bytes of memory of the whole box, processes, and bytes of one file and of output.

    `address_space` also limits each process's addresses to `memory`: right for Python, wrong for runtimes that reserve
    far more than they use.
    """

    cpu: float = 10.0
    memory: int = 256 * MEBIBYTE
    processes: int = 32
    file_size: int = 32 * MEBIBYTE
    open_files: int = 128
    output: int = MEBIBYTE
    address_space: bool = True

    def __post_init__(self) -> None:
        """Clamp every number to what can be meant."""
        for name, low, high in _BOUNDS:
            value = clamp(getattr(self, name), low, high)
            object.__setattr__(self, name, value if name == "cpu" else int(value))


_BOUNDS = (
    ("cpu", 0.1, 600.0),
    ("memory", 32 * MEBIBYTE, 8192 * MEBIBYTE),
    ("processes", 1, 512),
    ("file_size", 4096, 1024 * MEBIBYTE),
    ("open_files", 16, 1024),
    ("output", 1024, 16 * MEBIBYTE),
)

DEFAULT = Limits()
COMMAND = Limits(
    cpu=120.0, memory=1024 * MEBIBYTE, processes=128, file_size=256 * MEBIBYTE, open_files=512, address_space=False
)
