"""Steps per second of `vanilla-fashion`: a textbook loop against `gan.train`, in one run.

    python -m benchmarks.train_speed [--steps 150] [--rounds 5] [--threads 2]

Sides, taken in turn so that a drifting machine hits all alike:

- textbook: the recipe as tutorials write it. A DataLoader with per-image transforms, G run twice
  on the same z, fakes not detached for D, `.item()` on both losses in every step, plain Adam.
- preloaded: the same loop, but its batches come from one float tensor that is already in memory,
  which leaves the data pipeline out of the ratio.
- ours: `gan.train` with default reports, sample grids, EMA and gradient norms on, float32.
- ours bf16: the same in bfloat16 autocast.

Needs real Fashion-MNIST (`apt-get install dataset-fashion-mnist`).
"""

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

import gan
from gan.config import RunConfig
from gan.data.dataset import ImageData, load_data, scale
from gan.training.records import StepDone
from gan.training.trainer import Trainer


class PictureDataset(Dataset[tuple[Tensor, int]]):
    """One picture at a time, decoded and transformed in Python, as torchvision's classes do."""

    def __init__(self, data: ImageData) -> None:
        self.images = data.images[:, 0].numpy()
        self.transform = transforms.Compose(
            [transforms.ToTensor(), transforms.Normalize(mean=(0.5,), std=(0.5,))]
        )

    def __len__(self) -> int:
        return len(self.images)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.images[index])), 0


class TextbookGenerator(nn.Module):
    def __init__(self) -> None:
        super().__init__()

        def block(n_in: int, n_out: int, normalize: bool = True) -> list[nn.Module]:
            layers: list[nn.Module] = [nn.Linear(n_in, n_out)]
            if normalize:
                layers.append(nn.BatchNorm1d(n_out, 0.8))
            return [*layers, nn.LeakyReLU(0.2, inplace=True)]

        self.model = nn.Sequential(
            *block(100, 128, normalize=False),
            *block(128, 256),
            *block(256, 512),
            *block(512, 1024),
            nn.Linear(1024, 784),
            nn.Tanh(),
        )

    def forward(self, z: Tensor) -> Tensor:
        return self.model(z).view(-1, 1, 28, 28)


class TextbookDiscriminator(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.model = nn.Sequential(
            nn.Linear(784, 512),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(512, 256),
            nn.LeakyReLU(0.2, inplace=True),
            nn.Linear(256, 1),
            nn.Sigmoid(),
        )

    def forward(self, images: Tensor) -> Tensor:
        return self.model(images.view(images.size(0), -1))


def loader_batches(data: ImageData) -> Iterator[Tensor]:
    loader = DataLoader(PictureDataset(data), batch_size=128, shuffle=True)
    while True:
        for images, _ in loader:
            yield images


def preloaded_batches(data: ImageData) -> Iterator[Tensor]:
    everything = scale(data.images)
    while True:
        for indices in torch.randperm(len(everything)).split(128):
            yield everything[indices]


def textbook_loop(batches: Iterator[Tensor]) -> Callable[[int], None]:
    torch.manual_seed(0)
    generator, discriminator = TextbookGenerator(), TextbookDiscriminator()
    loss = nn.BCELoss()
    g_opt = torch.optim.Adam(generator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    d_opt = torch.optim.Adam(discriminator.parameters(), lr=2e-4, betas=(0.5, 0.999))
    history: list[tuple[float, float]] = []

    def run(n_steps: int) -> None:
        for _ in range(n_steps):
            real = next(batches)
            ones, zeros = torch.ones(len(real), 1), torch.zeros(len(real), 1)
            z = torch.randn(len(real), 100)

            d_opt.zero_grad()
            fake = generator(z)
            d_loss = loss(discriminator(real), ones) + loss(discriminator(fake), zeros)
            d_loss.backward()
            d_opt.step()

            g_opt.zero_grad()
            g_loss = loss(discriminator(generator(z)), ones)
            g_loss.backward()
            g_opt.step()
            history.append((d_loss.item(), g_loss.item()))

    return run


def our_loop(config: RunConfig, data: ImageData) -> Callable[[int], None]:
    trainer = Trainer(config, data)

    def run(n_steps: int) -> None:
        done = sum(isinstance(record, StepDone) for record in trainer.run(n_steps))
        assert done >= n_steps

    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=150)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    torch.set_num_threads(args.threads)

    config = gan.get_recipe("vanilla-fashion").build().with_changes({"data.source": "files"})
    data = load_data(config.data, download_folder=Path("data"))
    sides = {
        "textbook": textbook_loop(loader_batches(data)),
        "preloaded": textbook_loop(preloaded_batches(data)),
        "ours": our_loop(config, data),
        "ours bf16": our_loop(config.with_changes({"train.precision": "bfloat16"}), data),
    }
    rates: dict[str, list[float]] = {name: [] for name in sides}
    for run in sides.values():
        run(20)  # warm up
    for _ in range(args.rounds):
        for name, run in sides.items():
            start = time.perf_counter()
            run(args.steps)
            rates[name].append(args.steps / (time.perf_counter() - start))

    print(f"torch {torch.__version__}, {args.threads} threads, {data.located.why}")
    print(f"median of {args.rounds} rounds of {args.steps} steps, all sides in turn\n")
    for name, values in rates.items():
        rate = statistics.median(values)
        print(f"{name:10s} {rate:7.1f} steps/s   {1000 / rate:6.2f} ms/step")
    print()
    for name in ("ours", "ours bf16"):
        for base in ("textbook", "preloaded"):
            ratios = np.array(rates[name]) / np.array(rates[base])
            spread = f"{ratios.min():.2f} to {ratios.max():.2f}"
            print(f"{name} / {base}: {np.median(ratios):.2f} (rounds: {spread})")


if __name__ == "__main__":
    main()
