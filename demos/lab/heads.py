"""A task head is one linear layer on the encoder's last hidden state, and this is how it is read and scored.

Classification reads the mean of the token vectors; question answering scores every token of the passage as the start
and as the end of the answer. The head's two tensors are all that is new in a checkpoint.
"""

import random
from collections import Counter
from collections.abc import Sequence

import torch
from sklearn.metrics import accuracy_score
from torch import nn
from transformers import BatchEncoding, PreTrainedModel, PreTrainedTokenizerBase

from demos.lab.encode import mean_pool
from demos.lab.tasks import Example, Task

MAX_TOKENS = 128
MAX_ANSWER_TOKENS = 12


def new_head(task: Task, width: int) -> nn.Linear:
    """A fresh head: one output a label, or two (start, end) for question answering."""
    return nn.Linear(width, len(task.labels) or 2)


def tokenize(tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example], task: Task) -> BatchEncoding:
    """A padded batch; questions come before their passage, as in BERT's own question answering."""
    texts = [example.text for example in examples]
    if task.labels:
        return tokenizer(texts, padding=True, truncation=True, max_length=MAX_TOKENS, return_tensors="pt")
    return tokenizer([example.question for example in examples], texts, padding=True, truncation="only_second",
                     max_length=MAX_TOKENS, return_tensors="pt", return_offsets_mapping=True)


def features(model: PreTrainedModel, batch: BatchEncoding, task: Task) -> torch.Tensor:
    """What the head reads: (batch, d) for classification, (batch, tokens, d) for question answering."""
    hidden = model(**{name: batch[name] for name in ("input_ids", "attention_mask", "token_type_ids")}).last_hidden_state
    return mean_pool(hidden, batch["attention_mask"]) if task.labels else hidden


def loss(logits: torch.Tensor, batch: BatchEncoding, examples: Sequence[Example], task: Task) -> torch.Tensor:
    """Cross-entropy of the label, or the mean of the start's and the end's."""
    if task.labels:
        return nn.functional.cross_entropy(logits, torch.tensor([task.labels.index(e.label) for e in examples]))
    start, end = _passage_logits(logits, batch)
    gold = torch.tensor([_answer_tokens(batch, row, example) for row, example in enumerate(examples)])
    return (nn.functional.cross_entropy(start, gold[:, 0]) + nn.functional.cross_entropy(end, gold[:, 1])) / 2


@torch.inference_mode()
def predict(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, head: nn.Linear, examples: Sequence[Example],
            task: Task, batch_size: int = 32) -> list[str]:
    """The predicted label, or the words of the predicted answer, of each example."""
    out: list[str] = []
    for first in range(0, len(examples), batch_size):
        part = examples[first:first + batch_size]
        batch = tokenize(tokenizer, part, task)
        logits = head(features(model, batch, task))
        if task.labels:
            out += [task.labels[index] for index in logits.argmax(dim=-1).tolist()]
        else:
            out += _best_spans(logits, batch, part)
    return out


def score(predicted: Sequence[str], examples: Sequence[Example], task: Task) -> tuple[str, float]:
    """The metric's name and value: accuracy for labels, mean token F1 (as in SQuAD) for answers."""
    gold = [example.label for example in examples]
    if task.labels:
        return "accuracy", float(accuracy_score(gold, predicted))
    return "F1", sum(map(token_f1, predicted, gold)) / len(gold)


def chance(task: Task) -> float:
    """What guessing scores on the test split: the most frequent label, or a random stretch of the passage as long as
    the answer (mean of 20 draws each, seed 0)."""
    if task.labels:
        return max(Counter(example.label for example in task.test).values()) / len(task.test)
    draw, total = random.Random(0), 0.0
    for example in task.test:
        words, length = example.text.split(), len(example.label.split())
        for _ in range(20):
            first = draw.randrange(len(words) - length + 1)
            total += token_f1(" ".join(words[first:first + length]), example.label)
    return total / (20 * len(task.test))


def token_f1(predicted: str, gold: str) -> float:
    """Overlap of two answers as bags of lower-cased words without punctuation: harmonic mean of precision and recall."""
    first, second = (Counter(word.strip(".,;:!?\"'()").lower() for word in text.split()) for text in (predicted, gold))
    common = sum((first & second).values())
    return 2 * common / (sum(first.values()) + sum(second.values())) if common else 0.0


def _passage_logits(logits: torch.Tensor, batch: BatchEncoding) -> tuple[torch.Tensor, torch.Tensor]:
    """Start and end scores (batch, tokens), with everything outside the passage ruled out."""
    passage = torch.tensor([[part == 1 for part in batch.sequence_ids(row)] for row in range(len(logits))])
    start, end = logits.masked_fill(~passage.unsqueeze(-1), -1e9).unbind(dim=-1)
    return start, end


def _answer_tokens(batch: BatchEncoding, row: int, example: Example) -> tuple[int, int]:
    assert example.start is not None
    first = batch.char_to_token(row, example.start, sequence_index=1)
    last = batch.char_to_token(row, example.start + len(example.label) - 1, sequence_index=1)
    if first is None or last is None:
        raise ValueError(f"the answer {example.label!r} lies beyond the {MAX_TOKENS} tokens that are read")
    return first, last


def _best_spans(logits: torch.Tensor, batch: BatchEncoding, examples: Sequence[Example]) -> list[str]:
    start, end = _passage_logits(logits, batch)
    spans = start.unsqueeze(2) + end.unsqueeze(1)  # (batch, start, end)
    ordered = torch.ones(spans.shape[1:], dtype=torch.bool).triu().tril(MAX_ANSWER_TOKENS - 1)
    best = spans.masked_fill(~ordered, -1e18).flatten(1).argmax(dim=1)
    answers = []
    for row, (flat, example) in enumerate(zip(best.tolist(), examples, strict=True)):
        first, last = divmod(flat, spans.shape[2])
        answers.append(example.text[batch["offset_mapping"][row, first, 0]:batch["offset_mapping"][row, last, 1]])
    return answers
