"""What does tuning on one task cost elsewhere?

Each tuned model's frozen vectors are put to other uses: a fresh linear classifier for the tasks that it was not tuned on, and
the order of sentence similarities. The base, another seed and the frozen control stand beside it. No encoder is trained here.
"""

from collections.abc import Generator

import numpy as np
from sklearn.linear_model import LogisticRegression

from demos.lab import plots, reproduce
from demos.lab.checkpoints import CHECKPOINTS
from demos.lab.choose import CONTROLS, Seed, tuned_models
from demos.lab.encode import sentence_vectors
from demos.lab.evidence import Evidence, Finding, Progress, Table
from demos.lab.measure import rounded
from demos.lab.similarity import rsa
from demos.lab.tasks import Task, load_task, other_words, subset
from demos.lab.trial import sign_test
from demos.lab.zoo import Zoo

TASKS = ("sentiment", "cookbook", "company", "tweets")
TRAIN = 160  # texts for each fresh classifier
SENTENCES = 60
OWN, OTHER = "own task", "other task"


def run(zoo: Zoo, models: list[str] | None = None, seed: Seed = 0) -> Generator[Progress | Evidence, None, None]:
    """Accuracy of logistic regression on the mean token vector; `seed` draws its training texts, the same for every model.

    Similarity kept: rank correlation, with the base, of the cosines of all pairs of 60 everyday sentences (1 = same order).
    """
    keys = tuned_models([*models, *CONTROLS] if models else None)
    tasks = {name: subset(load_task(name), TRAIN, seed) for name in TASKS}
    sentences = [item.text for item in other_words()[:SENTENCES]]
    right: dict[tuple[str, str], np.ndarray] = {}
    kept: dict[str, float] = {}
    reference = np.empty(0)
    for number, key in enumerate(["base", *keys]):
        encoder = zoo.load(key)
        vectors = sentence_vectors(encoder, sentences)
        reference = vectors if key == "base" else reference
        kept[key] = rsa(reference, vectors)
        for name, task in tasks.items():
            right[key, name] = _probe(encoder, task)
        if number < len(keys):
            yield Progress(f"reading the {CHECKPOINTS[key].name} model's vectors", (number + 1) / (len(keys) + 1),
                           _figure(right, kept) if number else None)
    rows = [(key, name, OWN if CHECKPOINTS[key].data == name else OTHER, rounded(right[key, name].mean()),
             rounded(right["base", name].mean()), rounded(kept[key])) for key in keys for name in TASKS]
    parameters = {"models": keys if models else None, "seed": seed}
    tuned = [key for key in keys if key not in CONTROLS]
    yield Evidence(
        demo="forgetting",
        claim=_claim(right, kept, tuned),
        caveat="This measures how useful a tuned model's frozen vectors still are, not whether it could still do what it was pretrained "
               f"for: the base has no masked-word head. {TRAIN} training texts a classifier, one seed, short trainings; longer ones "
               "forget more. The base is all-MiniLM-L6-v2, already tuned once, for sentence similarity: the very thing whose order "
               "is compared here.",
        baseline=_baseline(right, kept, keys, tasks),
        table=Table(("model", "classifier for", "which is its", "accuracy", "accuracy in the base", "similarity kept (rank correlation)"),
                    tuple(rows)),
        figure=_figure(right, kept),
        receipts=tuple(zoo.load(key).receipt for key in ["base", *keys]),
        findings=(_finding(right, tuned),) if tuned else (),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("forgetting", parameters, _snippet(keys, seed)),
    )


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
    parts = [f"{CHECKPOINTS[key].name} {change[key] * 100:+.0f} points, similarity order {kept[key]:.2f}" for key in tuned]
    return (f"On tasks that a model was not tuned on, a fresh classifier on its frozen vectors changes against the base by, on average: "
            f"{'; '.join(parts)}. The second number is how far the order of sentence similarities was kept (1 = the base's order).")


def _baseline(right, kept, keys, tasks) -> str:
    base = " and ".join(f"{right['base', name].mean():.0%} on {name}" for name in ("sentiment", "cookbook"))
    text = (f"The base's own vectors get {base}; a few points up or down are luck "
            f"({len(tasks['sentiment'].test)} held-out texts for sentiment).")
    if {"sentiment", "sentiment_seed2"} <= set(keys):
        change = _changes(right, ["sentiment", "sentiment_seed2"])
        text += (f" Two sentiment models that differ only in the seed change by {change['sentiment'] * 100:+.0f} and "
                 f"{change['sentiment_seed2'] * 100:+.0f} points and keep {kept['sentiment']:.2f} and {kept['sentiment_seed2']:.2f}.")
    if "sentiment_frozen" in keys:
        same = kept["sentiment_frozen"] > 1 - 1e-9 and not _changes(right, ["sentiment_frozen"])["sentiment_frozen"]
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


def _figure(right, kept):
    keys = [key for key in kept if key == "base" or (key in dict.fromkeys(key for key, _ in right) and key not in CONTROLS)]
    others = {key: float(np.mean([right[key, name].mean() for name in TASKS if CHECKPOINTS[key].data != name])) for key in keys}
    names = [CHECKPOINTS[key].name.replace(" ", "\n") for key in keys]
    alt = ("Bar chart, by model: accuracy on other tasks and similarity order kept: "
           + "; ".join(f"{CHECKPOINTS[key].name} {others[key]:.0%} and {kept[key]:.2f}" for key in keys) + ".")
    return plots.bars({"accuracy on other tasks": [others[key] for key in keys], "similarity order kept": [kept[key] for key in keys]},
                      names, "share, or rank correlation", alt)


def _snippet(keys, seed) -> str:
    return reproduce.VECTORS + f"""
import numpy as np
from scipy.stats import spearmanr
from sklearn.linear_model import LogisticRegression
from demos.lab.tasks import load_task, subset  # the same {TRAIN} training texts

def means(key, texts):  # mean token vector of each text
    return torch.stack([hidden(key, text)[0][-1].mean(0) for text in texts]).numpy()

words = [json.loads(line)["text"] for line in open("demos/data/words.jsonl", encoding="utf-8")][:{SENTENCES}]
tasks = {{name: subset(load_task(name), {TRAIN}, {seed}) for name in {list(TASKS)!r}}}
data = {reproduce.literal({key: CHECKPOINTS[key].data for key in keys})}

def cosines(key):
    rows = means(key, words)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return (rows @ rows.T)[np.triu_indices(len(rows), 1)]

def accuracy(key, task):
    model = LogisticRegression(max_iter=2000).fit(means(key, [e.text for e in task.train]), [e.label for e in task.train])
    return float(np.mean(model.predict(means(key, [e.text for e in task.test])) == np.array([e.label for e in task.test])))

before = {{name: accuracy("base", task) for name, task in tasks.items()}}
for key in {reproduce.literal(list(keys))}:
    kept = spearmanr(cosines("base"), cosines(key)).statistic
    for name, task in tasks.items():
        which = "{OWN}" if data[key] == name else "{OTHER}"
        print(key, name, which, round(accuracy(key, task), 6), round(before[name], 6), round(float(kept), 6), sep="\\t")
"""
