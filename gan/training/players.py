"""The two networks with their optimisers, and what one update does to each.

Motion layer. `gan.training.trainer` decides the order of updates and what they see; here is the
arithmetic of each: what is frozen, what is detached, what is reported.
"""

import copy
from typing import Any

import torch
from torch import Tensor, nn

from gan.config import RunConfig
from gan.data.dataset import to_uint8
from gan.errors import CheckpointError
from gan.losses.objectives import get_objective
from gan.models.linear import MatmulKernel, best_kernel, use_kernel
from gan.models.registry import build_pair, uses_batch_statistics
from gan.training.ema import Ema
from gan.training.optimizers import build_optimizer
from gan.training.streams import seeded_init


class Players:
    """Generator and discriminator, each with its optimiser, and G's moving average.

    Attributes:
        generator, discriminator: the networks, on the device, in train mode.
        g_opt, d_opt: their optimisers.
        ema: the averaged generator, None when switched off.
        kernel: which kernel multiplies float32 matrices on the CPU.
    """

    def __init__(
        self, config: RunConfig, device: torch.device, *, img_channels: int, size_px: int
    ) -> None:
        with seeded_init(config.train.seed):
            g, d = build_pair(config.model, img_channels=img_channels, size_px=size_px)
        self._device = device
        self._is_low_precision = config.train.precision == "bfloat16"
        self.objective = get_objective(config.loss.name)
        self.generator = g.to(device).train()
        self.discriminator = d.to(device).train()
        self.g_opt = build_optimizer(config.g_opt, g.parameters(), device)
        self.d_opt = build_optimizer(config.d_opt, d.parameters(), device)
        self.ema: Ema | None = None
        if config.train.ema:
            self.ema = Ema(
                self.generator,
                halflife_images=config.train.ema_halflife_images,
                ramp=config.train.ema_ramp,
            )
        self.kernel: MatmulKernel = "torch"
        self.use_kernel(best_kernel(device))
        # One pass over real and fake together is the same mathematics only without BatchNorm.
        self._one_d_pass = not uses_batch_statistics(self.discriminator)

    def generate(self, z: Tensor, *, keep_graph: bool) -> Tensor:
        """Return G(z) in train mode; `keep_graph` lets G learn from it afterwards."""
        with torch.set_grad_enabled(keep_graph), self._precision():
            return self.generator(z)  # type: ignore[no-any-return]

    def update_discriminator(self, real: Tensor, fake: Tensor) -> dict[str, Tensor]:
        """Let D learn from a real and a detached fake batch; return its numbers, on the device."""
        self.discriminator.requires_grad_(True)
        with self._precision():
            if self._one_d_pass:
                logits = self.discriminator(torch.cat([real, fake.to(real.dtype)]))
                real_logits, fake_logits = logits.split([len(real), len(fake)])
            else:
                real_logits, fake_logits = self.discriminator(real), self.discriminator(fake)
        real_logits, fake_logits = real_logits.float(), fake_logits.float()
        terms = self.objective.d_loss(real_logits, fake_logits)
        norm = _learn(terms["d"], self.discriminator, self.d_opt)
        values = {f"loss/{name}": term for name, term in terms.items()}
        if self.objective.info.output == "probability":
            with torch.no_grad():
                values["score/real"] = real_logits.sigmoid().mean()
                values["score/fake"] = fake_logits.sigmoid().mean()
        return values | {"grad/d_norm": norm}

    def update_generator(self, fake: Tensor) -> dict[str, Tensor]:
        """Let G learn from D's opinion of `fake`, which carries G's graph; return its numbers."""
        self.discriminator.requires_grad_(False)  # no gradient for weights that will not move
        with self._precision():
            fake_logits = self.discriminator(fake)
        terms = self.objective.g_loss(None, fake_logits.float())
        norm = _learn(terms["g"], self.generator, self.g_opt)
        return {f"loss/{name}": term for name, term in terms.items()} | {"grad/g_norm": norm}

    @torch.no_grad()
    def draw(self, generator: nn.Module, z: Tensor) -> tuple[Tensor, Tensor]:
        """Draw z in eval mode, disturbing nothing.

        Returns:
            images `[N, C, H, W]` uint8 and D's raw score of each `[N]` float32, on the CPU.
        """
        modes = generator.training, self.discriminator.training
        generator.eval()
        self.discriminator.eval()
        fake = generator(z)
        scores = self.discriminator(fake).flatten(1).mean(1)
        generator.train(modes[0])
        self.discriminator.train(modes[1])
        return to_uint8(fake).cpu(), scores.float().cpu()

    def use_kernel(self, kernel: MatmulKernel) -> None:
        """Multiply float32 matrices on the CPU with this kernel from now on."""
        self.kernel = kernel
        averaged = [self.ema.module] if self.ema else []
        for net in (self.generator, self.discriminator, *averaged):
            use_kernel(net, kernel)

    def state_dict(self) -> dict[str, Any]:
        """Return weights, averages and optimiser states."""
        return {
            "generator": self.generator.state_dict(),
            "discriminator": self.discriminator.state_dict(),
            "g_ema": self.ema.module.state_dict() if self.ema else None,
            "g_opt": self.g_opt.state_dict(),
            "d_opt": self.d_opt.state_dict(),
        }

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Take over what `state_dict` returned. Raises CheckpointError when it does not fit."""
        try:
            self.generator.load_state_dict(state["generator"])
            self.discriminator.load_state_dict(state["discriminator"])
            if self.ema:
                self.ema.module.load_state_dict(state["g_ema"])
            self.g_opt.load_state_dict(copy.deepcopy(state["g_opt"]))
            self.d_opt.load_state_dict(copy.deepcopy(state["d_opt"]))
        except (RuntimeError, ValueError, KeyError, AttributeError, TypeError) as error:
            first_line = (str(error).splitlines() or [type(error).__name__])[0]
            raise CheckpointError(
                f"The checkpoint does not fit this configuration's networks ({first_line})."
            ) from error

    def _precision(self) -> torch.autocast:
        return torch.autocast(
            self._device.type, dtype=torch.bfloat16, enabled=self._is_low_precision
        )


def _learn(loss: Tensor, network: nn.Module, optimizer: torch.optim.Optimizer) -> Tensor:
    """Do one optimiser step down `loss`; return the length of the gradient."""
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    gradients = [p.grad for p in network.parameters() if p.grad is not None]
    norm = torch.nn.utils.get_total_norm(gradients)
    optimizer.step()
    return norm
