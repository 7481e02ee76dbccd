"""What does tuning do to word2vec? A static table frozen, tuned, and learnt from nothing.

One classifier on the mean of the word vectors, three tables: random, word2vec kept frozen, word2vec trained along; three seeds each. Then
the question of Kim (2014): do "good" and "bad", close neighbours in word2vec, move apart, while pairs without polarity do not?
"""

from collections.abc import Generator, Sequence

import numpy as np
import torch
from gensim.utils import simple_preprocess
from torch import nn

from demos.lab import heads, plots, reproduce
from demos.lab.choose import Seed, TrainingTask
from demos.lab.evidence import DemoError, Evidence, Figure, Finding, Progress, Table
from demos.lab.measure import drift, rounded
from demos.lab.static import SIZE, word2vec
from demos.lab.tasks import Task, load_task
from demos.lab.trial import beats
from demos.lab.zoo import Zoo

EPOCHS, BATCH, TABLE_RATE, HEAD_RATE = 30, 32, 1e-3, 1e-2
POLAR = (("good", "bad"), ("great", "terrible"), ("love", "hate"), ("best", "worst"), ("better", "worse"), ("happy", "sad"),
         ("warm", "cold"), ("fresh", "stale"), ("easy", "hard"), ("beautiful", "ugly"))
NEUTRAL = (("table", "chair"), ("morning", "evening"), ("bread", "butter"), ("city", "town"), ("book", "story"), ("door", "window"),
           ("day", "week"), ("mother", "father"), ("street", "house"), ("music", "song"))
FEWEST_PAIRS, SEEDS = 3, 3
WAYS = ("random, trained", "word2vec, frozen", "word2vec, trained")


def run(zoo: Zoo, task: TrainingTask = "sentiment", seed: Seed = 0) -> Generator[Progress | Evidence, None, None]:
    """The same texts, head, epochs and order of batches for the three. `seed` and the next two draw the random table, the head and
    the order."""
    data = load_task(task)
    vectors = word2vec(zoo.cache / "static")
    words = {word: row for row, word in enumerate(vectors.index_to_key)}
    table = torch.tensor(np.asarray(vectors.vectors), dtype=torch.float32)
    seen = _seen(words, data)
    pairs = {kind: [pair for pair in listed if set(pair) <= set(words) and {words[word] for word in pair} <= set(seen.tolist())]
             for kind, listed in (("polar", POLAR), ("neutral", NEUTRAL))}
    if min(map(len, pairs.values())) < FEWEST_PAIRS:
        raise DemoError(f"Too few of the word pairs stand in the texts of {task}; choose sentiment.")
    right: dict[str, list[np.ndarray]] = {way: [] for way in WAYS}  # which held-out texts each seed has right
    tables: list[np.ndarray] = []  # word2vec, trained, by seed
    for each in range(seed, seed + SEEDS):
        random = torch.randn(table.shape, generator=torch.Generator().manual_seed(each)) * float(table.std())
        for way, start in zip(WAYS, (random, table, table), strict=True):
            after, head = _train(start, words, data, each, frozen=way == WAYS[1])
            right[way].append(_right(after, head, words, data))
            done = sum(map(len, right.values()))
            yield Progress(f"“{way}”: seed {each - seed + 1} of {SEEDS} trained", done / (SEEDS * len(WAYS)), _scores(right))
        tables.append(after.numpy())
    yield _evidence(zoo, data, {"task": task, "seed": seed}, words, table.numpy(), tables, pairs, seen,
                    {way: np.stack(found) for way, found in right.items()})


def _evidence(zoo: Zoo, data: Task, parameters: dict, words: dict[str, int], before: np.ndarray, tables: list[np.ndarray],
              pairs: dict[str, list[tuple[str, str]]], seen: np.ndarray, right: dict[str, np.ndarray]) -> Evidence:
    """`right[way]` is (seeds, texts) bool, `before` and each of `tables` (words, d)."""
    start = {kind: np.array([_cosine(before, words[a], words[b]) for a, b in found]) for kind, found in pairs.items()}
    now = {kind: np.array([[_cosine(after, words[a], words[b]) for a, b in found] for after in tables]) for kind, found in pairs.items()}
    apart = {kind: now[kind] - start[kind] for kind in pairs}  # (seeds, pairs)
    polar, neutral = (apart[kind].mean(axis=0) for kind in pairs)  # by pair
    moved = np.stack([drift(before.astype(np.float64), after.astype(np.float64)) for after in tables])  # (seeds, words)
    unseen = np.setdiff1d(np.arange(len(words)), seen)
    said = {way: "{:.0%} ({:.0%} to {:.0%})".format(*_spread(found.mean(axis=1))) for way, found in right.items()}
    chance, base = heads.chance(data), zoo.load("base")
    rows: list[tuple] = [("score", way, *map(rounded, _spread(found.mean(axis=1))), "") for way, found in right.items()]
    rows += [(kind, " / ".join(pair), *map(rounded, _spread(now[kind][:, at])), rounded(start[kind][at]))
             for kind, found in pairs.items() for at, pair in enumerate(found)]
    means = {"before": [float(start[kind].mean()) for kind in pairs], "after": [float(now[kind].mean()) for kind in pairs]}
    clear, p = beats(right[WAYS[2]], right[WAYS[1]])
    return Evidence(
        demo="static_tuned",
        claim=f"With the same classifier, {data.name} is right on {said[WAYS[0]]} of {len(data.test)} held-out texts with a random table, "
              f"{said[WAYS[1]]} with word2vec kept frozen and {said[WAYS[2]]} with word2vec trained along (mean of {SEEDS} seeds, lowest "
              f"to highest). Training changed the cosine of {len(polar)} pairs of opposites by {polar.mean():+.3f} on average and that of "
              f"{len(neutral)} pairs without polarity by {neutral.mean():+.3f}. {len(unseen):,} words that no training text holds moved by "
              f"{'exactly 0' if not moved[:, unseen].any() else f'{moved[:, unseen].max():.1e}, which should be 0'}.",
        caveat=f"This word2vec was trained on the bundled texts alone, a few thousand sentences ({len(words):,} words, {SIZE} "
               f"dimensions): far poorer than a usual one, and it has seen the held-out texts (without their labels). {SEEDS} seeds of the "
               "classifier, one word2vec. In such a table opposites are close because they stand in like sentences. The encoder of the "
               "other experiments, all-MiniLM-L6-v2, already tuned once, for sentence similarity, plays no part here.",
        baseline=f"Guessing gets {chance:.0%}. The pairs without polarity are the reference for the opposites; with one or another seed "
                 "the two change by " + ", ".join(f"{mine.mean():+.3f} and {other.mean():+.3f}" for mine, other in
                                                  zip(apart["polar"], apart["neutral"], strict=True)) + ". The "
                 f"{len(seen):,} words of the training texts moved {moved[:, seen].mean():.3f} on average (1 − cosine). Trained beats "
                 "frozen word2vec if its worst seed is above the best frozen one and the sign test over the texts agrees "
                 f"(p = {p:.2g}): here it {'does' if clear else 'does not'}.",
        table=Table(("what", "which", "accuracy, or cosine after (mean of seeds)", "lowest", "highest", "cosine before"), tuple(rows)),
        figure=plots.bars(means, ["opposites\n(good / bad …)", "no polarity\n(table / chair …)"], "mean cosine of a pair",
                          "Bar chart: mean cosine of opposites {:.2f} before and {:.2f} after training, of pairs without polarity {:.2f} "
                          "and {:.2f}.".format(*(means[when][kind] for kind in (0, 1) for when in means))),
        receipts=(base.receipt,),
        findings=(
            Finding("kim2014", "In word2vec “good” is among the nearest words of “bad”; trained for sentiment, the vectors become more "
                    "specific to the task.",
                    _apart(polar, neutral), f"Cosine of opposites {polar.mean():+.3f}, of other pairs {neutral.mean():+.3f}, mean of "
                    f"{SEEDS} seeds."),
            Finding("kim2014", "On movie reviews, tuned word vectors scored a little better than frozen ones (81.5 and 81.0), and random "
                    "ones worst (76.1).",
                    _order(right), "; ".join(f"{way} {said[way]}" for way in WAYS) + f", mean of {SEEDS} seeds, lowest to highest.")),
        parameters=parameters,
        seed=parameters["seed"],
        reproduce=reproduce.script("static_tuned", parameters, _snippet(parameters["task"], parameters["seed"])),
    )


def _spread(values: np.ndarray) -> tuple[float, float, float]:
    """Mean, lowest and highest."""
    return float(values.mean()), float(values.min()), float(values.max())


def _scores(right: dict[str, list[np.ndarray]]) -> Figure:
    """Accuracy so far, mean of the seeds that are done."""
    scores = {way: float(np.mean(found)) for way, found in right.items() if found}
    return plots.bars({"accuracy": list(scores.values())}, [way.replace(", ", ",\n") for way in scores], "accuracy (held-out)",
                      "Bar chart: accuracy so far, " + ", ".join(f"{way} {score:.0%}" for way, score in scores.items()) + ".")


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


def _apart(polar: np.ndarray, neutral: np.ndarray) -> bool | None:
    """Whether opposites moved apart more than other pairs; None if the spread over pairs covers the difference."""
    difference = polar.mean() - neutral.mean()
    error = np.sqrt(polar.var(ddof=1) / len(polar) + neutral.var(ddof=1) / len(neutral))
    return None if abs(difference) < 2 * error else bool(difference < 0)


def _order(right: dict[str, np.ndarray]) -> bool | None:
    """Whether random is clearly worst and trained at least as good as frozen; False if one of the two is clearly the other way."""
    (random, frozen, trained), mean = (right[way] for way in WAYS), {way: found.mean() for way, found in right.items()}
    if beats(random, frozen)[0] or beats(frozen, trained)[0]:
        return False
    return True if beats(frozen, random)[0] and mean[WAYS[2]] >= mean[WAYS[1]] else None


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

def show(what, which, values, before):  # mean, lowest and highest of the seeds
    print(what, which, *(round(float(value), 6) for value in (np.mean(values), min(values), max(values))), before, sep="\t")

start = torch.tensor(np.asarray(vectors.vectors), dtype=torch.float32)
texts, gold = [rows(row["text"]) for row in train], torch.tensor([labels.index(row["label"]) for row in train])

def once(table, frozen, seed):  # accuracy, and the table afterwards
    torch.manual_seed(seed)
    bag, head = nn.EmbeddingBag.from_pretrained(table.clone(), freeze=frozen, mode="mean"), nn.Linear(start.shape[1], len(labels))
    groups = [{{"params": head.parameters(), "lr": {HEAD_RATE}}}] + ([] if frozen else [{{"params": bag.parameters(), "lr": {TABLE_RATE}}}])
    optimizer = torch.optim.Adam(groups)
    for _ in range({EPOCHS}):
        for part in torch.randperm(len(texts)).split({BATCH}):
            loss = nn.functional.cross_entropy(head(means(bag, [texts[i] for i in part.tolist()])), gold[part])
            optimizer.zero_grad(); loss.backward(); optimizer.step()
    with torch.no_grad():
        guesses = head(means(bag, [rows(row["text"]) for row in test])).argmax(1).tolist()
    return np.mean([labels[g] == row["label"] for g, row in zip(guesses, test)]), bag.weight.detach()

def random(seed):
    return torch.randn(start.shape, generator=torch.Generator().manual_seed(seed)) * float(start.std())

seeds = range({seed}, {seed + SEEDS})
for way, first, frozen in (("random, trained", random, False), ("word2vec, frozen", lambda seed: start, True),
                           ("word2vec, trained", lambda seed: start, False)):
    scores, after = zip(*(once(first(seed), frozen, seed) for seed in seeds))
    show("score", way, scores, "")
seen = {{row for text in texts for row in text}}
for kind, pairs in (("polar", {POLAR!r}), ("neutral", {NEUTRAL!r})):
    for one, other in pairs:
        if one in words and other in words and words[one] in seen and words[other] in seen:
            a, b = words[one], words[other]
            before, *now = (torch.cosine_similarity(table[a].double(), table[b].double(), dim=0).item() for table in (start, *after))
            show(kind, f"{{one}} / {{other}}", now, round(before, 6))
"""
