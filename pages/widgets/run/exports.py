"""Take along: files of a run to download, and its timelapse, made when they are asked for."""

import base64
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from gan.errors import GanError
from gan.runs.exports import (
    file_bytes,
    size_bytes,
    write_csv,
    write_settings,
    write_tensorboard_zip,
    write_zip,
)
from gan.runs.folder import RunFolder
from gan.runs.store import RunStore
from gan.runs.timelapse import n_grids, write_timelapse
from pages.widgets import texts

_KINDS = {"mp4": "MP4", "gif": "GIF", "webp": "WebP"}
_KIND_HELP = (
    "MP4 is small and plays everywhere, GIF goes into any slide or chat, WebP keeps every pixel "
    "and all colours."
)
_MIME = {"mp4": "video/mp4", "gif": "image/gif", "webp": "image/webp"}
_TILES = (16, 25, 36, 64, 100)
_MAX_FRAMES = 300
_PREVIEW_PX = 640
_MAX_PREVIEW_BYTES = 16_000_000


def draw_exports(folder: RunFolder) -> None:
    """Draw what a user can take along from a run; clicks here leave the rest of the page alone."""
    st.fragment(_draw_panel)(folder)


def _draw_panel(folder: RunFolder) -> None:
    problems: list[str] = st.session_state.setdefault(f"export-problems-{folder.id}", [])
    try:
        n_averaged, n_raw = n_grids(folder), n_grids(folder, raw=True)
        with RunStore.open(folder.db_path) as store:
            has_numbers = bool(store.read_metrics(limit=1))
            has_average = bool(store.read_samples("ema"))
    except GanError as error:
        st.error(str(error), icon=":material/error:")
        return
    _draw_files(folder, problems, has_numbers=has_numbers)
    _draw_timelapse(folder, n_averaged, n_raw if has_average else 0)
    while problems:
        st.error(problems.pop(0), icon=":material/error:")


def _draw_files(folder: RunFolder, problems: list[str], *, has_numbers: bool) -> None:
    with st.container(horizontal=True, gap="small", key="export-files"):
        _download(
            "Numbers (CSV)", ":material/table:", f"{folder.id}-metrics.csv", "text/csv",
            partial(_bytes, write_csv, folder, problems),
            help="One row a step, one column a number; for a spreadsheet or pandas.",
            disabled=not has_numbers,
        )  # fmt: skip
        _download(
            "TensorBoard (zip)", ":material/monitoring:", f"{folder.id}-tensorboard.zip",
            "application/zip", partial(_bytes, write_tensorboard_zip, folder, problems),
            help="Numbers, sample grids, settings and events. Unpack it, then: "
            "`tensorboard --logdir FOLDER --samples_per_plugin images=1000,text=1000`.",
        )  # fmt: skip
        _download(
            "Settings (JSON)", ":material/settings:", f"{folder.id}-config.json",
            "application/json", partial(_bytes, write_settings, folder, problems),
            help="Train the same again: `python -m gan train --config FILE`.",
        )  # fmt: skip
        _download(
            f"Whole run (zip), {texts.size(size_bytes(folder))}", ":material/folder_zip:",
            f"{folder.id}.zip", "application/zip", partial(_bytes, write_zip, folder, problems),
            help="Numbers, pictures, checkpoints and log: unpacked into another home's `runs/` "
            "it is the same run there. The size is that before packing.",
        )  # fmt: skip


def _download(
    label: str, icon: str, name: str, mime: str, make: Callable[[], bytes], *, help: str,
    disabled: bool = False,
) -> None:  # fmt: skip
    st.download_button(
        label, make, name, mime, key=f"export-{name}", icon=icon, help=help, disabled=disabled,
        on_click="ignore",
    )  # fmt: skip


def _bytes(
    write: Callable[[RunFolder, Path], object], folder: RunFolder, problems: list[str]
) -> bytes:
    """Make a file when its button was clicked; in a thread in which nothing can be drawn."""
    try:
        return file_bytes(lambda path: write(folder, path), ".export")
    except GanError as error:
        problems.append(str(error))
        raise


def _draw_timelapse(folder: RunFolder, n_averaged: int, n_raw: int) -> None:
    if not n_averaged:
        st.caption("A timelapse needs sample grids; the first comes with the first step.")
        return
    with (
        st.form(f"timelapse-{folder.id}", border=True),
        st.container(horizontal=True, vertical_alignment="bottom", gap="medium"),
    ):
        kind = st.segmented_control(
                "Timelapse as", list(_KINDS), format_func=_KINDS.__getitem__, default="mp4",
                key=f"timelapse-kind-{folder.id}", help=_KIND_HELP, required=True,
            )  # fmt: skip
        n_tiles = st.selectbox(
                "Pictures", _TILES, index=2, key=f"timelapse-tiles-{folder.id}", width=110,
                help="The first so many of each grid, as a square.",
            )  # fmt: skip
        fps = st.slider("Grids a second", 1, 30, 10, key=f"timelapse-fps-{folder.id}", width=220)
        raw = n_raw and st.toggle(
                "As trained", key=f"timelapse-raw-{folder.id}",
                help="The generator itself instead of its average (EMA).",
            )  # fmt: skip
        wanted = st.form_submit_button("Make timelapse", icon=":material/movie:")
    if wanted:
        _make_timelapse(folder, str(kind), int(n_tiles), float(fps), raw=bool(raw))
    made = st.session_state.get(f"timelapse-made-{folder.id}")
    if made is not None:
        _draw_made(folder, *made)


def _make_timelapse(folder: RunFolder, kind: str, n_tiles: int, fps: float, *, raw: bool) -> None:
    """Make the file, with a progress bar, and keep it for this visitor; the last one goes."""
    key = f"timelapse-made-{folder.id}"
    st.session_state.pop(key, None)
    bar = st.progress(0.0, "Reading the grids …")
    try:
        with tempfile.TemporaryDirectory() as scratch:
            path = Path(scratch) / f"timelapse.{kind}"
            n_frames = write_timelapse(
                folder,
                path,
                raw=raw,
                n_tiles=n_tiles,
                fps=fps,
                max_frames=_MAX_FRAMES,
                progress=lambda i, n: bar.progress(i / n, f"Grid {i} of {n}"),
            )
            st.session_state[key] = (kind, n_frames, path.read_bytes())
    except (GanError, OSError) as error:
        st.error(str(error), icon=":material/error:")
    finally:
        bar.empty()


def _draw_made(folder: RunFolder, kind: str, n_frames: int, data: bytes) -> None:
    st.download_button(
        f"Download {_KINDS[kind]}, {n_frames} grids, {texts.size(len(data))}",
        data,
        f"{folder.id}-timelapse.{kind}",
        _MIME[kind],
        key=f"timelapse-download-{folder.id}",
        icon=":material/download:",
        type="primary",
        on_click="ignore",
    )
    if kind == "mp4":
        st.video(data, format=_MIME[kind], loop=True, autoplay=True, muted=True, width=_PREVIEW_PX)
    elif len(data) <= _MAX_PREVIEW_BYTES:
        # As it is: `st.image` would make a still JPEG of an animated WebP.
        source = f"data:{_MIME[kind]};base64,{base64.b64encode(data).decode()}"
        st.html(f'<img src="{source}" alt="Timelapse of {n_frames} sample grids">')
    else:
        st.caption("Too large to be shown here.")
