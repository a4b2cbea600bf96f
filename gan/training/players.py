"""The two networks with their optimisers, and what one update does to each.

Motion layer. `gan.training.step` decides the order of updates and what they see; here is the
arithmetic of each: what is frozen, what is detached, what is added, what is reported.
"""

import copy
from collections.abc import Callable
from typing import Any, Literal

import torch
from torch import Tensor, nn

from gan.config import RunConfig
from gan.data.augment import add_noise, augment
from gan.data.dataset import to_uint8
from gan.errors import CheckpointError
from gan.losses.objectives import get_objective
from gan.losses.penalties import clip_weights_
from gan.models.dropout import use_stream
from gan.models.linear import MatmulKernel, best_kernel, use_kernel
from gan.models.registry import best_layout, build_pair, uses_batch_statistics
from gan.training.ema import Ema
from gan.training.optimizers import build_optimizer
from gan.training.penalties import Penalties
from gan.training.streams import Streams, seeded_init
from gan.training.supply import Batch, Counters, Noise, Supply

Values = dict[str, Tensor]


class Players:
    """Generator and discriminator, each with its optimiser, and G's moving average.

    Attributes:
        generator, discriminator: the networks, on the device.
        g_opt, d_opt: their optimisers.
        ema: the averaged generator, None when switched off.
        kernel: which kernel multiplies float32 matrices on the CPU.
    """

    def __init__(
        self,
        config: RunConfig,
        device: torch.device,
        supply: Supply,
        streams: Streams,
        counters: Counters,
    ) -> None:
        with seeded_init(config.train.seed):
            g, d = build_pair(
                config.model,
                img_channels=supply.data.channels,
                size_px=supply.data.size_px,
                n_classes=supply.n_classes,
            )
        self._device = device
        self._config = config
        self._streams = streams
        self._counters = counters
        self._is_low_precision = config.train.precision == "bfloat16"
        self.objective = get_objective(config.loss.name)
        self._layout = best_layout(d, device)
        self.generator = g.to(device).to(memory_format=best_layout(g, device)).train()
        self.discriminator = d.to(device).to(memory_format=self._layout).train()
        use_stream(self.discriminator, streams["dropout"])
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
        self._penalties = Penalties(config.loss, streams, counters)
        # One pass over real and fake together is the same mathematics only without BatchNorm.
        self._one_d_pass = not uses_batch_statistics(self.discriminator)

    # ---- updates ---------------------------------------------------------------------------

    def generate(self, noise: Noise, *, keep_graph: bool) -> Batch:
        """Return G(z) in G's present mode; `keep_graph` lets G learn from it afterwards."""
        with torch.set_grad_enabled(keep_graph), self._precision():
            return Batch(self.generator(noise.z, noise.labels), noise.labels)

    def update_discriminator(self, real: Batch, fake: Batch) -> Values:
        """Let D learn from a real and a detached fake batch; return its numbers, on the device."""
        self._let_learn(self.discriminator, self.generator)
        real, fake = self._as_shown(real), self._as_shown(fake)
        if self._config.train.separate_d_updates:
            return self._two_updates(real, fake)
        real_logits, fake_logits = self._judge_both(real, fake)
        terms = self._d_terms(real_logits, fake_logits)
        extra = self._penalties.charge(self.discriminator, real, fake)
        norm = self._learn(terms["d"] + extra, self.discriminator, self.d_opt)
        self._after_d_update()
        values = self._penalties.last | self._opinions(real_logits, fake_logits)
        return _losses(terms) | values | {"grad/d_norm": norm}

    def update_generator(self, fake: Batch, real: Batch | None) -> Values:
        """Let G learn from D's opinion of `fake`, which carries G's graph; return its numbers.

        `real` is needed where the objective compares (`g_needs_real`).
        """
        self._let_learn(self.generator, self.discriminator)
        fake_logits = self.judge(self._as_shown(fake))
        real_logits = None
        if self.objective.g_needs_real:
            assert real is not None
            with torch.no_grad():
                real_logits = self.judge(self._as_shown(real))
        terms = self.objective.g_loss(real_logits, fake_logits)
        norm = self._learn(terms["g"], self.generator, self.g_opt)
        self._counters.g_updates += 1
        return _losses(terms) | {"grad/g_norm": norm}

    def update_both(self, real: Batch, fake: Batch) -> Values:
        """Take both gradients at the old weights, from one forward pass, then move both networks.

        Source: the training step of TensorFlow's GAN tutorials, whose two gradient tapes share
        one forward pass.
        """
        self.generator.train().requires_grad_(True)
        self.discriminator.train().requires_grad_(True)
        real, fake = self._as_shown(real), self._as_shown(fake)
        real_logits, fake_logits = self._judge_both(real, fake)
        d_terms = self._d_terms(real_logits, fake_logits)
        extra = self._penalties.charge(self.discriminator, real, fake.detached())
        g_terms = self.objective.g_loss(real_logits, fake_logits)
        g_weights = list(self.generator.parameters())
        d_weights = list(self.discriminator.parameters())
        g_grads = torch.autograd.grad(g_terms["g"], g_weights, retain_graph=True)
        d_grads = torch.autograd.grad(d_terms["d"] + extra, d_weights)
        for weight, grad in zip(g_weights + d_weights, g_grads + d_grads, strict=True):
            weight.grad = grad
        d_norm, g_norm = self._move(d_weights, self.d_opt), self._move(g_weights, self.g_opt)
        self._after_d_update()
        self._counters.g_updates += 1
        values = self._penalties.last | self._opinions(real_logits, fake_logits)
        values = _losses(d_terms) | values | {"grad/d_norm": d_norm}
        return values | _losses(g_terms) | {"grad/g_norm": g_norm}

    def judge(self, batch: Batch) -> Tensor:
        """Return D's logits `[N, n]` in float32."""
        images = batch.images.contiguous(memory_format=self._layout)
        with self._precision():
            logits: Tensor = self.discriminator(images, batch.labels)
        return logits.float()

    # ---- what an update is made of -----------------------------------------------------------

    def _judge_both(self, real: Batch, fake: Batch) -> tuple[Tensor, Tensor]:
        if not self._one_d_pass:
            return self.judge(real), self.judge(fake)
        labels = None
        if real.labels is not None and fake.labels is not None:
            labels = torch.cat([real.labels, fake.labels])
        images = torch.cat([real.images, fake.images.to(real.images.dtype)])
        logits = self.judge(Batch(images, labels))
        return logits[: len(real)], logits[len(real) :]

    def _two_updates(self, real: Batch, fake: Batch) -> Values:
        """Learn from real pictures, then, with the updated D, from generated ones.

        The reported total is the mean of the two losses, as Keras' tutorials print it.
        """
        real_logits = self.judge(real)
        on_real = self._d_terms(real_logits, None)
        self._learn(on_real["d"], self.discriminator, self.d_opt)
        self._clip_weights()
        fake_logits = self.judge(fake)
        on_fake = self._d_terms(None, fake_logits)
        norm = self._learn(on_fake["d"], self.discriminator, self.d_opt)
        self._after_d_update()
        both = {"d": (on_real.pop("d") + on_fake.pop("d")) / 2}
        values = self._opinions(real_logits, fake_logits)
        return _losses(on_real | on_fake | both) | values | {"grad/d_norm": norm}

    def _d_terms(self, real_logits: Tensor | None, fake_logits: Tensor | None) -> Values:
        """Return D's loss, its labels smoothed and swapped as the run wants it."""
        loss = self._config.loss
        if loss.real_label == 1.0 and loss.label_flip == 0.0:
            return self.objective.d_loss(real_logits, fake_logits)
        targets: dict[str, Tensor] = {}
        for name, logits, label, other in (
            ("real_target", real_logits, loss.real_label, 0.0),
            ("fake_target", fake_logits, 0.0, loss.real_label),
        ):
            if logits is not None:
                draw = torch.rand(
                    len(logits), 1, generator=self._streams["labels"], device=logits.device
                )
                targets[name] = torch.where(draw < loss.label_flip, other, label)
        return self.objective.d_loss(real_logits, fake_logits, **targets)

    def _as_shown(self, batch: Batch) -> Batch:
        """Return the batch as D sees it: augmented, and with noise on it."""
        loss = self._config.loss
        images = augment(batch.images, self._config.train.augment, self._streams["augment"])
        deviation = loss.instance_noise
        if loss.instance_noise_steps:
            deviation *= max(0.0, 1.0 - self._counters.step / loss.instance_noise_steps)
        if deviation:
            images = add_noise(images, deviation, self._streams["noise"])
        return Batch(images, batch.labels)

    def _let_learn(self, learner: nn.Module, idle: nn.Module) -> None:
        """Set modes; the idle network's weights get no gradient, since they will not move."""
        set_mode(learner, training=True)
        learner.requires_grad_(True)
        set_mode(idle, training=self._config.train.idle_mode == "train")
        if idle is self.discriminator:
            idle.requires_grad_(False)

    def _learn(self, loss: Tensor, network: nn.Module, optimizer: torch.optim.Optimizer) -> Tensor:
        """Do one optimiser step down `loss`; return the length of the gradient."""
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        return self._move(list(network.parameters()), optimizer)

    def _move(self, weights: list[nn.Parameter], optimizer: torch.optim.Optimizer) -> Tensor:
        """Let the optimiser step along the gradients, shortened if need be; return their length."""
        norm = torch.nn.utils.get_total_norm([w.grad for w in weights if w.grad is not None])
        limit = self._config.train.grad_clip
        if limit:
            torch.nn.utils.clip_grads_with_norm_(weights, limit, norm)
        optimizer.step()
        return norm

    def _after_d_update(self) -> None:
        self._clip_weights()
        self._counters.d_updates += 1

    def _clip_weights(self) -> None:
        if self._config.loss.weight_clip:
            clip_weights_(self.discriminator, self._config.loss.weight_clip)

    def _opinions(self, real_logits: Tensor, fake_logits: Tensor) -> Values:
        """Return what D thinks on average: probabilities where it gives them, else raw scores.

        And how far apart it holds the two kinds, in units of the scores' own spread.
        """
        is_probability = self.objective.info.output == "probability"
        group: Literal["score", "logit"] = "score" if is_probability else "logit"
        read: Callable[[Tensor], Tensor] = torch.sigmoid if is_probability else lambda x: x
        with torch.no_grad():
            return {
                f"{group}/real": read(real_logits).mean(),
                f"{group}/fake": read(fake_logits).mean(),
                "balance/separation": _separation(real_logits, fake_logits),
            }

    # ---- drawing, saving -----------------------------------------------------------------------

    @torch.no_grad()
    def draw(self, generator: nn.Module, noise: Noise) -> tuple[Tensor, Tensor]:
        """Draw in eval mode, disturbing nothing.

        Returns:
            images `[N, C, H, W]` uint8 and D's raw score of each `[N]` float32, on the CPU.
        """
        modes = generator.training, self.discriminator.training
        generator.eval()
        self.discriminator.eval()
        fake = generator(noise.z, noise.labels)
        scores = self.discriminator(fake, noise.labels).flatten(1).mean(1)
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
            "penalties": self._penalties.last,
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
            self._penalties.last = {k: v.to(self._device) for k, v in state["penalties"].items()}
        except (RuntimeError, ValueError, KeyError, AttributeError, TypeError) as error:
            first_line = (str(error).splitlines() or [type(error).__name__])[0]
            raise CheckpointError(
                f"The checkpoint does not fit this configuration's networks ({first_line})."
            ) from error

    def _precision(self) -> torch.autocast:
        return torch.autocast(
            self._device.type, dtype=torch.bfloat16, enabled=self._is_low_precision
        )


def set_mode(network: nn.Module, *, training: bool) -> None:
    """Put a network into train or eval mode, without a walk through its layers if it is there."""
    if network.training is not training:
        network.train(training)


def _separation(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """Return (mean of real − mean of fake) / root of their mean variance, whatever D's scale."""
    real_var, real_mean = torch.var_mean(real_logits, correction=0)
    fake_var, fake_mean = torch.var_mean(fake_logits, correction=0)
    spread = ((real_var + fake_var) / 2).sqrt().clamp_min(1e-6)  # D may score all pictures alike
    return (real_mean - fake_mean) / spread


def _losses(terms: Values) -> Values:
    return {f"loss/{name}": term for name, term in terms.items()}
