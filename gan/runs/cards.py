"""The generators that come with the product: where they are, and the card that each one has.

Memory layer, without torch. A generator is a folder `<name>/` with `card.json`; the card says what
the generator is, how it was made and how good it is, and names every other file with its sha256, so
a damaged or exchanged one is noticed. `gan.runs.shipping` makes such folders, `gan.runs.shipped`
turns them into runs.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from gan.config import RunConfig
from gan.errors import CheckpointError, ConfigError

FOLDER = Path(__file__).resolve().parents[2] / "checkpoints"
"""Where the product keeps them; `$GAN_SHIPPED` names another folder."""

CARD, WEIGHTS, HISTORY, STORY = "card.json", "weights.pt", "history.npz", "story.json"
SCHEMA_VERSION = 1
TABLE_BEGIN, TABLE_END = "<!-- generators: begin -->", "<!-- generators: end -->"
"""Between these, `README.md` has the table of all cards."""

MAX_TITLE, MAX_SENTENCE = 80, 300
_NAME = r"^[a-z0-9][a-z0-9-]{0,59}$"

Name = Annotated[str, Field(pattern=_NAME)]
# At most one folder deep, and never hidden: no path on a card leads out of its folder.
FileName = Annotated[str, Field(pattern=r"^([A-Za-z0-9_-][A-Za-z0-9_.-]*/)?[A-Za-z0-9_-][\w.-]*$")]
Count = Annotated[int, Field(ge=0)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class FileFacts(_Part):
    """One file of the folder."""

    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    size_bytes: Count


class DataUsed(_Part):
    """The real images that it learned from."""

    name: str
    title: str
    licence: str
    kind: Literal["files", "download", "drawn"]
    n_images: Count
    n_batches: Count
    steps_per_epoch: float = Field(gt=0.0)
    channels: Literal[1, 3]
    size_px: int = Field(ge=1)
    classes: tuple[str, ...] = ()
    fingerprint: str


class Machine(_Part):
    """On what it was trained."""

    processor: str
    n_cores: Count
    n_threads: Count
    device: str
    torch: str
    python: str


class Figure(_Part):
    """One measure with its 95 % interval, where it has one."""

    value: float
    low: float | None = None
    high: float | None = None


class Measured(_Part):
    """How good its half-precision weights are, in the features of one network.

    Attributes:
        features: a key of `gan.features.catalog.FEATURES`.
        generator: the moving average or the generator itself.
        figures: by the names of `gan.metrics.catalog.MEASURES`.
        classes: how many real and generated images of each class, where a classifier knows them.
    """

    features: str
    features_title: str
    generator: Literal["ema", "raw"]
    n_real: Count
    n_fake: Count
    seed: Count
    figures: dict[str, Figure]
    classes: dict[str, tuple[Count, Count]] = {}


class Check(_Part):
    """A cheap figure to measure again: the Fréchet distance of a few samples."""

    features: str
    n_real: Count
    n_fake: Count
    seed: Count
    frechet: float


class Card(_Part):
    """Everything there is to say about one generator that comes with the product.

    Attributes:
        sentence: what it is, for people.
        config: the whole configuration of the run that made it.
        command: what was typed to train it.
        changes: what was changed while it trained, which `command` does not say.
        kept: why this step of the run, such as 'best' or 'last'.
        quality: the first entry is in the features that suit the data, others judge.
        created_at: seconds since 1970 when the run began.
    """

    schema_version: Literal[1] = 1
    name: Name
    title: str = Field(min_length=1, max_length=MAX_TITLE)
    sentence: str = Field(min_length=1, max_length=MAX_SENTENCE)
    config: dict[str, Any]
    data: DataUsed
    weights_licence: str
    command: str
    changes: tuple[str, ...] = ()
    kept: Literal["best", "last", "chosen"]
    step: Count
    tick: Count
    images_seen: Count
    epoch: float = Field(ge=0.0)
    elapsed_s: float = Field(ge=0.0)
    made_on: Machine
    n_parameters: dict[Literal["generator", "discriminator"], Count]
    quality: tuple[Measured, ...] = Field(min_length=1)
    check: Check
    created_at: float
    files: dict[FileName, FileFacts]

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        missing = {WEIGHTS, HISTORY, STORY} - self.files.keys()
        if missing:
            raise ValueError(f"files lacks {', '.join(sorted(missing))}")
        try:
            RunConfig.parse(self.config)
        except ConfigError as error:
            raise ValueError(f"config is not one of this program ({error})") from None
        return self

    @property
    def run_config(self) -> RunConfig:
        """The configuration, as an object."""
        return RunConfig.parse(self.config)

    @property
    def recipe(self) -> str:
        """The recipe that the run began from."""
        return self.run_config.recipe

    @property
    def seed(self) -> int:
        """The seed of the run."""
        return self.run_config.train.seed

    @property
    def size_bytes(self) -> int:
        """How large its files are together."""
        return sum(facts.size_bytes for facts in self.files.values())

    def to_json(self) -> str:
        """Return what `read_card` reads; the round trip is exact."""
        return self.model_dump_json(indent=2) + "\n"


def portable(config: RunConfig) -> RunConfig:
    """Return a configuration that says nothing of the machine on which its images lay."""
    return config.with_changes({"data.folder": None})


def check_words(*, name: str, title: str, sentence: str) -> None:
    """Refuse what no card may say, before anything is made. Raises ConfigError."""
    if not re.fullmatch(_NAME, name):
        raise ConfigError(
            f"--name is {name!r}: it must be small letters, digits and dashes, up to 60 of them."
        )
    for option, text, limit in (
        ("--title", title, MAX_TITLE),
        ("--sentence", sentence, MAX_SENTENCE),
    ):
        if not 1 <= len(text) <= limit:
            raise ConfigError(f"{option} has {len(text)} letters: it must have 1 to {limit}.")


def shipped_root(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the folder with the generators that come with the product."""
    named = environ.get("GAN_SHIPPED")
    return Path(named).expanduser().absolute() if named else FOLDER


def card_folders(root: Path) -> list[Path]:
    """Return the folders of all generators there, good or damaged, by name."""
    if not root.is_dir():
        return []
    return sorted(path.parent for path in root.glob("*/" + CARD) if path.parent.name[0] != ".")


def read_card(folder: Path) -> Card:
    """Read the card of one generator; its other files are not looked at.

    Raises:
        CheckpointError: missing, damaged, of a newer version, or of another generator.
    """
    raw = _read_object(folder)
    version = raw.get("schema_version")
    if isinstance(version, int) and version > SCHEMA_VERSION:
        raise CheckpointError(
            f"The generator {folder.name} was made by a newer version of this program (card schema "
            f"{version}, known up to {SCHEMA_VERSION}): update the program."
        )
    try:
        card = Card.model_validate_json(json.dumps(raw))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the whole card"
        rule = first["msg"].removeprefix("Value error, ")
        raise CheckpointError(
            f"The card of the generator {folder.name} is damaged ({where}: {rule}): {_RESTORE}."
        ) from None
    if card.name != folder.name:
        raise CheckpointError(
            f"The card in {folder.name} is that of the generator {card.name}: {_RESTORE}."
        )
    return card


def check_files(folder: Path, card: Card) -> None:
    """Compare every file with its card.

    Raises:
        CheckpointError: one is missing, cannot be read, or is not the file that is meant.
    """
    for name, facts in card.files.items():
        path = folder / name
        try:
            with path.open("rb") as file:
                actual = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError as error:
            raise CheckpointError(
                f"The file {name} of the generator {card.name} cannot be read "
                f"({error.strerror or error}): {_RESTORE}."
            ) from None
        if actual != facts.sha256:
            raise CheckpointError(
                f"The file {name} of the generator {card.name} is damaged or another one (its "
                f"sha256 begins with {actual[:8]}, not with {facts.sha256[:8]}): {_RESTORE}."
            )


def file_facts(folder: Path) -> dict[str, FileFacts]:
    """Return sums and sizes of all files in a folder but its card."""
    return {
        path.relative_to(folder).as_posix(): FileFacts(
            sha256=hashlib.sha256(path.read_bytes()).hexdigest(), size_bytes=path.stat().st_size
        )
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != CARD
    }


def cards_table(cards: list[Card]) -> str:
    """Return the table for `checkpoints/README.md`, made of the cards alone."""
    head = (
        "| generator | learned from | trained | parameters of G | Fréchet distance | size |",
        "|---|---|---|---|---|---|",
    )
    return "\n".join([*head, *(_table_row(card) for card in cards)])


def _table_row(card: Card) -> str:
    distances = " · ".join(_distances(card))
    return (
        f"| [`{card.name}`]({card.name}/{CARD}): {card.title} "
        f"| {card.data.title}, {card.data.n_images:,} images ({card.data.licence}) "
        f"| {card.step:,} steps, {card.epoch:.4g} epochs, {card.elapsed_s / 60:.1f} min "
        f"| {card.n_parameters['generator']:,} | {distances} | {card.size_bytes / 1e6:.1f} MB |"
    )


def _distances(card: Card) -> Iterator[str]:
    for measured in card.quality:
        value = measured.figures["frechet"].value
        yield f"{value:.1f} in `{measured.features}` ({measured.n_fake:,} samples)"


_RESTORE = "restore the folder checkpoints from the product"


def _read_object(folder: Path) -> dict[str, Any]:
    try:
        raw = json.loads((folder / CARD).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise CheckpointError(
            f"The card of the generator {folder.name} is missing or damaged "
            f"({type(error).__name__}): {_RESTORE}."
        ) from None
    if not isinstance(raw, dict):
        raise CheckpointError(
            f"The card of the generator {folder.name} is damaged (no object): {_RESTORE}."
        )
    return raw
