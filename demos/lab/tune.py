"""Training: the encoder with a new head, where a scheme says which of the encoder's weights learn.

Every scheme takes the same examples, the same head, the same number of steps and the same order of batches, so that what
differs between two results is which weights received the updates. Equal steps matter for drift too: the amount of change
grows with the number of updates (Mehrafarin et al. 2022).
"""

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase, get_linear_schedule_with_warmup

from demos.lab import heads
from demos.lab.encode import read_encoder
from demos.lab.recipe import Recipe
from demos.lab.schemes import SCHEMES, Scheme, apply, merged
from demos.lab.tasks import Example, Task


@dataclass(frozen=True)
class Step:
    """Where training stands. `model` is the encoder as it is now, still in training: measure it inside `measuring(model)`."""

    step: int
    steps: int
    loss: float
    model: PreTrainedModel = field(repr=False, compare=False)


@dataclass(frozen=True, eq=False)
class Tuned:
    """What training produced.

    `trainable` counts the numbers that learnt, the head's included; `seconds` is the time of the steps alone. `changed`
    names the base's tensors that differ from what was loaded, before LoRA's matrices are merged into them.
    """

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    head: nn.Linear
    tensors_loaded: int
    trainable: int
    seconds: float
    changed: frozenset[str]


def finetune(base: Path, task: Task, recipe: Recipe, *, scheme: Scheme, seed: int) -> Iterator[Step | Tuned]:
    """Train from the encoder in `base`; yields a Step after every update and, last, the Tuned result.

    A scheme that trains the head alone first does so for `recipe.steps` steps more, so that its encoder gets as many
    updates as any other.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model, tokenizer, tensors_loaded = read_encoder(base)
        weights = dict(model.named_parameters())
        before = {name: weight.detach().clone() for name, weight in weights.items()}
        head = heads.new_head(task, model.config.hidden_size)
        phases = [SCHEMES["frozen"], scheme] if scheme.probe_first else [scheme]
        number, seconds = 0, 0.0
        for phase in phases:
            module, learning = apply(phase, model)
            for loss, took in _updates(module, learning, tokenizer, head, task, recipe, phase.rate, seed):
                number, seconds = number + 1, seconds + took
                yield Step(number, len(phases) * recipe.steps, loss, model)
        changed = frozenset(name for name, weight in weights.items() if not torch.equal(weight, before[name]))
        trainable = sum(weight.numel() for weight in (*head.parameters(), *learning))
        yield Tuned(merged(module).eval(), tokenizer, head, tensors_loaded, trainable, seconds, changed)


@contextmanager
def measuring(model: PreTrainedModel) -> Iterator[None]:
    """Eval mode for a while, then every part as it was: measuring in mid-training leaves its numbers bit-identical."""
    modes = {part: part.training for part in model.modules()}
    model.eval()
    try:
        yield
    finally:
        for part, mode in modes.items():
            part.training = mode


def _updates(module, learning, tokenizer, head, task, recipe, rate, seed) -> Iterator[tuple[float, float]]:
    """`recipe.steps` updates of the head and of the weights in `learning`: the loss and the seconds of each."""
    groups: list[dict[str, Any]] = [{"params": list(head.parameters()), "lr": recipe.head_rate}]
    if learning:
        groups.append({"params": learning, "lr": recipe.encoder_rate * rate})
    optimizer = torch.optim.AdamW(groups, weight_decay=0.0, fused=True)
    schedule = get_linear_schedule_with_warmup(optimizer, round(recipe.warmup * recipe.steps), recipe.steps)
    for examples in batches(task, recipe, seed):
        began = time.perf_counter()
        batch = heads.tokenize(tokenizer, examples, task)
        with torch.set_grad_enabled(bool(learning)):
            read = heads.features(module, batch, task)
        logits = head(nn.functional.dropout(read, recipe.dropout))
        loss = heads.loss(logits, batch, examples, task)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([*head.parameters(), *learning], recipe.clip)
        optimizer.step()
        schedule.step()
        yield loss.item(), time.perf_counter() - began


def batches(task: Task, recipe: Recipe, seed: int) -> Iterator[list[Example]]:
    """`recipe.steps` batches: the training examples shuffled anew each epoch, those of like length together.

    Sorting by length within a shuffled pool of eight batches halves the padding, and so the time.
    """
    shuffle, done = random.Random(seed), 0
    size = recipe.batch if task.labels else recipe.span_batch
    while True:
        order = shuffle.sample(task.train, len(task.train))
        pool = size * 8
        parts = []
        for first in range(0, len(order), pool):
            near = sorted(order[first:first + pool], key=lambda example: len(example.text))
            parts += [near[at:at + size] for at in range(0, len(near), size)]
        for part in shuffle.sample(parts, len(parts)):
            yield part
            done += 1
            if done == recipe.steps:
                return
