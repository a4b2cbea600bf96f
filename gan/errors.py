"""Every error that a caller of the library may want to catch, in one short family.

Vocabulary layer: imports nothing of ours. A message says what is wrong, shows the offending
value and tells what to do, in one sentence, since pages and the terminal print it as it is.
"""


class GanError(Exception):
    """Root of all errors that GAN Workbench raises on purpose."""


class ConfigError(GanError, ValueError):
    """A setting has a value that its rule forbids."""


class UnknownNameError(ConfigError, LookupError):
    """A name is not in its registry; the message lists the names that are."""

    def __init__(self, kind: str, name: str, valid: list[str]) -> None:
        super().__init__(f"Unknown {kind} {name!r}: choose one of {', '.join(valid)}.")


class DeviceError(GanError, RuntimeError):
    """The asked-for device is not on this machine."""


class DataError(GanError, OSError):
    """Images cannot be found, downloaded or read."""


class CheckpointError(GanError, OSError):
    """A checkpoint is missing, damaged, or does not fit the run."""


class StoreError(GanError, OSError):
    """A run folder or its database cannot be read or written, or the move is not legal."""


class StoppedError(GanError):
    """A long job was given up because somebody asked for that; nothing is wrong."""


class DivergedError(GanError, ArithmeticError):
    """A loss or a gradient became infinite or not-a-number."""
