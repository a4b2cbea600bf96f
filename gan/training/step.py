"""One training step: what happens to a batch, in the order in which it happens.

Motion layer. Every published loop that we know is a choice among the options here: who learns
first, how often, from which z, with what the idle network does meanwhile.

References:
    Goodfellow et al., Generative Adversarial Nets, 2014, algorithm 1 (arXiv:1406.2661).
"""

from dataclasses import dataclass
from typing import Literal

from gan.config import TrainConfig
from gan.training.players import Players, Values, set_mode
from gan.training.supply import Batch, Counters, Noise, Supply

Update = Literal["both", "d", "g"]


@dataclass(frozen=True)
class _Round:
    """What D learned from last: G may meet the same again."""

    real: Batch
    noise: Noise
    fake: Batch


def train_step(
    players: Players, supply: Supply, counters: Counters, train: TrainConfig, update: Update
) -> Values:
    """Do the arithmetic of one step, or of one lone update; return its numbers, on the device.

    With several D updates in a step the numbers are the last one's: the D that G then meets.
    """
    values: Values = {}
    last: _Round | None = None
    if update == "both" and train.order == "simultaneous":
        values = _both_at_once(players, supply, train)
    else:
        if update == "both" and train.order == "g-first":
            values |= _g_update(players, supply, train, None)
        if update in ("both", "d"):
            n_rounds = train.d_steps if update == "both" else 1
            for k in range(n_rounds):
                g_follows = update == "both" and train.order == "d-first" and k == n_rounds - 1
                last = _d_round(players, supply, train, for_g_too=g_follows and train.share_z)
                values |= players.update_discriminator(last.real, last.fake.detached())
        if update == "g" or (update == "both" and train.order == "d-first"):
            values |= _g_update(players, supply, train, last)
    if update in ("both", "g") and players.ema is not None:
        players.ema.update(
            players.generator,
            batch_images=len(last.real) if last else train.real_batch_size,
            images_seen=counters.images_seen,
        )
    if update == "both":
        counters.step += 1
    return values


def _d_round(players: Players, supply: Supply, train: TrainConfig, *, for_g_too: bool) -> _Round:
    """Draw what one update of D learns from; where G learns from it too, keep G's graph."""
    real = supply.real()
    noise = supply.noise(train.real_batch_size if train.full_fakes else len(real))
    set_mode(players.generator, training=train.idle_mode == "train")
    fake = players.generate(noise, keep_graph=for_g_too and train.idle_mode == "train")
    return _Round(real, noise, fake)


def _g_update(players: Players, supply: Supply, train: TrainConfig, last: _Round | None) -> Values:
    """Let G learn: from D's last fakes if the run shares z, else from fresh ones."""
    if last is not None and last.fake.images.requires_grad:
        return players.update_generator(last.fake, last.real)
    if last is not None and train.share_z:
        noise = last.noise  # D saw what G drew of it in eval mode
    elif last is None or train.full_fakes or train.half_batch:
        noise = supply.noise(train.batch_size)
    else:
        noise = supply.noise(len(last.real))
    set_mode(players.generator, training=True)
    fake = players.generate(noise, keep_graph=True)
    real = last.real if last else (supply.real() if players.objective.g_needs_real else None)
    return players.update_generator(fake, real)


def _both_at_once(players: Players, supply: Supply, train: TrainConfig) -> Values:
    """Draw one batch and let both networks learn from it at their old weights."""
    round_ = _d_round(players, supply, train, for_g_too=True)
    return players.update_both(round_.real, round_.fake)
