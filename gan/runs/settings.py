"""The settings of a workspace: what holds for all runs beside one another and for none alone.

Memory layer. They live in `workspace/settings.json`; losing them loses no work, so a damaged file
means the defaults and a warning in the log, never an error.
"""

import logging
import os
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from gan.runs.disk import move_into_place, os_errors
from gan.runs.folder import Home

log = logging.getLogger(__name__)


class WorkspaceSettings(BaseModel):
    """What the user chose for this workspace.

    Settings of a newer version are ignored, so that two versions can share a workspace.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    runs_at_once: int | None = Field(
        None,
        title="Runs at once",
        description="How many runs may train side by side; empty lets the program decide.",
        ge=1,
        le=64,
    )
    standby: bool = Field(
        True,
        title="Warm standby",
        description="Keep one idle worker ready, so that the next run starts without delay.",
    )


def load_settings(home: Home) -> WorkspaceSettings:
    """Return the saved settings, or the defaults when there are none that can be read."""
    path = settings_path(home)
    try:
        return WorkspaceSettings.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return WorkspaceSettings()
    except (OSError, ValidationError) as error:
        log.warning("%s cannot be read, so the defaults hold: %s", path, error)
        return WorkspaceSettings()


def save_settings(home: Home, settings: WorkspaceSettings) -> None:
    """Write the settings; a reader finds the old file or the new one, never a part.

    Raises:
        StoreError: the file cannot be written.
    """
    path = settings_path(home)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with os_errors(f"The settings cannot be written to {path}"):
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_text(settings.model_dump_json(indent=2), encoding="utf-8")
    move_into_place(partial, path)


def settings_path(home: Home) -> Path:
    """Return where the settings of this workspace are."""
    return home.workspace_dir / "settings.json"
