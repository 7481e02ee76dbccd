"""Which layer and which pooling make one vector of a text?

[CLS], the mean or the maximum over tokens, at every layer of the frozen encoder, for two uses that need not agree: as
features of a linear classifier that is trained (reviews' sentiment, recipes' course), and by plain cosine with no training
(a question is to find its passage among all passages).
"""

from collections.abc import Generator, Iterator, Sequence

import numpy as np
from scipy.stats import binomtest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from demos.lab import plots, reproduce
from demos.lab.choose import Seed
from demos.lab.encode import Encoder, sentence_states
from demos.lab.evidence import Evidence, Figure, Finding, Progress, Table
from demos.lab.heads import chance
from demos.lab.measure import rounded, unit
from demos.lab.tasks import load_task
from demos.lab.trial import sign_test
from demos.lab.zoo import Zoo

POOLINGS = ("[CLS]", "mean", "max")
CLS, MEAN = 0, 1
TASKS = ("sentiment", "cookbook")
SHUFFLES = 5
C = 0.01  # one strong regularisation for all: some hundred examples in hundreds of dimensions
EVERY = 96  # texts between two reports of progress
FIRST = 24  # passages for the first figure


def run(zoo: Zoo, seed: Seed = 0) -> Iterator[Progress | Evidence]:
    """Accuracy of logistic regression on held-out texts; share of questions nearest to their own passage. `seed` shuffles
    the labels for the baseline."""
    encoder = zoo.load("base")
    right: dict[str, np.ndarray] = {}  # what is measured -> which items are right: (pooling, layer, item)
    qa = [example for split in (load_task("qa").train, load_task("qa").test) for example in split]
    passages = list(dict.fromkeys(example.text for example in qa))
    asked, gold = [example.question or "" for example in qa], np.array([passages.index(example.text) for example in qa])
    some = gold < FIRST
    few = yield from _read(encoder, passages[:FIRST], "passages", (0, 0.02))
    soon = yield from _read(encoder, [text for text, among in zip(asked, some, strict=True) if among], "questions", (0.02, 0.04))
    right["questions"] = nearest_is(soon, few, gold[some])  # something to look at, until all have been read
    pool = yield from _read(encoder, passages, "passages", (0.04, 0.2), _figure(right))
    questions = yield from _read(encoder, asked, "questions", (0.2, 0.3), _figure(right))
    right["questions"] = nearest_is(questions, pool, gold)
    shuffled, spans = [], dict(zip(TASKS, ((0.3, 0.75), (0.75, 1)), strict=True))
    for name in TASKS:
        task = load_task(name)
        vectors = yield from _read(encoder, [e.text for e in (*task.train, *task.test)], f"{name} texts", spans[name], _figure(right))
        labels = np.array([e.label for e in (*task.train, *task.test)])
        right[name] = probe(vectors, labels, len(task.train))
        shuffled.append(_shuffled(vectors[:, [MEAN], -1:], labels, len(task.train), seed))
    rows = [(pooling, layer, *(rounded(right[name][p, layer].mean()) for name in (*TASKS, "questions")))
            for p, pooling in enumerate(POOLINGS) for layer in range(encoder.layers + 1)]
    yield Evidence(
        demo="pooling",
        claim=_claim(right, len(passages)),
        caveat="The encoder is all-MiniLM-L6-v2, itself already tuned once, for sentence similarity by cosine with mean pooling on its "
               "last layer: that layer and pooling play at home here, and a raw pretrained model may be ordered otherwise. Small test "
               "sets written for this project: differences of a few points are within chance, and the best of many looks better "
               "than it is. Questions and passages share topics by design.",
        baseline=_baseline(right, shuffled, len(passages)),
        table=Table(("pooling", "layer", *(f"{name} (accuracy)" for name in TASKS), "questions (share right)"), tuple(rows)),
        figure=_figure(right),
        receipts=(encoder.receipt,),
        findings=_findings(right),
        parameters={"seed": seed},
        seed=seed,
        reproduce=reproduce.script("pooling", {"seed": seed}, _snippet()),
    )


def pooled(states: np.ndarray) -> np.ndarray:
    """One vector of a text for each pooling, [CLS] and [SEP] taken in: (layer, token, d) -> (pooling, layer, d)."""
    return np.stack([states[:, 0], states.mean(axis=1), states.max(axis=1)])


def nearest_is(queries: np.ndarray, pool: np.ndarray, gold: np.ndarray) -> np.ndarray:
    """1 where the vector of the pool with the highest cosine is the right one, else 0: queries (q, pooling, layer, d), pool
    (p, pooling, layer, d), gold (q,) indices into the pool -> (pooling, layer, q).

    A tie counts as 1 / (number tied): [CLS] at layer 0 is the same vector for every text, and so scores exactly chance.
    """
    cosine = np.einsum("qxld,pxld->xlqp", unit(queries), unit(pool), optimize=True)
    best = np.isclose(cosine, cosine.max(axis=-1, keepdims=True), rtol=0, atol=1e-9)
    return best[..., np.arange(len(gold)), gold] / best.sum(axis=-1)


def probe(vectors: np.ndarray, labels: np.ndarray, train: int) -> np.ndarray:
    """1 where a logistic regression on the first `train` texts is right on one of the rest, else 0: vectors
    (text, pooling, layer, d), labels (text,) -> (pooling, layer, rest)."""
    _, poolings, layers, _ = vectors.shape
    right = np.empty((poolings, layers, len(labels) - train))
    for p, layer in np.ndindex(poolings, layers):
        model = make_pipeline(StandardScaler(), LogisticRegression(C=C, max_iter=1000))
        model.fit(vectors[:train, p, layer], labels[:train])
        right[p, layer] = model.predict(vectors[train:, p, layer]) == labels[train:]
    return right


def _shuffled(vectors: np.ndarray, labels: np.ndarray, train: int, seed: int) -> float:
    """Mean accuracy of the probe with its training labels shuffled: what the method finds where there is nothing."""
    draw = np.random.default_rng(seed)
    return float(np.mean([probe(vectors, np.concatenate([draw.permutation(labels[:train]), labels[train:]]), train).mean()
                          for _ in range(SHUFFLES)]))


def _read(encoder: Encoder, texts: Sequence[str], what: str, span: tuple[float, float],
          figure: Figure | None = None) -> Generator[Progress, None, np.ndarray]:
    """Encode texts, each once for all poolings and layers, with progress from span[0] to span[1]; returns
    (text, pooling, layer, d)."""
    order = sorted(range(len(texts)), key=lambda index: len(texts[index]))  # like lengths together: less padding
    out: list[np.ndarray] = [np.empty(0)] * len(texts)
    for number, (index, states) in enumerate(zip(order, sentence_states(encoder, [texts[i] for i in order]), strict=True)):
        if number % EVERY == 0:
            yield Progress(f"reading {what}: {number} of {len(texts)}",
                           span[0] + (span[1] - span[0]) * number / len(texts), figure)
        out[index] = pooled(states)
    return np.stack(out)


def _texts(right) -> np.ndarray:
    """Both tasks' held-out texts together: (pooling, layer, text)."""
    return np.concatenate([right[name] for name in TASKS], axis=2)


def _claim(right, passages) -> str:
    texts, questions = _texts(right), right["questions"]
    last = texts.shape[1] - 1
    mean = texts[MEAN].mean(axis=1)
    q, at = np.unravel_index(questions.mean(axis=2).argmax(), questions.shape[:2])
    return (f"As features of a trained linear classifier, layer {last} gets "
            + ", ".join(f"{texts[i, last].mean():.0%} ({name})" for i, name in enumerate(POOLINGS))
            + f" of {texts.shape[2]} held-out texts right; with the mean, every layer gets {mean.min():.0%} to {mean.max():.0%}. "
            f"By cosine alone, a question finds its own among {passages} passages in "
            + ", ".join(f"{questions[i, last].mean():.0%} ({name})" for i, name in enumerate(POOLINGS))
            + f" of {questions.shape[2]} cases at layer {last}; best is {POOLINGS[q]} at layer {at} with {questions[q, at].mean():.0%}.")


def _baseline(right, shuffled, passages) -> str:
    parts = [f"{chance(load_task(name)):.0%} for {name} (with shuffled labels the classifier gets {value:.0%})"
             for name, value in zip(TASKS, shuffled, strict=True)]
    texts = _sign(_texts(right))
    return (f"Guessing the most frequent label gets {' and '.join(parts)}; a passage drawn at random is the right one in "
            f"{1 / passages:.1%}. At the last layer, {texts[0]} texts are right only with the mean and {texts[1]} only with [CLS] "
            f"(sign test: p = {texts[2]:.2g}).")


def _sign(right: np.ndarray) -> tuple[int, int, float]:
    """At the last layer: items right only with the mean, only with [CLS], and the sign test's p."""
    mean, cls = right[MEAN, -1], right[CLS, -1]
    more, fewer = int((mean > cls).sum()), int((cls > mean).sum())
    return more, fewer, float(binomtest(more, more + fewer).pvalue) if more + fewer else 1.0


def _findings(right) -> tuple[Finding, ...]:
    texts, questions = _texts(right), right["questions"]
    more, fewer, p_cosine = _sign(questions)
    *_, p_probe = _sign(texts)
    cosine, trained = ([array[i, -1].mean() for i in (MEAN, CLS)] for array in (questions, texts))
    layers = texts[MEAN].mean(axis=1)
    right_of = texts[MEAN] > 0.5  # (layer, text)
    lowest, highest = sign_test(right_of[0], right_of[layers.argmax()]), sign_test(right_of[-2], right_of[-1])
    return (
        Finding("reimers2019", "By cosine, frozen BERT's [CLS] is far worse than the mean (29.2 and 54.8 on STS); under a trained "
                "classifier they are close (84.1 % and 84.4 % on SST).", more > fewer and p_cosine < 0.05 <= p_probe,
                f"Last layer, mean and [CLS]: by cosine {cosine[0]:.1%} and {cosine[1]:.1%} (sign test p = {p_cosine:.2g}), "
                f"trained {trained[0]:.1%} and {trained[1]:.1%} (p = {p_probe:.2g})."),
        Finding("devlin2019", "As frozen features for named entities, the embedding layer was the worst (91.0 F1).",
                bool(layers.argmin() == 0) if lowest < 0.05 else None,
                f"Mean pooling here, layers from 0 up: {', '.join(f'{value:.0%}' for value in layers)} (layer 0 against the best: "
                f"sign test p = {lowest:.2g})."),
        Finding("devlin2019", "As frozen features for named entities, the second-to-last layer (95.6 F1) beat the last (94.9).",
                bool(layers[-2] > layers[-1]) if highest < 0.05 else None,
                f"Mean pooling here: {layers[-2]:.1%} and {layers[-1]:.1%} (sign test p = {highest:.2g})."),
    )


def _figure(right) -> Figure:
    parts = []
    for what, names in (("trained classifier", TASKS), ("by cosine", ("questions",))):
        if all(name in right for name in names):
            scores = np.concatenate([right[name] for name in names], axis=2).mean(axis=2)
            layers = range(scores.shape[1])
            alt = f"Line chart, {what}: share right by layer, 0 to {layers[-1]}. " + "; ".join(
                f"{name}: {', '.join(f'{value:.0%}' for value in line)}" for name, line in zip(POOLINGS, scores, strict=True)) + "."
            parts.append(plots.lines(dict(zip(POOLINGS, scores.tolist(), strict=True)), layers, "layer (0 = embeddings)",
                                     f"share right, {what}", alt))
    return plots.stacked(parts, " ".join(part.alt for part in parts))


def _snippet() -> str:
    return reproduce.PATHS + f"""
import numpy, torch
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from transformers import AutoModel, AutoTokenizer

tokenizer, model = AutoTokenizer.from_pretrained(paths["base"]), AutoModel.from_pretrained(paths["base"]).eval()

def vectors(text):  # (pooling, layer, d): [CLS], mean, max
    with torch.no_grad():
        states = torch.stack(model(**tokenizer(text, return_tensors="pt"), output_hidden_states=True).hidden_states)[:, 0].double()
    return torch.stack([states[:, 0], states.mean(1), states.max(1).values]).numpy()

def read(name):  # the training examples first
    rows = [json.loads(line) for line in open(f"demos/data/{{name}}.jsonl", encoding="utf-8")]
    return [r for r in rows if r["split"] == "train"], [r for r in rows if r["split"] == "test"]

def unit(x):
    return x / numpy.linalg.norm(x, axis=-1, keepdims=True)

right = {{}}  # (pooling, layer) -> its scores
for name in {reproduce.literal(TASKS)}:
    train, test = read(name)
    x, y = numpy.stack([vectors(r["text"]) for r in train + test]), numpy.array([r["label"] for r in train + test])
    n = len(train)
    for p, layer in numpy.ndindex(x.shape[1:3]):
        probe = make_pipeline(StandardScaler(), LogisticRegression(C={C}, max_iter=1000)).fit(x[:n, p, layer], y[:n])
        right.setdefault((p, layer), []).append(probe.score(x[n:, p, layer], y[n:]))
train, test = read("qa")
passages = list(dict.fromkeys(r["context"] for r in train + test))
gold = numpy.array([passages.index(r["context"]) for r in train + test])
q, c = numpy.stack([vectors(r["question"]) for r in train + test]), numpy.stack([vectors(text) for text in passages])
for (p, layer), scores in right.items():
    cosine = unit(q[:, p, layer]) @ unit(c[:, p, layer]).T
    best = numpy.isclose(cosine, cosine.max(1, keepdims=True), rtol=0, atol=1e-9)  # a tie counts as 1 / number tied
    scores.append((best[numpy.arange(len(gold)), gold] / best.sum(1)).mean())
    print({reproduce.literal(POOLINGS)}[p], layer, *(round(float(score), 6) for score in scores), sep="\\t")
"""
