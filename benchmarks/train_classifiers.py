"""Train the small classifiers whose hidden layers are the features of quality measures.

    python -m benchmarks.train_classifiers fashion-a
    python -m benchmarks.train_classifiers mnist --folder PATH

Writes `checkpoints/features/NAME.pt` (half precision) and its card. One thread, fixed seed: the
same build on the same processor gives the same file. Accuracies are of the file as written, on
the official test split, which is looked at once, at the end.
"""

import argparse
import hashlib
import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from gan.config import DataConfig
from gan.data.drawn import draw_digits
from gan.data.faces import FACE_CLASSES, FACTORS, draw_faces, face_classes
from gan.data.idx import read_idx
from gan.data.sources import find_file, locate
from gan.features.classifier import PLANS, Classifier
from gan.features.inputs import fit_images

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "checkpoints" / "features"


@dataclass(frozen=True)
class Lesson:
    """How one classifier is trained: data, seed, and how far its pictures are distorted."""

    dataset: str
    seed: int
    data: str
    licence: str
    n_epochs: int = 8
    flip: bool = False
    shift: float = 0.0  # shares of the picture's width
    turn: float = 0.0  # radians
    zoom: float = 0.0
    shear: float = 0.0


@dataclass(frozen=True)
class Examples:
    """Pictures `[N, C, H, W]` uint8, labels `[N]`, and factors `[N, n_factors]` (perhaps none)."""

    images: torch.Tensor
    labels: torch.Tensor
    factors: torch.Tensor


def main() -> None:
    """Train one classifier, write file and card, print the card."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=list(PLANS))
    parser.add_argument("--folder", help="where the data set's files are, if not in a usual place")
    parser.add_argument("--out", type=Path, default=FOLDER)
    args = parser.parse_args()
    torch.set_num_threads(1)
    lesson = LESSONS[args.name]
    began = time.perf_counter()
    examples = _train_examples(lesson, args.folder)
    network, n_steps = train(args.name, lesson, examples)
    file = args.out / f"{args.name}.pt"
    args.out.mkdir(parents=True, exist_ok=True)
    torch.save({k: v.half() for k, v in network.state_dict().items() if "num_b" not in k}, file)
    shipped = Classifier(PLANS[args.name])
    shipped.load_published(torch.load(file, weights_only=True))
    card = {
        "name": args.name,
        "data": lesson.data,
        "licence": lesson.licence,
        "command": f"python -m benchmarks.train_classifiers {args.name}",
        "seed": lesson.seed,
        "steps": n_steps,
        "epochs": lesson.n_epochs,
        "n_weights": sum(p.numel() for p in network.parameters()),
        "torch": torch.__version__,
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(),
        **_figures(shipped, lesson, args.folder),
    }
    file.with_suffix(".json").write_text(json.dumps(card, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(card, indent=2))
    print(f"{time.perf_counter() - began:.0f} s, {file.stat().st_size:,} bytes")


def train(
    name: str, lesson: Lesson, examples: Examples, *, batch_size: int = 256, peak_lr: float = 4e-3
) -> tuple[Classifier, int]:
    """Return a trained classifier in eval mode, and its number of steps."""
    torch.manual_seed(lesson.seed)
    generator = torch.Generator().manual_seed(lesson.seed)
    network = Classifier(PLANS[name]).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(network.parameters(), lr=peak_lr, weight_decay=0.02)
    n_images = len(examples.images)
    n_steps = lesson.n_epochs * (n_images // batch_size)
    step = 0
    for epoch in range(lesson.n_epochs):
        total = 0.0
        for rows in torch.randperm(n_images, generator=generator).split(batch_size):
            if len(rows) < batch_size:
                continue
            for group in optimizer.param_groups:
                group["lr"] = peak_lr * _schedule(step / n_steps)
            images = _distorted(examples.images[rows], lesson, generator)
            outputs = network.logits(network.features(images))
            loss = _loss(outputs, examples.labels[rows], examples.factors[rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.item()
            step += 1
        print(f"epoch {epoch + 1}: loss {total * batch_size / n_images:.4f}", flush=True)
    return network.eval(), n_steps


def _schedule(share: float) -> float:
    """Rise for a tenth of the training, then fall along a cosine to 0."""
    return share / 0.1 if share < 0.1 else 0.5 * (1 + math.cos(math.pi * (share - 0.1) / 0.9))


def _loss(outputs: torch.Tensor, labels: torch.Tensor, factors: torch.Tensor) -> torch.Tensor:
    n_classes = outputs.shape[1] - factors.shape[1]
    loss = F.cross_entropy(outputs[:, :n_classes], labels)
    if factors.shape[1]:
        loss = loss + 4.0 * F.mse_loss(outputs[:, n_classes:], factors)
    return loss


def _distorted(images: torch.Tensor, lesson: Lesson, generator: torch.Generator) -> torch.Tensor:
    """Shift, turn, zoom, shear and mirror pictures at random; return them in [-1, 1]."""
    scaled = images.float().div_(127.5).sub_(1.0)
    noise = 2.0 * torch.rand(len(images), 6, generator=generator) - 1.0
    turn, zoom = lesson.turn * noise[:, 0], 1.0 + lesson.zoom * noise[:, 1]
    shear = lesson.shear * noise[:, 2]
    mirror = torch.where(noise[:, 5] > 0, -1.0, 1.0) if lesson.flip else torch.ones(len(images))
    matrix = torch.zeros(len(images), 2, 3)
    matrix[:, 0, 0] = zoom * turn.cos() * mirror
    matrix[:, 0, 1] = -turn.sin() + shear
    matrix[:, 1, 0] = turn.sin() * mirror
    matrix[:, 1, 1] = zoom * turn.cos()
    matrix[:, :, 2] = 2.0 * lesson.shift * noise[:, 3:5]
    grid = F.affine_grid(matrix, list(scaled.shape), align_corners=False)
    moved = F.grid_sample(scaled, grid, padding_mode="border", align_corners=False)
    return moved.to(memory_format=torch.channels_last)


def _train_examples(lesson: Lesson, folder: str | None) -> Examples:
    if lesson.dataset == "drawn-faces":
        # Both sizes; the faces that users train on have seed 0.
        small, large = _faces(20_000, seed=101, size_px=32), _faces(20_000, seed=102, size_px=64)
        return Examples(
            *(torch.cat([getattr(small, k), getattr(large, k)])
              for k in ("images", "labels", "factors"))
        )  # fmt: skip
    return _published(lesson.dataset, folder, "train")


def _published(dataset: str, folder: str | None, split: str) -> Examples:
    found = locate(DataConfig(dataset=dataset, source="files", folder=folder)).folder
    files = [find_file(found, f"{split}-{kind}-ubyte") for kind in ("images-idx3", "labels-idx1")]
    images = torch.from_numpy(read_idx(files[0], 3))[:, None]
    return Examples(
        images, torch.from_numpy(read_idx(files[1], 1)).long(), torch.empty(len(images), 0)
    )


def _digits(n_images: int, seed: int) -> Examples:
    images, labels = draw_digits(n_images, seed)
    return Examples(
        torch.from_numpy(images)[:, None],
        torch.from_numpy(labels.astype(np.int64)),
        torch.empty(n_images, 0),
    )


def _faces(n_images: int, seed: int, size_px: int) -> Examples:
    images, factors = draw_faces(n_images, seed, size_px=size_px)
    shown = fit_images(torch.from_numpy(images).permute(0, 3, 1, 2), 3, PLANS["faces"].size_px)
    return Examples(
        shown.round().to(torch.uint8),
        torch.from_numpy(face_classes(factors).astype(np.int64)),
        torch.from_numpy(factors),
    )


@torch.no_grad()
def _outputs(network: Classifier, images: torch.Tensor) -> torch.Tensor:
    scaled = [batch.float() / 127.5 - 1.0 for batch in images.split(500)]
    return torch.cat([network.logits(network.features(batch)) for batch in scaled])


def _figures(network: Classifier, lesson: Lesson, folder: str | None) -> dict[str, object]:
    """Return the accuracies that go into the card."""
    if lesson.dataset != "drawn-faces":
        test = _published(lesson.dataset, folder, "t10k")
        figures: dict[str, object] = {
            "test": f"{len(test.images):,} images of the official test split",
            "accuracy": _accuracy(network, test),
        }
        if lesson.dataset == "mnist":
            figures["accuracy_drawn_digits"] = _accuracy(network, _digits(5_000, seed=202))
        return figures
    figures = {"test": "5,000 faces of another seed at 64 px"}
    for size_px in (64, 32):
        test = _faces(5_000, seed=202, size_px=size_px)
        suffix = "" if size_px == 64 else "_32px"
        figures[f"accuracy{suffix}"] = _accuracy(network, test)
        predicted = _outputs(network, test.images)[:, len(FACE_CLASSES) :]
        share = 1 - (predicted - test.factors).square().mean(0) / test.factors.var(0)
        r2 = {k: round(v, 3) for k, v in zip(FACTORS, share.tolist(), strict=True)}
        figures[f"factor_r2{suffix}"] = r2
    return figures


def _accuracy(network: Classifier, test: Examples) -> float:
    n_classes = network.plan.n_outputs - test.factors.shape[1]
    guesses = _outputs(network, test.images)[:, :n_classes].argmax(1)
    return round((guesses == test.labels).double().mean().item(), 4)


_MIT_DATA = "MIT (weights and data)"
LESSONS = {
    "fashion-a": Lesson(
        "fashion-mnist", 1, "Fashion-MNIST, 60,000 training images", _MIT_DATA,
        flip=True, shift=0.05, zoom=0.08, turn=0.05,
    ),
    "fashion-b": Lesson(
        "fashion-mnist", 2, "Fashion-MNIST, 60,000 training images", _MIT_DATA,
        flip=True, shift=0.04, zoom=0.05, n_epochs=9,
    ),
    "mnist": Lesson(
        "mnist", 3, "MNIST, 60,000 training images", "weights MIT; data CC BY-SA 3.0",
        shift=0.07, zoom=0.12, turn=0.2, shear=0.2, n_epochs=4,
    ),
    "faces": Lesson(
        "drawn-faces", 4, "drawn faces, 20,000 at 32 px and 20,000 at 64 px, seeds 101 and 102",
        _MIT_DATA, shift=0.02, n_epochs=6,
    ),
}  # fmt: skip

if __name__ == "__main__":
    main()
