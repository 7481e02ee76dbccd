"""Frozen or tuned: which scores better on the same examples?

The same sentiment examples, the same head, the same number of steps; once the encoder stays frozen, once it is trained
along. At once: the two stored models of sentiment, scored now on held-out examples; seconds are those of their training. With a
task, or with your own labelled lines: learning curves, trained now on 4, 16, 64 and all examples with three seeds each, and a
recommendation.
"""

from collections.abc import Iterator
from typing import Annotated

import numpy as np
from pydantic import Field
from scipy.stats import binomtest

from demos.lab import heads, plots, reproduce
from demos.lab.choose import Lines, Seed, TrainingTask
from demos.lab.curve_evidence import curve_evidence
from demos.lab.evidence import Evidence, Finding, Progress, Table
from demos.lab.limit import check_limit
from demos.lab.measure import rounded
from demos.lab.tasks import load_task
from demos.lab.zoo import Zoo

PAIR = {"frozen": "sentiment_frozen", "tuned": "sentiment"}
Data = Annotated[TrainingTask | None, Field(description="Draws learning curves, in about a minute; without it, the stored models.")]


def run(zoo: Zoo, task: Data = None, lines: Lines | None = None, seed: Seed = 1) -> Evidence | Iterator[Progress | Evidence]:
    """With `lines`, your own examples (label, text; a quarter is held out), or with `task`: learning curves. `seed` is theirs.

    Accuracy on held-out examples, how many numbers learnt, seconds of training.
    """
    return _stored_pair(zoo) if task is None and lines is None else curve_evidence(zoo, task or "sentiment", lines, seed)


def _stored_pair(zoo: Zoo) -> Evidence:
    """Accuracy on held-out examples, trainable parameters, training seconds, largest change of any encoder weight."""
    task = load_task("sentiment")
    gold = [example.label for example in task.test]
    base = zoo.load("base").model.state_dict()
    rows, right = [], {}
    for name, key in PAIR.items():
        check_limit()
        encoder, record = zoo.load(key), zoo.training_record(key)
        predicted = heads.predict(encoder.model, encoder.tokenizer, zoo.load_head(key), task.test, task)
        right[name] = np.array([p == g for p, g in zip(predicted, gold, strict=True)])
        change = max(float((weight - base[tensor]).abs().max()) for tensor, weight in encoder.model.state_dict().items())
        rows.append((name, rounded(right[name].mean()), record["trainable"], record["seconds"], change))
    frozen, tuned = rows
    only_tuned = int((right["tuned"] & ~right["frozen"]).sum())
    only_frozen = int((right["frozen"] & ~right["tuned"]).sum())
    differ = only_tuned + only_frozen
    p = binomtest(only_tuned, differ).pvalue if differ else 1.0
    clear = p < 0.05
    chance = heads.chance(task)
    twin = "sentiment_seed2"  # control: tuned with another seed, as it scored after its training
    again = f" Tuned with another seed it scores {zoo.training_record(twin)['score']:.0%}." if zoo.is_ready(twin) else ""
    better = "tuned" if tuned[1] > frozen[1] else "frozen"
    verdict = f"{better} is better on these examples" if clear else "the difference is within what chance could do"
    advice = {"tuned": "tune: the gain is beyond chance", "frozen": "keep it frozen: it scores better and costs less"}[better]
    advice = advice if clear else "keep it frozen, which costs less: no gain beyond chance was seen"
    return Evidence(
        demo="frozen_or_tuned",
        claim=f"With {len(task.train)} training examples the frozen encoder scores {frozen[1]:.0%} and the tuned one "
              f"{tuned[1]:.0%} on {len(gold)} held-out reviews; {verdict}. Tuning trained {tuned[2]:,} numbers instead of "
              f"{frozen[2]:,} and took {tuned[3]:.0f} s instead of {frozen[3]:.0f} s. The largest change of any encoder "
              f"weight is {'exactly 0' if frozen[4] == 0 else format(frozen[4], '.2g')} when frozen and {tuned[4]:.2g} when tuned. "
              f"With data like these, {advice}.",
        caveat=f"One data set of {len(task.train) + len(gold)} short reviews written for this project, one seed, one recipe. "
               "The encoder is all-MiniLM-L6-v2, already tuned once for sentence similarity, which makes its frozen "
               "vectors better than those of a raw pretrained model. Seconds are this machine's.",
        baseline=f"Always guessing the more frequent label scores {chance:.0%}. Of the {len(gold)} reviews, {only_tuned} are "
                 f"right only when tuned and {only_frozen} only when frozen (sign test: p = {p:.2g}).{again}",
        table=Table(("encoder", "accuracy", "trainable parameters", "training (s)", "largest weight change"), tuple(rows)),
        figure=plots.bars({"accuracy": [frozen[1], tuned[1]]}, ["frozen", "tuned"], "accuracy (held-out)",
                          f"Bar chart: accuracy {frozen[1]:.0%} frozen, {tuned[1]:.0%} tuned; guessing scores {chance:.0%}.",
                          line=("guessing", chance)),
        receipts=tuple(zoo.load(key).receipt for key in ("base", *PAIR.values())),
        findings=(Finding(
            "dodi488", "On AG News with 2,000 training texts, a tuned bert-base-cased scored 87.4 % and a frozen one 80.8 %.",
            (better == "tuned") if clear else None, f"Here: tuned {tuned[1]:.1%}, frozen {frozen[1]:.1%}, p = {p:.2g}."),),
        reproduce=reproduce.script("frozen_or_tuned", {}, _snippet()),
    )


def _snippet() -> str:
    return reproduce.PATHS + """
import torch
from safetensors.torch import load_file
from transformers import AutoModel, AutoTokenizer

with open("demos/data/sentiment.jsonl", encoding="utf-8") as lines:
    test = [row for row in map(json.loads, lines) if row["split"] == "test"]
base = AutoModel.from_pretrained(paths["base"]).state_dict()
for name, key in (("frozen", "sentiment_frozen"), ("tuned", "sentiment")):
    tokenizer, model = AutoTokenizer.from_pretrained(paths[key]), AutoModel.from_pretrained(paths[key]).eval()
    head = load_file(paths[key] + "/head.safetensors")  # one linear layer on the mean token vector
    right = 0
    for row in test:
        batch = tokenizer(row["text"], return_tensors="pt")
        with torch.no_grad():
            mean = model(**batch).last_hidden_state[0].mean(0)
        right += ("negative", "positive")[int((head["weight"] @ mean + head["bias"]).argmax())] == row["label"]
    change = max(float((weight - base[tensor]).abs().max()) for tensor, weight in model.state_dict().items())
    trained = sum(w.numel() for w in head.values()) + (change > 0) * sum(
        w.numel() for tensor, w in model.named_parameters() if not tensor.startswith("pooler."))
    print(name, round(right / len(test), 6), trained, change, sep="\\t")
"""
