"""What does tuning on one task cost elsewhere?

Each tuned model's frozen vectors are put to other uses: a fresh linear classifier for the tasks that it was not tuned on, the
senses of ambiguous words, and the order of sentence similarities. The base, another seed and the frozen control stand beside it.
No encoder is trained here.
"""

from collections.abc import Generator
from dataclasses import replace

import numpy as np
from sklearn.linear_model import LogisticRegression

from demos.lab import plots, reproduce
from demos.lab.checkpoints import CHECKPOINTS
from demos.lab.choose import CONTROLS, NO_TWIN, TWINS, Seed, tuned_models
from demos.lab.encode import sentence_vectors, word_vectors
from demos.lab.evidence import Evidence, Finding, Progress, Table
from demos.lab.measure import nearest_centroid_accuracy, rounded
from demos.lab.similarity import rsa
from demos.lab.tasks import Task, load_task, other_words, read_lines, subset
from demos.lab.trial import sign_test
from demos.lab.zoo import Zoo

TASKS = ("sentiment", "cookbook", "company", "tweets")
TRAIN, TEST = 120, 120  # texts for each fresh classifier, and at most for its test: every model reads them all
SENTENCES = 60
USES = 6  # sentences for each sense of a word
OWN, OTHER, SENSES = "own task", "other task", "word senses"


def run(zoo: Zoo, models: list[str] | None = None, seed: Seed = 0) -> Generator[Progress | Evidence, None, None]:
    """Accuracy of logistic regression on the mean token vector; `seed` draws its texts, the same for every model.

    Senses told apart: accuracy of the nearer of two sense means (leave one out), at the last layer, mean over the bundled words.
    Similarity kept: rank correlation, with the base, of the cosines of all pairs of 60 everyday sentences (1 = same order).
    """
    keys = tuned_models([*models, *CONTROLS] if models else None)
    for key in keys:
        zoo.load(key)  # a model that is still missing is reported before any work is done
    tasks = {name: _task(name, seed) for name in TASKS}
    sentences = [item.text for item in other_words()[:SENTENCES]]
    right: dict[tuple[str, str], np.ndarray] = {}  # (model, task or SENSES) -> which texts are right; by word for senses
    kept: dict[str, float] = {}
    reference = sentence_vectors(zoo.load("base"), sentences)
    for number, key in enumerate(["base", *keys]):  # the quickest measure first, so that there is something to see
        kept[key] = rsa(reference, sentence_vectors(zoo.load(key), sentences))
        yield Progress(f"sentence similarities of the {CHECKPOINTS[key].name} model", 0.05 * number / len(keys),
                       _figure(right, kept) if number else None)
    for number, key in enumerate(["base", *keys]):
        right[key, SENSES] = _senses_told_apart(zoo, key)
        for name, task in tasks.items():
            right[key, name] = _probe(zoo.load(key), task)
            yield Progress(f"the {CHECKPOINTS[key].name} model's vectors, used for {name}", 0.05 + 0.95 * number / (len(keys) + 1),
                           _figure(right, kept) if name == TASKS[-1] else None)
    rows = [(key, name, "no task" if name == SENSES else OWN if CHECKPOINTS[key].data == name else OTHER, rounded(right[key, name].mean()),
             rounded(right["base", name].mean()), rounded(kept[key])) for key in keys for name in (*TASKS, SENSES)]
    parameters = {"models": keys if models else None, "seed": seed}
    tuned = [key for key in keys if key not in CONTROLS]
    yield Evidence(
        demo="forgetting",
        claim=_claim(right, kept, tuned),
        caveat="This measures how useful a tuned model's frozen vectors still are, not whether it could still do what it was "
               f"pretrained for: the base has no masked-word head. {TRAIN} training texts a classifier, at most {TEST} test texts, one "
               "seed, short trainings; longer ones forget more. The base is all-MiniLM-L6-v2, already tuned once, for sentence "
               "similarity: the very thing whose order is compared here.",
        baseline=_baseline(right, kept, keys, tasks),
        table=Table(("model", "classifier for", "which is its", "accuracy", "accuracy in the base", "similarity kept (rank correlation)"),
                    tuple(rows)),
        figure=_figure(right, kept),
        receipts=tuple(zoo.load(key).receipt for key in ["base", *keys]),
        findings=(_finding(right, tuned), _sense_finding(right, tuned)) if tuned else (),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("forgetting", parameters, _snippet(keys, seed)),
    )


def _task(name: str, seed: int) -> Task:
    """A few of a task's texts, drawn by `seed`."""
    task = subset(load_task(name), TRAIN, seed)
    test = replace(task, train=task.test)
    return replace(task, test=subset(test, min(TEST, len(task.test)), seed).train)


def sense_uses() -> dict[str, list[tuple[str, str]]]:
    """Bundled ambiguous words, each with (sense, sentence), the first few of every sense."""
    found: dict[str, list[tuple[str, str]]] = {}
    for row in read_lines("senses"):
        uses = found.setdefault(row["word"], [])
        if sum(sense == row["sense"] for sense, _ in uses) < USES:
            uses.append((row["sense"], row["text"]))
    return found


def _senses_told_apart(zoo: Zoo, key: str) -> np.ndarray:
    """Accuracy by word, (words,)."""
    uses, encoder = sense_uses(), zoo.load(key)
    every = [(word, sense, text) for word, pairs in uses.items() for sense, text in pairs]
    vectors = word_vectors(encoder, [word for word, _, _ in every], [text for _, _, text in every])[:, -1]
    words, senses = np.array([word for word, _, _ in every]), np.array([sense for _, sense, _ in every])
    return np.array([nearest_centroid_accuracy(vectors[words == word], senses[words == word]) for word in uses])


def _probe(encoder, task: Task) -> np.ndarray:
    """Which held-out texts a fresh classifier on frozen vectors gets right: (texts,) bool."""
    features = {split: sentence_vectors(encoder, [example.text for example in examples])
                for split, examples in (("train", task.train), ("test", task.test))}
    model = LogisticRegression(max_iter=2000).fit(features["train"], [example.label for example in task.train])
    return model.predict(features["test"]) == np.array([example.label for example in task.test])


def _changes(right, keys) -> dict[str, float]:
    """Mean change of accuracy against the base over the tasks that a model was not tuned on."""
    return {key: float(np.mean([right[key, name].mean() - right["base", name].mean() for name in TASKS if CHECKPOINTS[key].data != name]))
            for key in keys}


def _claim(right, kept, tuned) -> str:
    change = _changes(right, tuned)
    parts = [f"{CHECKPOINTS[key].name} {change[key] * 100:+.0f} points, {right[key, SENSES].mean():.0%}, {kept[key]:.2f}" for key in tuned]
    return (f"Three numbers for each model: how a fresh classifier on its frozen vectors changes against the base on tasks that the model "
            f"was not tuned on; how many word senses its vectors tell apart (base {right['base', SENSES].mean():.0%}); how far the order "
            f"of sentence similarities is the base's (1 = the same). {'; '.join(parts)}.")


def _baseline(right, kept, keys, tasks) -> str:
    base = " and ".join(f"{right['base', name].mean():.0%} on {name}" for name in ("sentiment", "cookbook"))
    text = (f"The base's own vectors get {base}, and guessing gets half of the senses; a few points up or down are luck "
            f"({len(tasks['sentiment'].test)} held-out texts for sentiment).")
    if not set(TWINS) <= set(keys):
        text += NO_TWIN
    else:
        change = _changes(right, ["sentiment", "sentiment_seed2"])
        text += (f" Two sentiment models that differ only in the seed change by {change['sentiment'] * 100:+.0f} and "
                 f"{change['sentiment_seed2'] * 100:+.0f} points and keep {kept['sentiment']:.2f} and {kept['sentiment_seed2']:.2f}.")
    if "sentiment_frozen" in keys:
        same = (kept["sentiment_frozen"] > 1 - 1e-9 and not _changes(right, ["sentiment_frozen"])["sentiment_frozen"]
                and (right["sentiment_frozen", SENSES] == right["base", SENSES]).all())
        text += " The frozen encoder changes by exactly 0 and keeps 1." if same else " The frozen encoder changed: do not trust this run."
    return text


def _finding(right, tuned) -> Finding:
    pairs = [(key, name) for key in tuned for name in TASKS if CHECKPOINTS[key].data != name]
    before = np.concatenate([right["base", name] for _, name in pairs])
    after = np.concatenate([right[key, name] for key, name in pairs])
    p, lost = sign_test(before, after), float(before.mean() - after.mean())
    # Catastrophic would be the loss of a good part of what was there; a loss that chance could make is none.
    return Finding("merchant2020", "Fine-tuning did not lead to catastrophic forgetting of linguistic phenomena.",
                   bool(lost < 0.1) if p < 0.05 or abs(lost) < 0.02 else None,
                   f"Over {len(pairs)} pairs of model and other task, accuracy went from {before.mean():.0%} to {after.mean():.0%} "
                   f"(sign test: p = {p:.2g}); under ten points is not called catastrophic here.")


def _sense_finding(right, tuned) -> Finding:
    """The same statement, held against something that no classifier has to learn."""
    worst = min(tuned, key=lambda key: right[key, SENSES].mean())
    lost = right["base", SENSES] - right[worst, SENSES]  # by word
    error = lost.std(ddof=1) / len(lost) ** 0.5
    return Finding("merchant2020", "Fine-tuning did not lead to catastrophic forgetting of linguistic phenomena (here: word senses).",
                   None if 0.05 < lost.mean() < 2 * error else bool(lost.mean() < 0.1),
                   f"Word senses told apart: base {right['base', SENSES].mean():.0%}, worst tuned model ({CHECKPOINTS[worst].name}) "
                   f"{right[worst, SENSES].mean():.0%}, over {len(lost)} words; under ten points is not called catastrophic here.")


def _figure(right, kept):
    """Of what has been measured so far."""
    keys = [key for key in kept if key not in CONTROLS]
    mean = {pair: float(found.mean()) for pair, found in right.items()}
    others = {key: float(np.mean([mean.get((key, name), np.nan) for name in TASKS if CHECKPOINTS[key].data != name])) for key in keys}
    told = {key: mean.get((key, SENSES), np.nan) for key in keys}
    groups = {"accuracy on other tasks": others, "word senses told apart": told, "similarity order kept": {key: kept[key] for key in keys}}
    groups = {name: values for name, values in groups.items() if not all(np.isnan(value) for value in values.values())}
    alt = "Bar chart, by model: " + "; ".join(
        f"{name}: " + ", ".join(f"{CHECKPOINTS[key].name} {value:.2f}" for key, value in values.items() if not np.isnan(value))
        for name, values in groups.items()) + "."
    return plots.bars({name: list(values.values()) for name, values in groups.items()},
                      [CHECKPOINTS[key].name.replace(" ", "\n") for key in keys], "share, or rank correlation", alt)


def _snippet(keys, seed) -> str:
    return reproduce.VECTORS + f"""
import numpy as np
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression
from dataclasses import replace
from demos.lab.tasks import load_task, subset  # the same texts

def means(key, texts):  # mean token vector of each text
    return torch.stack([hidden(key, text)[0][-1].mean(0) for text in texts]).numpy()

words = [json.loads(line)["text"] for line in open("demos/data/words.jsonl", encoding="utf-8")][:{SENTENCES}]
tasks = {{}}
for name in {list(TASKS)!r}:
    task = subset(load_task(name), {TRAIN}, {seed})
    tasks[name] = replace(task, test=subset(replace(task, train=task.test), min({TEST}, len(task.test)), {seed}).train)
uses = {{}}  # the first {USES} sentences of every sense of a word
for row in map(json.loads, open("demos/data/senses.jsonl", encoding="utf-8")):
    rows = uses.setdefault(row["word"], [])
    if sum(other["sense"] == row["sense"] for other in rows) < {USES}:
        rows.append(row)
data = {reproduce.literal({key: CHECKPOINTS[key].data for key in keys})}

def cosines(key):
    rows = means(key, words)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows @ rows.T)[np.triu_indices(len(rows), 1)]

def accuracy(key, task):
    model = LogisticRegression(max_iter=2000).fit(means(key, [e.text for e in task.train]), [e.label for e in task.train])
    return float(np.mean(model.predict(means(key, [e.text for e in task.test])) == np.array([e.label for e in task.test])))

def senses(key):  # leave one out: is the mean of the own sense the nearer one?
    right = []
    for word, rows in uses.items():
        found = torch.nn.functional.normalize(torch.stack([vectors(key, word, row["text"])[-1] for row in rows]), dim=1).numpy()
        names = np.array([row["sense"] for row in rows])
        for i, name in enumerate(names):
            means = {{sense: found[(names == sense) & (np.arange(len(names)) != i)].mean(0) for sense in set(names)}}
            right.append(max(means, key=lambda sense: means[sense] @ found[i] / np.linalg.norm(means[sense])) == name)
    return float(np.mean(right))

before = {{name: accuracy("base", task) for name, task in tasks.items()}}
told = senses("base")
for key in {reproduce.literal(list(keys))}:
    kept = spearmanr(cosines("base"), cosines(key)).statistic
    for name, task in tasks.items():
        which = "{OWN}" if data[key] == name else "{OTHER}"
        print(key, name, which, round(accuracy(key, task), 6), round(before[name], 6), round(float(kept), 6), sep="\\t")
    print(key, "{SENSES}", "no task", round(senses(key), 6), round(told, 6), round(float(kept), 6), sep="\\t")
"""
