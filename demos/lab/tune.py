"""Training: the whole encoder with a new head, or the head alone on a frozen encoder.

Both take the same examples, the same head, the same number of steps and the same order of batches, so that what differs
between two results is which weights received the updates. Equal steps matter for drift too: the amount of change grows
with the number of updates (Mehrafarin et al. 2022).
"""

import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn
from transformers import PreTrainedModel, PreTrainedTokenizerBase, get_linear_schedule_with_warmup

from demos.lab import heads
from demos.lab.encode import read_encoder
from demos.lab.recipe import Recipe
from demos.lab.tasks import Example, Task


@dataclass(frozen=True)
class Step:
    """Where training stands."""

    step: int
    steps: int
    loss: float


@dataclass(frozen=True, eq=False)
class Tuned:
    """What training produced. `seconds` is the time of the training loop alone."""

    model: PreTrainedModel
    tokenizer: PreTrainedTokenizerBase
    head: nn.Linear
    tensors_loaded: int
    trainable: int
    seconds: float


def finetune(base: Path, task: Task, recipe: Recipe, *, frozen: bool, seed: int) -> Iterator[Step | Tuned]:
    """Train from the encoder in `base`; yields a Step after every update and, last, the Tuned result.

    `frozen`: the encoder stays in eval mode and receives no gradient; only the head learns.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        model, tokenizer, tensors_loaded = read_encoder(base)
        head = heads.new_head(task, model.config.hidden_size)
        model.requires_grad_(not frozen)
        model.train(not frozen)
        groups: list[dict[str, Any]] = [{"params": list(head.parameters()), "lr": recipe.head_rate}]
        if not frozen:
            # The pooler is not part of the path to the head: it stays as it is in the base.
            encoder = [weight for name, weight in model.named_parameters() if not name.startswith("pooler.")]
            groups.append({"params": encoder, "lr": recipe.encoder_rate})
        trainable = [weight for group in groups for weight in group["params"]]
        optimizer = torch.optim.AdamW(groups, weight_decay=0.0, fused=True)
        schedule = get_linear_schedule_with_warmup(optimizer, round(recipe.warmup * recipe.steps), recipe.steps)
        began = time.perf_counter()
        for number, examples in enumerate(batches(task, recipe, seed), start=1):
            batch = heads.tokenize(tokenizer, examples, task)
            with torch.set_grad_enabled(not frozen):
                read = heads.features(model, batch, task)
            logits = head(nn.functional.dropout(read, recipe.dropout))
            loss = heads.loss(logits, batch, examples, task)
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(trainable, recipe.clip)
            optimizer.step()
            schedule.step()
            yield Step(number, recipe.steps, loss.item())
        seconds = time.perf_counter() - began
        yield Tuned(model.eval(), tokenizer, head, tensors_loaded, sum(w.numel() for w in trainable), seconds)


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
