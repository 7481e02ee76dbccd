"""Heads on frozen features: the texts are encoded once, so that training many heads is nearly free."""

from collections.abc import Sequence

import numpy as np
import torch
from sklearn.linear_model import LogisticRegression
from torch import nn
from transformers import get_linear_schedule_with_warmup

from demos.lab import heads
from demos.lab.encode import Encoder
from demos.lab.recipe import Recipe
from demos.lab.tasks import Example, Task
from demos.lab.tune import batches


def text_features(encoder: Encoder, examples: Sequence[Example], task: Task) -> torch.Tensor:
    """What a classification head reads, for a batch of texts: (examples, d), float32."""
    with torch.inference_mode():
        return heads.features(encoder.model, heads.tokenize(encoder.tokenizer, examples, task), task)


def trained_head(features: torch.Tensor, task: Task, recipe: Recipe, seed: int) -> nn.Linear:
    """The head that `finetune` gives with the encoder frozen, from the features (examples, d) of `task.train`.

    The same first weights, batches, dropout, rate and number of steps; features are the same but for rounding.
    """
    rows = {example: row for row, example in enumerate(task.train)}
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        head = heads.new_head(task, features.shape[1])
        optimizer = torch.optim.AdamW(head.parameters(), lr=recipe.head_rate, weight_decay=0.0)
        schedule = get_linear_schedule_with_warmup(optimizer, round(recipe.warmup * recipe.steps), recipe.steps)
        for examples in batches(task, recipe, seed):
            read = features[[rows[example] for example in examples]]
            logits = head(nn.functional.dropout(read, recipe.dropout))
            loss = nn.functional.cross_entropy(logits, torch.tensor([task.labels.index(example.label) for example in examples]))
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(head.parameters(), recipe.clip)
            optimizer.step()
            schedule.step()
    return head


def guesses(head: nn.Linear, features: torch.Tensor, task: Task) -> list[str]:
    """The label that a head gives to each row of features (n, d)."""
    with torch.inference_mode():
        return [task.labels[index] for index in head(features).argmax(dim=-1).tolist()]


def logistic_guesses(features: np.ndarray, labels: Sequence[str], others: np.ndarray) -> list[str]:
    """Labels of `others` (m, d) by logistic regression on features (n, d), with the library's own penalty, until it converges."""
    return LogisticRegression(max_iter=1000).fit(features, list(labels)).predict(others).tolist()
