"""What does tuning do to word2vec? A static table frozen, tuned, and learnt from nothing.

One classifier on the mean of the word vectors, three tables: random, word2vec kept frozen, word2vec trained along. Then the
question of Kim (2014): do "good" and "bad", close neighbours in word2vec, move apart, while pairs without polarity do not?
"""

from collections.abc import Sequence

import numpy as np
import torch
from gensim.utils import simple_preprocess
from torch import nn

from demos.lab import heads, plots, reproduce
from demos.lab.choose import Seed, TrainingTask
from demos.lab.evidence import DemoError, Evidence, Finding, Table
from demos.lab.measure import drift, rounded
from demos.lab.static import SIZE, word2vec
from demos.lab.tasks import Task, load_task
from demos.lab.trial import sign_test
from demos.lab.zoo import Zoo

EPOCHS, BATCH, TABLE_RATE, HEAD_RATE = 30, 32, 1e-3, 1e-2
POLAR = (("good", "bad"), ("great", "terrible"), ("love", "hate"), ("best", "worst"), ("better", "worse"), ("happy", "sad"),
         ("warm", "cold"), ("fresh", "stale"), ("easy", "hard"), ("beautiful", "ugly"))
NEUTRAL = (("table", "chair"), ("morning", "evening"), ("bread", "butter"), ("city", "town"), ("book", "story"), ("door", "window"),
           ("day", "week"), ("mother", "father"), ("street", "house"), ("music", "song"))
FEWEST_PAIRS = 3
WAYS = ("random, trained", "word2vec, frozen", "word2vec, trained")


def run(zoo: Zoo, task: TrainingTask = "sentiment", seed: Seed = 0) -> Evidence:
    """The same texts, head, epochs and order of batches for the three. `seed` draws the random table, the head and the order."""
    data = load_task(task)
    vectors = word2vec(zoo.cache / "static")
    words = {word: row for row, word in enumerate(vectors.index_to_key)}
    table = torch.tensor(np.asarray(vectors.vectors), dtype=torch.float32)
    scale = float(table.std())
    random = torch.randn(table.shape, generator=torch.Generator().manual_seed(seed)) * scale
    trained = {way: _train(start, words, data, seed, frozen=way == WAYS[1])
               for way, start in zip(WAYS, (random, table, table), strict=True)}
    other = _train(table, words, data, seed + 1, frozen=False)[0].numpy()  # control: what another seed makes of it
    right = {way: _right(found, head, words, data) for way, (found, head) in trained.items()}
    score = {way: float(right[way].mean()) for way in WAYS}
    after = trained[WAYS[2]][0].numpy()
    seen = _seen(words, data)
    moved = drift(table.numpy().astype(np.float64), after.astype(np.float64))
    unseen = np.setdiff1d(np.arange(len(words)), seen)
    rows: list[tuple] = [("score", way, rounded(score[way]), "") for way in WAYS]
    apart: dict[str, list[float]] = {"polar": [], "neutral": [], "polar, other seed": [], "neutral, other seed": []}
    for kind, pairs in (("polar", POLAR), ("neutral", NEUTRAL)):
        for one, other_word in pairs:
            if {one, other_word} <= set(words) and {words[one], words[other_word]} <= set(seen.tolist()):
                before, now = (_cosine(space, words[one], words[other_word]) for space in (table.numpy(), after))
                rows.append((kind, f"{one} / {other_word}", rounded(before), rounded(now)))
                apart[kind].append(now - before)
                apart[f"{kind}, other seed"].append(_cosine(other, words[one], words[other_word]) - before)
    polar, neutral = (np.array(apart[kind]) for kind in ("polar", "neutral"))
    if min(len(polar), len(neutral)) < FEWEST_PAIRS:
        raise DemoError(f"Too few of the word pairs stand in the texts of {task}; choose sentiment.")
    chance, base = heads.chance(data), zoo.load("base")
    parameters = {"task": task, "seed": seed}
    return Evidence(
        demo="static_tuned",
        claim=f"With the same classifier, {task} is right on {score[WAYS[0]]:.0%} of {len(data.test)} held-out texts with a random table, "
              f"{score[WAYS[1]]:.0%} with word2vec kept frozen and {score[WAYS[2]]:.0%} with word2vec trained along. Training changed the "
              f"cosine of {len(polar)} pairs of opposites by {polar.mean():+.3f} on average and that of {len(neutral)} pairs without "
              f"polarity by {neutral.mean():+.3f}. {len(unseen):,} words that no training text holds moved by "
              f"{'exactly 0' if not moved[unseen].any() else f'{moved[unseen].max():.1e}, which should be 0'}.",
        caveat=f"This word2vec was trained on the bundled texts alone, a few thousand sentences ({len(words):,} words, {SIZE} "
               "dimensions): far poorer than a usual one, and it has seen the held-out texts (without their labels). One seed's scores. In "
               "such a table opposites are close because they stand in like sentences. The encoder of the other experiments, "
               "all-MiniLM-L6-v2, "
               "already tuned once, for sentence similarity, plays no part here.",
        baseline=f"Guessing gets {chance:.0%}. The pairs without polarity are the reference for the opposites; with another seed the two "
                 f"change by {np.mean(apart['polar, other seed']):+.3f} and {np.mean(apart['neutral, other seed']):+.3f}. The "
                 f"{len(seen):,} words of the training texts moved {moved[seen].mean():.3f} on average (1 − cosine). Trained against "
                 f"frozen word2vec: p = {sign_test(right[WAYS[2]], right[WAYS[1]]):.2g} (sign test).",
        table=Table(("what", "which", "accuracy, or cosine before", "cosine after"), tuple(rows)),
        figure=plots.bars({"before": [_mean(rows, "polar", 2), _mean(rows, "neutral", 2)],
                           "after": [_mean(rows, "polar", 3), _mean(rows, "neutral", 3)]},
                          ["opposites\n(good / bad …)", "no polarity\n(table / chair …)"], "mean cosine of a pair",
                          f"Bar chart: mean cosine of opposites {_mean(rows, 'polar', 2):.2f} before and {_mean(rows, 'polar', 3):.2f} "
                          f"after training, of pairs without polarity {_mean(rows, 'neutral', 2):.2f} and "
                          f"{_mean(rows, 'neutral', 3):.2f}."),
        receipts=(base.receipt,),
        findings=(
            Finding("kim2014", "In word2vec “good” is among the nearest words of “bad”; trained for sentiment, the vectors become more "
                    "specific to the task.",
                    _apart(polar, neutral), f"Cosine of opposites {polar.mean():+.3f}, of other pairs {neutral.mean():+.3f}."),
            Finding("kim2014", "On movie reviews, tuned word vectors scored a little better than frozen ones (81.5 and 81.0), and random "
                    "ones worst (76.1).",
                    _order(right, score), "; ".join(f"{way} {score[way]:.1%}" for way in WAYS) + ".")),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("static_tuned", parameters, _snippet(task, seed)),
    )


def _train(start: torch.Tensor, words: dict[str, int], data: Task, seed: int, frozen: bool) -> tuple[torch.Tensor, nn.Linear]:
    """The table after training, (words, d), and the head. Adam without weight decay: a row without gradient stays as it is."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        table = nn.EmbeddingBag.from_pretrained(start.clone(), freeze=frozen, mode="mean")
        head = nn.Linear(start.shape[1], len(data.labels))
        groups: list[dict] = [{"params": head.parameters(), "lr": HEAD_RATE}]
        if not frozen:
            groups.append({"params": table.parameters(), "lr": TABLE_RATE})
        optimizer = torch.optim.Adam(groups)
        texts = [_rows(example.text, words) for example in data.train]
        gold = torch.tensor([data.labels.index(example.label) for example in data.train])
        for _ in range(EPOCHS):
            for part in torch.randperm(len(texts)).split(BATCH):
                loss = nn.functional.cross_entropy(head(_means(table, [texts[i] for i in part.tolist()])), gold[part])
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
    return table.weight.detach(), head


def _right(table: torch.Tensor, head: nn.Linear, words: dict[str, int], data: Task) -> np.ndarray:
    """Which of the held-out texts are predicted right: (texts,) bool."""
    bag = nn.EmbeddingBag.from_pretrained(table, mode="mean")
    with torch.inference_mode():
        guesses = head(_means(bag, [_rows(example.text, words) for example in data.test])).argmax(dim=1).tolist()
    return np.array([data.labels[guess] == example.label for guess, example in zip(guesses, data.test, strict=True)])


def _rows(text: str, words: dict[str, int]) -> list[int]:
    return [words[word] for word in simple_preprocess(text, min_len=1) if word in words]


def _means(table: nn.EmbeddingBag, texts: Sequence[list[int]]) -> torch.Tensor:
    """The mean vector of each text's words: (texts, d); a text without any known word gives zeros."""
    starts = torch.tensor([0, *np.cumsum([len(text) for text in texts])[:-1].tolist()])
    return table(torch.tensor([row for text in texts for row in text], dtype=torch.long), starts)


def _seen(words: dict[str, int], data: Task) -> np.ndarray:
    return np.unique([row for example in data.train for row in _rows(example.text, words)])


def _cosine(space: np.ndarray, one: int, other: int) -> float:
    return float(1 - drift(space[one].astype(np.float64), space[other].astype(np.float64)))


def _mean(rows: list, kind: str, column: int) -> float:
    return float(np.mean([row[column] for row in rows if row[0] == kind]))


def _apart(polar: np.ndarray, neutral: np.ndarray) -> bool | None:
    """Whether opposites moved apart more than other pairs; None if the spread over pairs covers the difference."""
    difference = polar.mean() - neutral.mean()
    error = np.sqrt(polar.var(ddof=1) / len(polar) + neutral.var(ddof=1) / len(neutral))
    return None if abs(difference) < 2 * error else bool(difference < 0)


def _order(right: dict[str, np.ndarray], score: dict[str, float]) -> bool | None:
    if min(sign_test(right[WAYS[1]], right[WAYS[0]]), sign_test(right[WAYS[2]], right[WAYS[1]])) >= 0.05:
        return None
    return bool(score[WAYS[0]] < score[WAYS[1]] <= score[WAYS[2]])


def _snippet(task: str, seed: int) -> str:
    """The table and the loop again with plain PyTorch; word2vec is read from the file that the project keeps."""
    return reproduce.PATHS + f"""
import numpy as np, torch
from gensim.utils import simple_preprocess
from torch import nn
from demos.lab.static import word2vec
from demos.lab.zoo import default_zoo

vectors = word2vec(default_zoo().cache / "static")
words = vectors.key_to_index
with open("demos/data/{task}.jsonl", encoding="utf-8") as lines:
    data = [json.loads(line) for line in lines]
train, test = ([row for row in data if row["split"] == split] for split in ("train", "test"))
labels = sorted({{row["label"] for row in train}})

def rows(text):
    return [words[word] for word in simple_preprocess(text, min_len=1) if word in words]

def means(table, texts):
    starts = torch.tensor([0, *np.cumsum([len(text) for text in texts])[:-1].tolist()])
    return table(torch.tensor([row for text in texts for row in text], dtype=torch.long), starts)

start = torch.tensor(np.asarray(vectors.vectors), dtype=torch.float32)
random = torch.randn(start.shape, generator=torch.Generator().manual_seed({seed})) * float(start.std())
texts, gold = [rows(row["text"]) for row in train], torch.tensor([labels.index(row["label"]) for row in train])
for way, table, frozen in (("random, trained", random, False), ("word2vec, frozen", start, True), ("word2vec, trained", start, False)):
    torch.manual_seed({seed})
    bag, head = nn.EmbeddingBag.from_pretrained(table.clone(), freeze=frozen, mode="mean"), nn.Linear(start.shape[1], len(labels))
    groups = [{{"params": head.parameters(), "lr": {HEAD_RATE}}}] + ([] if frozen else [{{"params": bag.parameters(), "lr": {TABLE_RATE}}}])
    optimizer = torch.optim.Adam(groups)
    for _ in range({EPOCHS}):
        for part in torch.randperm(len(texts)).split({BATCH}):
            loss = nn.functional.cross_entropy(head(means(bag, [texts[i] for i in part.tolist()])), gold[part])
            optimizer.zero_grad(); loss.backward(); optimizer.step()
    with torch.no_grad():
        guesses = head(means(bag, [rows(row["text"]) for row in test])).argmax(1).tolist()
    print("score", way, round(np.mean([labels[g] == row["label"] for g, row in zip(guesses, test)]), 6), "", sep="\\t")
after, seen = bag.weight.detach(), {{row for text in texts for row in text}}
for kind, pairs in (("polar", {POLAR!r}), ("neutral", {NEUTRAL!r})):
    for one, other in pairs:
        if one in words and other in words and words[one] in seen and words[other] in seen:
            a, b = words[one], words[other]
            cosines = [round(torch.cosine_similarity(table[a], table[b], dim=0).item(), 6) for table in (start, after)]
            print(kind, f"{{one}} / {{other}}", *cosines, sep="\\t")
"""
