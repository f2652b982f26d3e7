"""What each trick of the fast path is worth: from the plain recipe to the fast step, one trick a rung."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch import Tensor

from gencmp.bench.tools import plain_recipe
from gencmp.bench.tools.turns import Side, in_turns, milliseconds, ratio
from gencmp.data.digits import Digits
from gencmp.data.load import load
from gencmp.settings.configs import Config
from gencmp.training.build import build_trainer, first_model, matmul_dtype, textbook_trainer
from gencmp.training.cuda_graph import stepper

CPU = torch.device("cpu")
PLAIN = "the plain recipe"


def climb(config: Config, plain: Side, blocks: int, steps: int) -> list[dict[str, Any]]:
    """A row a rung, all timed in turns: milliseconds a step, how many times as fast as the rung before (least and most
    over the blocks), and as the plain recipe.

    plain: steps of the plain recipe, as a tutorial takes them.
    """
    times = in_turns({PLAIN: plain} | rungs(config), blocks, steps)
    names = list(times)
    return [
        {"rung": name, "ms": milliseconds(times[name])}
        | ratio(times[before], times[name])
        | {"against_plain": ratio(times[PLAIN], times[name])["ratio"]}
        for before, name in zip(names[:1] + names, names, strict=False)
    ]


def rungs(config: Config) -> dict[str, Side]:
    """Ways to train that each have one trick more than the one before."""
    exact, digits = config.replace(precision="float32"), load(config)
    sides = {
        "digits in memory": in_memory(config, digits, _recipe(config)),
        "the textbook's step": in_memory(config, digits, _textbook(config, fused=False)),
        "Adam in one operation": in_memory(config, digits, _textbook(config, fused=True)),
        "gradients by hand": in_memory(config, digits, fast(exact)),
    }
    if matmul_dtype(config, CPU) == "bfloat16":
        sides["products in bfloat16"] = in_memory(config, digits, fast(config))
    return sides


def say(rows: list[dict[str, Any]]) -> list[str]:
    """One line of text per rung."""
    (first, *rest) = (f"  {row['rung']}: {row['ms']:.2f} ms a step" for row in rows)
    return [
        first,
        *(
            f"{words}; {row['ratio']:.2f} times as fast as the line above ({row['ratio_low']:.2f} to {row['ratio_high']:.2f}),"
            f" {row['against_plain']:.1f} times as {PLAIN}"
            for words, row in zip(rest, rows[1:], strict=True)
        ),
    ]


def fast(config: Config) -> Callable[[Tensor], object]:
    """The step that a training takes."""
    return stepper(build_trainer(config, CPU), CPU, config.batch_size)


def in_memory(config: Config, digits: Digits, take: Callable[[Tensor], object]) -> Side:
    """Steps on the batches that the training loop makes, epoch after epoch."""
    order = torch.Generator().manual_seed(0) if config.shuffle else None

    def batches() -> Iterator[Tensor]:
        while True:
            yield from digits.train.batches(config.batch_size, order)

    images = batches()
    return lambda steps: plain_recipe.timed(lambda: take(next(images)), steps)


def _recipe(config: Config) -> Callable[[Tensor], object]:
    """The plain recipe's step, of pixels [n, 784]."""
    step = plain_recipe.gan_step() if config.kind == "gan" else plain_recipe.vae_step()
    return lambda images: step(images.view(-1, 1, 28, 28))


def _textbook(config: Config, fused: bool) -> Callable[[Tensor], object]:
    """GanTrainer's or VaeTrainer's step."""
    rng = torch.Generator().manual_seed(1)
    return textbook_trainer(first_model(config, CPU, rng), rng, fused).step
