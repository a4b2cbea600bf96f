"""Which images to learn: the data section of a configuration. Vocabulary layer."""

from typing import ClassVar, Literal

from gan.config.base import Section, setting

DatasetName = Literal[
    "fashion-mnist", "mnist", "kmnist", "emnist", "stacked-digits", "cifar-10", "svhn", "celeba",
    "drawn-digits", "drawn-stacks", "drawn-faces", "own-pictures",
]  # fmt: skip
DataSource = Literal["auto", "files", "download", "drawn"]
Colour = Literal["as-is", "grey", "rgb"]
Fit = Literal["crop", "pad"]

PHOTOS = ("celeba", "own-pictures")
"""Data sets whose pictures have any shape, so that they must be made square."""


class DataConfig(Section):
    """Which images to learn, and where they come from."""

    title: ClassVar[str] = "Data"

    dataset: DatasetName = setting(
        "fashion-mnist", "Data set", "The images that the generator learns to imitate.",
        level="basic",
    )  # fmt: skip
    source: DataSource = setting(
        "auto", "Source",
        "auto looks for files on this machine, then downloads, then falls back to pictures drawn "
        "here; the other choices insist on one of these.",
    )  # fmt: skip
    folder: str | None = setting(
        None, "Folder",
        "A folder with the data set's files, searched before the usual places; for your own "
        "pictures the folder, or the zip, that holds them (sub-folders become classes).",
    )  # fmt: skip
    n_images: int | None = setting(
        None, "Use only the first", "Train on the first N images only; empty means all of them.",
        unit="images", ge=2,
    )  # fmt: skip
    size_px: int | None = setting(
        None, "Picture size",
        "Height and width to which every picture is brought; empty means the data set's own.",
        unit="px", ge=8, le=128,
    )  # fmt: skip
    colour: Colour = setting(
        "as-is", "Colour", "Keep the data set's own channels, or make all pictures grey or RGB."
    )
    fit: Fit = setting(
        "crop", "Fit",
        "How a picture becomes square: crop cuts its middle out, pad keeps all of it and fills "
        "the rest.",
        when=("dataset", PHOTOS),
    )  # fmt: skip
    background: Literal["white", "black"] = setting(
        "white", "Background", "What lies behind transparent and padded parts of a picture.",
        when=("dataset", PHOTOS),
    )  # fmt: skip
    flip: bool = setting(
        False, "Mirror at random",
        "Show every picture mirrored left to right half of the time: twice the data where left "
        "and right do not matter (faces, not digits).",
    )  # fmt: skip
