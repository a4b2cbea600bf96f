"""Workspace settings: kept, limited, and never a reason not to start."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from gan.errors import StoreError
from gan.runs.folder import Home
from gan.runs.settings import WorkspaceSettings, load_settings, save_settings, settings_path


def test_what_was_saved_is_loaded_and_no_other_file_stays(tmp_path: Path) -> None:
    home = Home(tmp_path)
    assert load_settings(home) == WorkspaceSettings()
    save_settings(home, WorkspaceSettings(runs_at_once=3, standby=False))
    save_settings(home, WorkspaceSettings(runs_at_once=4))
    assert load_settings(home) == WorkspaceSettings(runs_at_once=4)
    assert list(home.workspace_dir.iterdir()) == [settings_path(home)]


@pytest.mark.parametrize("text", [b"", b"{", b"[1]", b'{"runs_at_once": 0}', b"\xff\x00"])
def test_a_damaged_file_means_defaults_and_a_warning(
    tmp_path: Path, text: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    home = Home(tmp_path).ensure()
    settings_path(home).write_bytes(text)
    assert load_settings(home) == WorkspaceSettings()
    assert "settings.json cannot be read" in caplog.text


def test_a_setting_of_a_newer_version_is_ignored(tmp_path: Path) -> None:
    home = Home(tmp_path).ensure()
    settings_path(home).write_text('{"runs_at_once": 2, "colour": "red"}')
    assert load_settings(home) == WorkspaceSettings(runs_at_once=2)


def test_settings_cannot_be_changed_or_out_of_range() -> None:
    with pytest.raises(ValidationError):
        WorkspaceSettings(runs_at_once=0)
    with pytest.raises(ValidationError):
        WorkspaceSettings().runs_at_once = 5


def test_a_place_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.workspace_dir.write_text("a file where the folder belongs")
    with pytest.raises(StoreError, match="settings cannot be written"):
        save_settings(home, WorkspaceSettings())
