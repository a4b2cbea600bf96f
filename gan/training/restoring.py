"""What a saved state must be like to be continued. Motion layer."""

from typing import Any

from gan.data.dataset import ImageData
from gan.errors import CheckpointError

STATE_VERSION = 2


def checked_state(state: dict[str, Any], data: ImageData) -> dict[str, Any]:
    """Return a state as one of this version, if it was trained on these images.

    Raises:
        CheckpointError: unknown version, or another data set.
    """
    state = _upgraded(state)
    version = state.get("version")
    if version != STATE_VERSION:
        raise CheckpointError(
            f"The checkpoint has version {version!r}, this program reads {STATE_VERSION}."
        )
    if state["data_fingerprint"] != data.fingerprint:
        raise CheckpointError(
            f"The data set {data.name!r} is not the one that this run was trained on "
            "(its fingerprint differs): put the old files back or start a new run."
        )
    return state


def _upgraded(state: dict[str, Any]) -> dict[str, Any]:
    """Return a state of an earlier version as one of this version, where that is possible."""
    if state.get("version") == 1:  # one stream, and no penalties yet
        return state | {"version": 2, "streams": {"z": state["z_stream"]}, "penalties": {}}
    return state
