"""`invert`: find the z whose picture comes closest to a given one.

Door. Torch is imported when it searches.
"""

import argparse
import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from gan.cli.output import print_json
from gan.cli.parser import Commands, add_command, add_generator, add_run
from gan.data.pictures.decode import PictureError, Target, decode
from gan.errors import ConfigError, DataError
from gan.runs.folder import Home, find_run
from gan.runs.images import load_images
from gan.runs.inverter import Inverted, write_inverted
from gan.runs.studio.records import Source

if TYPE_CHECKING:
    from gan.latent.inversion import Inversion
    from gan.runs.studio.shelf import Held

_NOTE_EVERY_S = 0.15
_STAGES = {
    "search": "Looking at 1,024 random pictures",
    "approach": "Moving the eight nearest closer",
    "polish": "Polishing the best one",
}


def add_commands(commands: Commands) -> None:
    """Add `invert`."""
    parser = add_command(
        commands,
        "invert",
        invert_picture,
        summary="Find the z from which a generator draws a picture, or one that comes closest.",
        example="python -m gan invert vanilla-fashion-1 --image shoe.png --out shoe.npz\n"
        "python -m gan invert vanilla-fashion-1 --real 12",
    )
    add_run(parser)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--image", type=Path, metavar="FILE", help="a picture; it is cut square")
    what.add_argument("--real", type=int, metavar="ROW", help="a training picture, by its row")
    parser.add_argument(
        "--out", type=Path, metavar="FILE",
        help="keep z, label and both pictures there, as a NumPy archive (.npz)",
    )  # fmt: skip
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of the search (default 0)"
    )
    add_generator(parser)
    parser.add_argument(
        "--label", type=int, metavar="N",
        help="the class to draw, by its number; by default all are tried",
    )  # fmt: skip
    parser.add_argument("--notes", action="store_true", help=argparse.SUPPRESS)  # for the page


def invert_picture(args: argparse.Namespace, home: Home) -> int:
    """Search, keep what was found and say how near it is."""
    if not 0 <= args.seed < 2**63:
        raise ConfigError(f"--seed is {args.seed}: it must be from 0 to 2^63 - 1.")
    folder = find_run(home, args.run)
    import torch  # noqa: PLC0415

    from gan.data.dataset import scale  # noqa: PLC0415
    from gan.latent.inversion import invert  # noqa: PLC0415
    from gan.models.linear import use_kernel  # noqa: PLC0415
    from gan.runs.studio.shelf import Shelf  # noqa: PLC0415

    torch.set_num_threads(1)
    held = Shelf(home).take(Source(folder.id, args.step, average=not args.raw))
    target = _target(args, home, held)
    use_kernel(held.network, "torch")
    steps = invert(
        held.network, scale(torch.from_numpy(target))[0], label=args.label, seed=args.seed
    )
    teller = _Teller(args, held, target)
    for step in steps:
        teller.tell(step)
    found = teller.finish()
    if args.json:
        facts = {"id": folder.id, "step": held.generator.step, "label": found.label}
        distances = {"distance": found.distance, "start_distance": found.start_distance}
        print_json(facts | distances | {"z": found.z.tolist()})
    elif not args.notes:
        print(_sentence(found, held))
    return 0


class _Teller:
    """Passes on what a search has found, a few times a second, and keeps it in the file."""

    def __init__(
        self, args: argparse.Namespace, held: "Held", target: npt.NDArray[np.uint8]
    ) -> None:
        self._args = args
        self._held = held
        self._target = np.ascontiguousarray(target[0].transpose(1, 2, 0))
        self._began: float | None = None
        self._newest: Inversion | None = None
        self._told_at = 0.0

    def tell(self, step: "Inversion") -> None:
        """Take one step of the search."""
        self._newest = step
        if step.stage == "search":
            self._began = step.distance
        if not self._args.notes or time.monotonic() < self._told_at + _NOTE_EVERY_S:
            return
        self._told_at = time.monotonic()
        if self._args.out is not None:
            write_inverted(self._args.out, self._found(is_final=False))
        text = f"{_STAGES[step.stage]}: {step.distance:.1f} grey levels away."
        print(json.dumps({"text": text, "fraction": step.fraction}), flush=True)

    def finish(self) -> Inverted:
        """Return the answer, kept in the file if there is one."""
        found = self._found(is_final=True)
        if self._args.out is not None:
            write_inverted(self._args.out.expanduser(), found)
        return found

    def _found(self, *, is_final: bool) -> Inverted:
        import torch  # noqa: PLC0415

        assert self._newest is not None and self._began is not None
        newest = self._newest
        labels = None if newest.label is None else torch.tensor([newest.label])
        drawn = self._held.draw(torch.from_numpy(newest.z[None]), labels)
        return Inverted(
            target=self._target,
            image=drawn.images[0],
            z=newest.z,
            label=newest.label,
            distance=newest.distance,
            start_distance=self._began,
            is_final=is_final,
        )


def _target(args: argparse.Namespace, home: Home, held: "Held") -> npt.NDArray[np.uint8]:
    """Return the picture to look for, `[1, C, H, W]`."""
    if args.image is None:
        images = load_images(home, held.config.data).images
        if not 0 <= args.real < len(images):
            raise ConfigError(f"--real is {args.real}: it must be from 0 to {len(images) - 1:,}.")
        return np.array(images[args.real : args.real + 1])
    path = args.image.expanduser()
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path} cannot be read ({error.strerror or error}).") from error
    try:
        wanted = Target(held.size_px, held.channels, "crop", held.config.data.background)
        return decode(raw, wanted)[None].copy()
    except PictureError as error:
        raise DataError(f"The picture {path.name} {error}.") from None


def _sentence(found: Inverted, held: "Held") -> str:
    of = "" if found.label is None else f", drawn of {held.generator.classes[found.label]}"
    norm = float(np.linalg.norm(found.z))
    return (
        f"The nearest picture is {found.distance:.2f} of 255 grey levels away{of} (the nearest of "
        f"1,024 random ones: {found.start_distance:.1f}); its z has the norm {norm:.2f}."
    )
