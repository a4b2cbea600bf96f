"""What all tests share: nothing that comes with the product shows up where a test counts runs."""

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def no_shipped_generators(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Let this process and those that it starts find an empty folder of generators."""
    folder = tmp_path_factory.mktemp("shipped")
    os.environ["GAN_SHIPPED"] = str(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one generator, `tiny`, made as the real ones are: 12 steps on drawn digits."""
    from gan.cli.main import main

    root = tmp_path_factory.mktemp("tiny-shipped")
    home = ["--home", str(root / "home")]
    options = [
        *("--dataset", "drawn-digits", "--n-images", "128", "--batch-size", "32"),
        *("--latent-dim", "4", "--g-widths", "8", "--d-widths", "8", "--n-samples", "4"),
        *("--device", "cpu", "--n-threads", "1", "--report-every", "5", "--n-steps", "12"),
        *("--quality-every", "6", "--quality-n-samples", "100", "--quality-max-share", "1"),
    ]
    assert main(["train", "vanilla-fashion", *options, "--name", "source", "--json", *home]) == 0
    words = ["--name", "tiny", "--title", "Tiny digits", "--sentence", "Digits, but hardly."]
    out = ["--out", str(root / "out"), "--step", "last", "--n", "120"]
    assert main(["ship", "source", *words, *out, *home]) == 0
    return root / "out"
