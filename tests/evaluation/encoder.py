"""Tunes the search encoder to this project's sections, with LoRA.

    python -m tests.evaluation.encoder [--steps 240] [--out DIR]

Pairs are a reader's message (knowledge/messages.jsonl: for each section a long, a middling and a careless one, written without its text
in front of the reader) or an article's own way of asking, and the text of the section that answers, or another way of asking for
it. A batch is made of neighbouring sections, so that each is told from those it is mistaken for; questions of other fields
(knowledge/outside.txt) stand among the wrong answers. The loss is cross-entropy over cosines (InfoNCE, van den Oord et al. 2018),
in both directions. A tenth of the messages is kept out, and how well those are found is printed for the encoder as it came and as
it is tuned: the share of messages whose section is first, and among the first three, by the cosine to its text alone.

The adapter goes to knowledge/encoder/, where knowledge/embedder.py finds it. Training computes in bfloat16 and differs a little
between machines; the search does not, since it uses the one adapter that is kept. After a new one, fit what stands on its
cosines: late.py, rank.py, calibrate.py, yes_no.py.
"""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
import typer
from peft import LoraConfig, PeftModel, get_peft_model
from sentence_transformers import SentenceTransformer
from torch.nn import functional

from knowledge import Article, read_articles
from knowledge.embedder import ADAPTER, base_folder
from knowledge.library import MESSAGES
from knowledge.scope import outside_questions
from tests.evaluation.questions import lines

KINDS = ("long", "medium", "short")  # of messages, for each section
SHARES = (0.25, 0.25, 0.2, 0.3)  # of batches with long, middling and short messages, and with ways of asking
LORA = LoraConfig(r=16, lora_alpha=32, lora_dropout=0.05, target_modules=r".*encoder\.layer.*\.(query|key|value|dense)")
BATCH, NEIGHBOURS = 64, 8  # sections in a batch, of which so many are one section and its neighbours
OUTSIDE = 16  # questions of other fields among the wrong answers
RATE, WARM_UP, TEMPERATURE = 8e-4, 30, 0.05
QUERY_PIECES, TEXT_PIECES, ASK_PIECES = 112, 72, 48  # read of each; the search itself reads 256
TEXTS = 0.6  # how often the right answer is the section's text; else another way of asking for it


class Pairs(NamedTuple):
    """All that is known of each section, by its number."""

    texts: list[str]
    asks: list[tuple[str, ...]]  # the heading first
    messages: list[list[dict[str, str]]]  # kind -> message, to learn from
    kept_out: list[list[dict[str, str]]]  # the same, to measure with
    also: list[set[int]]  # sections that answer the same messages about as well: never taken as wrong


def read_pairs(articles: list[Article], rows: list[dict]) -> Pairs:
    """The pairs of all sections, with messages from rows of messages.jsonl. Raises KeyError for one of a section that does not exist."""
    sections = [(article.slug, section) for article in articles for section in article.sections]
    place = {(slug, section.heading): number for number, (slug, section) in enumerate(sections)}
    messages: list[list[dict[str, str]]] = [[] for _ in sections]
    kept_out: list[list[dict[str, str]]] = [[] for _ in sections]
    also: list[set[int]] = [set() for _ in sections]
    for row in rows:
        number = place[row["slug"], row["heading"]]
        (kept_out if row["use"] == "kept out" else messages)[number].append({kind: row[kind] for kind in KINDS})
        for slug, heading in row.get("also", []):
            other = place[slug, heading]
            also[number].add(other)
            also[other].add(number)
    asks = [(section.heading, *section.asks) for _, section in sections]
    return Pairs([f"{section.heading} {section.plain}" for _, section in sections], asks, messages, kept_out, also)


class Batches:
    """Draws batches: numbers of sections, what is asked for each, and what answers it."""

    def __init__(self, pairs: Pairs, vectors: np.ndarray, seed: int) -> None:
        self._pairs, self._draw = pairs, np.random.default_rng(seed)
        alike = vectors @ vectors.T - 2 * np.eye(len(vectors))
        self._near = np.argsort(-alike, axis=1)[:, :30]
        self._outside, self._order = outside_questions(), []  # type: list[str], list[int]

    def __call__(self) -> tuple[list[int], list[str], list[str], bool, list[str]]:
        """(sections, questions, answers, whether the answers are texts, questions of other fields)"""
        kind, numbers = self._draw.choice([*KINDS, "ask"], p=SHARES), self._sections()
        as_text = bool(self._draw.random() < TEXTS)
        questions = [self._question(number, kind) for number in numbers]
        answers = [self._pairs.texts[number] if as_text else self._other_ask(number, question)
                   for number, question in zip(numbers, questions, strict=True)]
        return numbers, questions, answers, as_text, self._draw.choice(self._outside, OUTSIDE, replace=False).tolist()

    def _sections(self) -> list[int]:
        numbers: list[int] = []
        size = min(BATCH, len(self._pairs.texts))
        while len(numbers) < size:
            if not self._order:
                self._order = self._draw.permutation(len(self._pairs.texts)).tolist()
            first = self._order.pop()
            for number in [first, *self._draw.permutation(self._near[first])[: NEIGHBOURS - 1].tolist()]:
                if number not in numbers and len(numbers) < size:
                    numbers.append(number)
        return numbers

    def _question(self, number: int, kind: str) -> str:
        written = self._pairs.messages[number] if kind in KINDS else []
        return self._draw.choice([message[kind] for message in written] or self._pairs.asks[number])

    def _other_ask(self, number: int, question: str) -> str:
        asks = self._pairs.asks[number]
        return self._draw.choice([ask for ask in asks if ask != question] or asks)


def embed(model: PeftModel, tokenizer, texts: list[str], pieces: int) -> torch.Tensor:
    """(n, d) unit vectors: the mean over word pieces, as all-MiniLM-L6-v2 pools."""
    batch = tokenizer(texts, padding=True, truncation=True, max_length=pieces, return_tensors="pt")
    with torch.autocast("cpu", torch.bfloat16):
        states = model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).last_hidden_state
    mask = batch["attention_mask"].unsqueeze(-1).float()
    return functional.normalize((states.float() * mask).sum(1) / mask.sum(1), dim=-1)


def train(model: PeftModel, tokenizer, pairs: Pairs, batches: Batches, steps: int) -> Iterator[float]:
    """One loss a step."""
    model.train()
    optimizer = torch.optim.AdamW([weight for weight in model.parameters() if weight.requires_grad], lr=RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: min(1, (step + 1) / WARM_UP) * max(0.0, 1 - step / steps))
    for _ in range(steps):
        numbers, questions, answers, as_text, others = batches()
        asked = embed(model, tokenizer, questions, QUERY_PIECES)
        given = embed(model, tokenizer, answers, TEXT_PIECES if as_text else ASK_PIECES)
        outside = embed(model, tokenizer, others, ASK_PIECES)
        right_too = torch.tensor([[-1e4 if other in pairs.also[one] and other != one else 0.0 for other in numbers] for one in numbers])
        target = torch.arange(len(numbers))
        loss = functional.cross_entropy(torch.cat([asked @ given.T / TEMPERATURE + right_too, asked @ outside.T / TEMPERATURE], 1), target)
        loss += 0.5 * functional.cross_entropy(
            torch.cat([given @ asked.T / TEMPERATURE + right_too.T, given @ outside.T / TEMPERATURE], 1), target)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        yield loss.item()


def found(encoder: SentenceTransformer, pairs: Pairs) -> dict[str, tuple[float, float]]:
    """By kind of message that was kept out: the share whose section is first, and among the first three, by the cosine to its text."""
    texts = encoder.encode(pairs.texts, normalize_embeddings=True)
    shares = {}
    for kind in KINDS:
        rows = [(number, message[kind]) for number, messages in enumerate(pairs.kept_out) for message in messages]
        order = np.argsort(-encoder.encode([text for _, text in rows], normalize_embeddings=True) @ texts.T, axis=1)[:, :3]
        right = np.array([[place == number or place in pairs.also[number] for place in three]
                          for three, (number, _) in zip(order.tolist(), rows, strict=True)])
        shares[kind] = (float(right[:, 0].mean()), float(right.any(axis=1).mean()))
    return shares


def main(steps: int = 240, seed: int = 0, out: Path = ADAPTER) -> None:
    """Train, print, and write the adapter."""
    torch.manual_seed(seed)
    pairs = read_pairs(list(read_articles()), lines(MESSAGES))
    encoder = SentenceTransformer(str(base_folder()), device="cpu", local_files_only=True)
    print("section first, among three, as it came: ", _shown(found(encoder, pairs)), flush=True)
    batches = Batches(pairs, encoder.encode(pairs.texts, normalize_embeddings=True), seed)
    model, began = get_peft_model(encoder[0].auto_model, LORA), time.perf_counter()
    recent: list[float] = []
    for step, loss in enumerate(train(model, encoder.tokenizer, pairs, batches, steps), start=1):
        recent = [*recent[-19:], loss]
        if step % 20 == 0:
            print(f"step {step} of {steps}, loss {np.mean(recent):.3f}, {time.perf_counter() - began:.0f} s", flush=True)
    model.eval()
    model.peft_config["default"].base_model_name_or_path = "sentence-transformers/all-MiniLM-L6-v2"  # not where it lies here
    model.half().save_pretrained(str(out), safe_serialization=True)  # a megabyte instead of two
    model.float()
    (out / "README.md").unlink(missing_ok=True)  # an empty form
    print("section first, among three, tuned: ", _shown(found(encoder, pairs)))


def _shown(shares: dict[str, tuple[float, float]]) -> str:
    return ", ".join(f"{kind} {first:.0%} {three:.0%}" for kind, (first, three) in shares.items())


if __name__ == "__main__":
    typer.run(main)
