"""A file of TensorBoard's records.

Memory layer. Imported only when a log is opened, for it needs the package `tensorboard`; of that
it imports the classes of records, and neither TensorFlow nor torch.

Source: `tensorboard/compat/proto/event.proto` and `summary.proto`; plugin data as in
`tensorboard/plugins/{scalar,text,hparams}/metadata.py`.
"""

import json
import struct
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import google_crc32c
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.plugins.hparams import metadata as hparams_metadata
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData, SessionStartInfo
from tensorboard.plugins.scalar import metadata as scalar_metadata
from tensorboard.plugins.text import metadata as text_metadata
from tensorboard.util.tensor_util import make_tensor_proto

from gan.keys import METRIC_KEYS


class EventFile:
    """One file of a log, written at once and in order; nobody else writes to it."""

    def __init__(self, path: Path, *, keep_bytes: int = 0) -> None:
        """Make the file, or go on behind so many bytes of it. Raises OSError."""
        self._file = path.open("r+b" if keep_bytes else "wb")
        self._file.truncate(keep_bytes)
        self._file.seek(keep_bytes)
        self._described: set[str] = set()
        if not keep_bytes:
            self._write(Event(wall_time=time.time(), file_version="brain.Event:2"))

    def flush(self) -> int:
        """Hand everything to the system and return how long the file is now. Raises OSError."""
        self._file.flush()
        return self._file.tell()

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def add_restart(self) -> None:
        """Make readers forget what earlier files of this log held."""
        self._write(
            Event(wall_time=time.time(), step=0, session_log=SessionLog(status=SessionLog.START))
        )

    def add_scalars(
        self, step: int, at: float, keys: Sequence[str], values: Sequence[float]
    ) -> None:
        """Write the numbers of one step; the first of a key carries its description."""
        summary = Summary(
            value=[
                Summary.Value(tag=key, simple_value=value)
                for key, value in zip(keys, values, strict=True)
            ]
        )
        if not self._described.issuperset(keys):
            for value in summary.value:
                if value.tag not in self._described:
                    value.metadata.CopyFrom(_scalar_metadata(value.tag))
            self._described.update(keys)
        self._write(Event(step=step, wall_time=at, summary=summary))

    def add_png(
        self, tag: str, step: int, at: float, png: bytes, shape: tuple[int, int, int]
    ) -> None:
        """Write a picture of `shape` (height, width, channels) as it is."""
        height, width, n_channels = shape
        image = Summary.Image(
            height=height, width=width, colorspace=n_channels, encoded_image_string=png
        )
        self._write_value(Summary.Value(tag=tag, image=image), step, at)

    def add_text(self, tag: str, step: int, at: float, markdown: str) -> None:
        """Write a text."""
        value = Summary.Value(
            tag=tag,
            metadata=text_metadata.create_summary_metadata(tag, ""),
            tensor=make_tensor_proto([markdown.encode()]),
        )
        self._write_value(value, step, at)

    def add_settings(self, settings: Mapping[str, Any], *, name: str, at: float) -> None:
        """Write a run's settings as a table to read and as hyperparameters to compare runs by."""
        rows = "\n".join(f"| {key} | {_cell(value)} |" for key, value in settings.items())
        self.add_text("settings", 0, at, f"**{_cell(name)}**\n\n| setting | value |\n|-|-|\n{rows}")
        start = SessionStartInfo(group_name=name, start_time_secs=at)
        for key, value in settings.items():
            if isinstance(value, bool):
                start.hparams[key].bool_value = value
            elif isinstance(value, int | float):
                start.hparams[key].number_value = value
            else:
                start.hparams[key].string_value = value if isinstance(value, str) else _cell(value)
        value = Summary.Value(
            tag=hparams_metadata.SESSION_START_INFO_TAG,
            metadata=hparams_metadata.create_summary_metadata(
                HParamsPluginData(session_start_info=start)
            ),
            tensor=hparams_metadata.NULL_TENSOR,
        )
        self._write_value(value, 0, at)

    def _write_value(self, value: Summary.Value, step: int, at: float) -> None:
        self._write(Event(step=step, wall_time=at, summary=Summary(value=[value])))

    def _write(self, event: Event) -> None:
        """Write a record: its length and its bytes, each with a checksum behind it.

        TensorBoard's own writer takes most of its time for checksums in Python.
        """
        data = event.SerializeToString()
        length = struct.pack("<Q", len(data))
        self._file.write(length + _checksum(length) + data + _checksum(data))


def _checksum(data: bytes) -> bytes:
    """Return a masked CRC-32C. Source: `tensorflow/core/lib/hash/crc32c.h`, Mask."""
    crc = google_crc32c.value(data)
    return struct.pack("<I", ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def _scalar_metadata(key: str) -> SummaryMetadata:
    known = METRIC_KEYS.get(key)
    about = f"{known.label}: {known.meaning} Healthy: {known.healthy}" if known else ""
    return scalar_metadata.create_summary_metadata(key, about)


def _cell(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text.replace("|", "\\|").replace("\n", " ")
