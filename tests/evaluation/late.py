"""Trains the projection by which word pieces are compared (knowledge/late.py), on the hidden states of the frozen encoder.

    python -m tests.evaluation.late [--steps 400] [--out DIR]

A reader's message (knowledge/messages.jsonl) is held against its section, that section's neighbours and those of the other messages in the
step, as the search does it: each word piece of the message against all those of a section's heading, ways of asking and text. The
loss is cross-entropy over the sections. Only the projection learns, so every text is read once and training takes minutes. It begins
with the directions in which the pieces differ most. A tenth of the sections is kept out; printed is the share of their messages whose
section is first, and among the first three, by these scores alone: with the hidden states as they are, with the first projection,
with the learnt one.
"""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch
import typer
from safetensors.torch import save_file
from torch.nn import functional

from knowledge import SentenceEmbedder, read_articles
from knowledge.embedder import ADAPTER, PROJECTION
from knowledge.late import LateInteraction
from knowledge.library import MESSAGES
from tests.evaluation.encoder import KINDS, Pairs, read_pairs
from tests.evaluation.questions import lines

SIZE = 64  # numbers that are left of a word piece
BATCH, NEIGHBOURS = 48, 6  # messages in a step, and sections of the neighbourhood that each brings along
RATE, TEMPERATURE = 1e-3, 0.02
States = list[np.ndarray]  # of each text its word pieces, (k, d) float16


def docs(pairs: Pairs, embed: SentenceEmbedder) -> States:
    """All that is written of each section, as word pieces."""
    asks = [(number, ask) for number, several in enumerate(pairs.asks) for ask in several]
    parts: list[States] = [[text] for text in embed.states(pairs.texts)]
    for (number, _), states in zip(asks, embed.states([ask for _, ask in asks]), strict=True):
        parts[number].append(states)
    return [np.concatenate(states) for states in parts]


def padded(states: States) -> tuple[torch.Tensor, torch.Tensor]:
    """(n, k, d) and the mask (n, k) of what is no padding."""
    rows = [torch.from_numpy(state).float() for state in states]
    mask = [torch.ones(len(row), dtype=torch.bool) for row in rows]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True), torch.nn.utils.rnn.pad_sequence(mask, batch_first=True)


def scores(project: torch.nn.Linear, questions: States, texts: States) -> torch.Tensor:
    """(questions, texts): weighted means of the best cosines, as in knowledge/late.py."""
    asked, there = padded(questions)
    asked = project(asked) * there.unsqueeze(-1)
    found = []
    for states in texts:  # one by one: side by side and padded they would need gigabytes
        given = functional.normalize(project(torch.from_numpy(states).float()), dim=-1)
        found.append((asked @ given.T).amax(-1).masked_fill(~there, 0).sum(1))
    return torch.stack(found, dim=1) / (asked.norm(dim=-1).sum(1, keepdim=True) + 1e-6)


def train(project: torch.nn.Linear, pairs: Pairs, sections: States, messages: list[tuple[int, np.ndarray]], near: np.ndarray, steps: int,
          seed: int = 0) -> Iterator[float]:
    """One loss a step. `messages`: number of the section, states; `near`: (sections, n) each section's neighbours."""
    draw, optimizer = np.random.default_rng(seed), torch.optim.AdamW(project.parameters(), lr=RATE)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(steps):
        chosen = [messages[n] for n in draw.choice(len(messages), min(BATCH, len(messages)), replace=False)]
        others = [int(n) for number, _ in chosen for n in draw.permutation(near[number])[:NEIGHBOURS]]
        numbers = list(dict.fromkeys([number for number, _ in chosen] + others))
        place = {number: n for n, number in enumerate(numbers)}
        right_too = torch.tensor([[-1e4 if other in pairs.also[one] and other != one else 0.0 for other in numbers] for one, _ in chosen])
        found = scores(project, [states for _, states in chosen], [sections[number] for number in numbers])
        loss = functional.cross_entropy(found / TEMPERATURE + right_too, torch.tensor([place[number] for number, _ in chosen]))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        yield loss.item()


def first(pairs: Pairs, sections: States, messages: list[tuple[int, np.ndarray]], weight: np.ndarray | None = None) -> str:
    """The share of messages whose section is first, and among the first three."""
    def projected(states: np.ndarray) -> np.ndarray:
        return states if weight is None else states.astype(np.float32) @ weight.T

    everything = np.arange(len(sections))
    late = LateInteraction([projected(states) for states in sections], everything)
    right = []
    for number, states in messages:
        three = np.argsort(-late(projected(states), everything), kind="stable")[:3].tolist()
        right.append([place == number or place in pairs.also[number] for place in three])
    found = np.array(right)
    return f"{found[:, 0].mean():.1%} {found.any(axis=1).mean():.1%}"


def main(steps: int = 400, seed: int = 0, out: Path = ADAPTER) -> None:
    """Train, print, and write the projection."""
    torch.manual_seed(seed)
    pairs, embed = read_pairs(list(read_articles()), lines(MESSAGES)), SentenceEmbedder()
    sections, vectors = docs(pairs, embed), embed(pairs.texts)
    near = np.argsort(-(vectors @ vectors.T - 2 * np.eye(len(vectors))), axis=1)[:, :30]
    texts = {name: [(number, row[kind]) for number, rows in enumerate(which) for row in rows for kind in KINDS]
             for name, which in (("learn", pairs.messages), ("keep", pairs.kept_out))}
    read = {name: list(zip([number for number, _ in rows], embed.states([text for _, text in rows]), strict=True))
            for name, rows in texts.items()}
    print("section first, among three: hidden states", first(pairs, sections, read["keep"]), flush=True)
    project = torch.nn.Linear(sections[0].shape[1], SIZE, bias=False)
    some = torch.from_numpy(np.concatenate(sections)[::20]).float()
    project.weight.data = torch.linalg.svd(functional.normalize(some, dim=-1), full_matrices=False).Vh[:SIZE].contiguous()
    print("first projection", first(pairs, sections, read["keep"], project.weight.detach().numpy()), flush=True)
    recent: list[float] = []
    for step, loss in enumerate(train(project, pairs, sections, read["learn"], near, steps, seed), start=1):
        recent = [*recent[-39:], loss]
        if step % 40 == 0:
            print(f"step {step} of {steps}, loss {np.mean(recent):.3f}", flush=True)
    weight = project.weight.detach().half()
    print("learnt projection", first(pairs, sections, read["keep"], weight.float().numpy()))
    save_file({"weight": weight.contiguous()}, str(out / PROJECTION))


if __name__ == "__main__":
    typer.run(main)
