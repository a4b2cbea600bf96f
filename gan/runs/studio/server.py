"""The studio: a process that holds generators and draws with them for pages.

Memory layer, with torch; `python -m gan studio` is its door. It reads questions from one pipe and
writes answers to another, one at a time, and ends when nobody is at the other end any more. An
error of ours becomes an answer with its sentence; any other is logged whole and named in one.
"""

import logging
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any, BinaryIO

import numpy as np
import torch

from gan.errors import ConfigError, GanError
from gan.runs.code import code_fingerprint
from gan.runs.folder import Home
from gan.runs.studio.frames import Arrays, read_frame, write_frame
from gan.runs.studio.records import GeneratorFacts, Source
from gan.runs.studio.shelf import MAX_PICTURES, Shelf
from gan.runs.studio.study import Study, methods_for

log = logging.getLogger(__name__)

Answer = tuple[dict[str, Any], Mapping[str, Any]]
"""Plain data and arrays."""


def serve(home: Home, questions: BinaryIO, answers: BinaryIO, *, code: str | None = None) -> None:
    """Answer questions until the other side closes.

    Args:
        home: whose runs.
        questions: frames with a `call` and its arguments.
        answers: begins with one frame that says with which code; then one frame a question.
        code: fingerprint of the code from before it was imported; by default today's.

    Raises:
        StoreError: a question is no frame.
    """
    torch.set_num_threads(1)
    studio = _Studio(home)
    write_frame(answers, {"ready": True, "code": code or code_fingerprint()}, {})
    while (question := read_frame(questions)) is not None:
        header, arrays = _answer(studio, *question)
        try:
            write_frame(answers, header, arrays)
        except OSError:  # the page's process has gone
            return


def _answer(studio: "_Studio", header: dict[str, Any], arrays: Arrays) -> Answer:
    call = str(header.pop("call", ""))
    try:
        if call not in CALLS:
            raise ConfigError(f"The studio knows no call {call!r}: restart the app.")
        answer, answered = CALLS[call](studio, header, arrays)
        return {"ok": True, **answer}, answered
    except GanError as error:
        return {"ok": False, "error": str(error)}, {}
    except Exception as error:
        log.exception("The call %s failed.", call)
        return {"ok": False, "error": f"The studio failed ({type(error).__name__}: {error})."}, {}


class _Studio:
    """What the calls share."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.shelf = Shelf(home)
        self.study = Study(home)


def _describe(studio: _Studio, header: dict[str, Any], _arrays: Arrays) -> Answer:
    source = _source(header)
    held = studio.shelf.take(source)
    facts = GeneratorFacts(
        latent_dim=held.generator.latent_dim,
        classes=held.generator.classes,
        channels=held.channels,
        size_px=held.size_px,
        step=held.generator.step,
        steps=studio.shelf.steps(source),
        is_average=held.generator.is_average,
        has_average=held.has_average,
        has_discriminator=held.judge is not None,
        score_is_probability=held.judge is not None and held.judge.gives_probabilities,
        dataset=held.dataset,
        methods=methods_for(held),
    )
    return asdict(facts), {}


def _z_of(studio: _Studio, header: dict[str, Any], _arrays: Arrays) -> Answer:
    n, seed = int(header["n"]), int(header["seed"])
    if not 1 <= n <= MAX_PICTURES:
        raise ConfigError(f"{n} points asked for: it must be from 1 to {MAX_PICTURES:,}.")
    if not 0 <= seed < 2**63:
        raise ConfigError(f"The seed is {seed}: it must be from 0 to 2^63 - 1.")
    return {}, {"z": studio.shelf.take(_source(header)).generator.z_of(n, seed).numpy()}


def _grid_z(studio: _Studio, header: dict[str, Any], _arrays: Arrays) -> Answer:
    z, labels = studio.shelf.take(_source(header)).grid
    return {}, {"z": z.numpy()} | ({} if labels is None else {"labels": labels.numpy()})


def _draw(studio: _Studio, header: dict[str, Any], arrays: Arrays) -> Answer:
    held = studio.shelf.take(_source(header))
    z = torch.from_numpy(arrays["z"].astype(np.float32))
    labels = held.labels_for(len(z), arrays.get("labels"))
    drawn = held.draw(z, labels, scores=bool(header["scores"]))
    found = {"images": drawn.images, "labels": drawn.labels, "scores": drawn.scores}
    return {}, {name: array for name, array in found.items() if array is not None}


def _directions(studio: _Studio, header: dict[str, Any], _arrays: Arrays) -> Answer:
    held = studio.shelf.take(_source(header))
    return _split(studio.study.directions(held, str(header["method"]), int(header["n"])))


def _nearest(studio: _Studio, header: dict[str, Any], arrays: Arrays) -> Answer:
    held = studio.shelf.take(_source(header))
    return _split(studio.study.nearest(held, arrays["images"], int(header["n"])))


def _real(studio: _Studio, header: dict[str, Any], _arrays: Arrays) -> Answer:
    held = studio.shelf.take(_source(header))
    images, rows = studio.study.real(held, int(header["n"]), int(header["seed"]))
    return {}, {"images": images, "rows": rows}


def _map(studio: _Studio, header: dict[str, Any], _arrays: Arrays) -> Answer:
    return _split(studio.study.map(studio.shelf.take(_source(header))))


def _place(studio: _Studio, header: dict[str, Any], arrays: Arrays) -> Answer:
    held = studio.shelf.take(_source(header))
    return {}, {"places": studio.study.place(held, arrays["images"])}


def _split(record: Any) -> Answer:
    """Return a record's plain data and its arrays."""
    values = vars(record)
    arrays = {name: value for name, value in values.items() if isinstance(value, np.ndarray)}
    return {name: value for name, value in values.items() if name not in arrays}, arrays


def _source(header: dict[str, Any]) -> Source:
    return Source(**header["source"])


CALLS: dict[str, Callable[[_Studio, dict[str, Any], Arrays], Answer]] = {
    "describe": _describe,
    "z_of": _z_of,
    "grid_z": _grid_z,
    "draw": _draw,
    "directions": _directions,
    "nearest": _nearest,
    "real": _real,
    "map": _map,
    "place": _place,
}
"""By name, as `gan.runs.studio.Studio` calls them."""
