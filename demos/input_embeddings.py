"""Which rows of the embedding table does tuning change, and how much?

Before any layer runs, BERT looks each word piece up in a table of 30,522 rows. Full tuning sends a gradient to a row only if
its piece stands in the training texts, and the recipe here has no weight decay: so rows of other pieces must stay exactly
as they were. Which rows moved, how little, and which moved most, in each tuned model.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from demos.lab import heads, plots, reproduce
from demos.lab.checkpoints import CHECKPOINTS, row_of
from demos.lab.choose import CONTROLS, Seed, tuned_models
from demos.lab.encode import Encoder
from demos.lab.evidence import Evidence, Figure, Finding, Progress, Table
from demos.lab.measure import drift, relative_change, rounded
from demos.lab.tasks import load_task
from demos.lab.zoo import Zoo

SHOWN = 10  # pieces that moved most, a model
PAIRS = 1000  # random pairs of rows: what unrelated pieces look like


@dataclass(frozen=True)
class Moved:
    """What tuning did to the embedding table of one model; changes are norm of the difference / norm before."""

    key: str
    seen: int  # rows whose piece stands in the training texts
    rows: int  # rows that differ in any bit
    strays: int  # of these, rows whose piece does not stand in the training texts
    change: float  # mean over the rows that moved
    largest: float
    turned: float  # mean drift of the rows that moved
    blocks: float  # the change of all weights of the Transformer blocks together
    most: tuple[tuple[str, float, int], ...]  # pieces that moved most: piece, change, occurrences
    positions: int  # rows of the position table that differ
    types: int  # rows of the token-type table that differ


def run(zoo: Zoo, models: list[str] | None = None, seed: Seed = 0) -> Iterator[Progress | Evidence]:
    """Relative change of a row = norm of the difference / norm before; drift = 1 - cosine. `seed` draws random pairs of rows."""
    keys = tuned_models([*models, *CONTROLS] if models else None)
    base = zoo.load("base")
    found: list[Moved] = []
    for number, key in enumerate(keys):
        found.append(_compare(base, zoo.load(key), training_pieces(base, key)))
        yield Progress(f"Model “{CHECKPOINTS[key].name}”: every row compared", (number + 1) / len(keys), _figure(found))
    yield _evidence(zoo, seed, found, {"models": keys if models else None, "seed": seed})


def training_pieces(base: Encoder, key: str) -> Counter[int]:
    """Row -> occurrences in the training texts of a model, [CLS] and [SEP] included, as training cuts them.

    [PAD] is left out: batches hold it, but torch gives the padding row no gradient (`padding_idx`).
    """
    task = load_task(row_of(key).data or "")
    batch = heads.tokenize(base.tokenizer, task.train, task)
    counts = Counter(batch["input_ids"].flatten().tolist())
    del counts[base.tokenizer.pad_token_id]
    return counts


def table(encoder: Encoder, name: str = "word") -> np.ndarray:
    """One of the three embedding tables, "word", "position" or "token_type": (rows, d), float32."""
    weight: np.ndarray = encoder.model.state_dict()[f"embeddings.{name}_embeddings.weight"].numpy()
    return weight


def _changed(base: Encoder, tuned: Encoder, name: str = "word") -> np.ndarray:
    """Which rows differ in any bit: (rows,)."""
    return (table(base, name) != table(tuned, name)).any(axis=1)


def _compare(base: Encoder, tuned: Encoder, pieces: Counter[int]) -> Moved:
    before, after = table(base).astype(float), table(tuned).astype(float)
    rows = np.flatnonzero(_changed(base, tuned))
    change = np.linalg.norm(after[rows] - before[rows], axis=1) / np.linalg.norm(before[rows], axis=1)
    order = np.argsort(-change, kind="stable")[:SHOWN]
    names = base.tokenizer.convert_ids_to_tokens(rows[order].tolist())
    return Moved(
        tuned.key, len(pieces), len(rows), int((~np.isin(rows, list(pieces))).sum()),
        rounded(change.mean()) if len(rows) else 0.0, rounded(change.max()) if len(rows) else 0.0,
        rounded(drift(before[rows], after[rows]).mean()) if len(rows) else 0.0,
        rounded(relative_change(_blocks(base), _blocks(tuned))),
        tuple((name, rounded(change[at]), pieces[int(rows[at])]) for name, at in zip(names, order, strict=True)),
        int(_changed(base, tuned, "position").sum()), int(_changed(base, tuned, "token_type").sum()))


def _blocks(encoder: Encoder) -> list[np.ndarray]:
    return [weight.numpy() for name, weight in encoder.model.state_dict().items() if name.startswith("encoder.layer.")]


def _evidence(zoo: Zoo, seed: int, found: list[Moved], parameters: dict) -> Evidence:
    base, keys = zoo.load("base"), [moved.key for moved in found]
    before = table(base).astype(float)
    pairs = np.random.default_rng(seed).integers(len(before), size=(PAIRS, 2))
    unrelated = drift(before[pairs[:, 0]], before[pairs[:, 1]]).mean()
    tasks = [moved for moved in found if moved.key not in CONTROLS] or found
    return Evidence(
        demo="input_embeddings",
        claim=_claim(tasks, len(before)),
        caveat="Rows outside the training texts stay because the recipe has no weight decay; with weight decay they would shrink. A "
               "word whose row stays may still get another vector: the layers above changed too. The base, all-MiniLM-L6-v2, "
               "was itself already tuned once.",
        baseline=_baseline(found, unrelated),
        table=Table(("model", "rows in its training texts", "rows that moved", "of them not in the texts", "relative change (mean)",
                     "relative change (largest)", "drift (mean)", "relative change of the blocks",
                     "moved most (relative change, occurrences)"),
                    tuple((moved.key, moved.seen, moved.rows, moved.strays, moved.change, moved.largest, moved.turned, moved.blocks,
                           "; ".join(f"“{piece}” {change:.1%} ({times}×)" for piece, change, times in moved.most) or "none")
                          for moved in found)),
        controls=Table(("model", "position rows that moved", "of", "token-type rows that moved", "of"), tuple(
            (moved.key, moved.positions, len(table(base, "position")), moved.types, len(table(base, "token_type"))) for moved in found)),
        figure=_figure(found),
        receipts=tuple(zoo.load(key).receipt for key in ["base", *keys]),
        findings=(Finding(
            "merchant2020", "Fine-tuning changes mainly the upper layers.", _less_than_blocks(tasks),
            "Relative change of the rows that moved, and of the blocks above: " + ", ".join(
                f"{moved.change:.1%} and {moved.blocks:.1%} ({CHECKPOINTS[moved.key].name})" for moved in tasks) + "."),),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("input_embeddings", parameters, _snippet(keys)),
    )


def _less_than_blocks(tasks: list[Moved]) -> bool | None:
    """True if the rows that moved changed by less than half of what the blocks did, False if by more; between: cannot tell."""
    ratio = max(moved.change / moved.blocks if moved.blocks else 0.0 for moved in tasks)
    return True if 0 < ratio < 0.5 else False if ratio > 1 else None


def _claim(tasks: list[Moved], size: int) -> str:
    text = f"Of the {size:,} rows of the embedding table, tuning moved " + ", ".join(
        f"{moved.rows:,} in the {CHECKPOINTS[moved.key].name} model" for moved in tasks) + ". "
    strays = sum(moved.strays for moved in tasks)
    text += ("All of them belong to pieces of the model's training texts; every other row is equal to the last bit." if strays == 0 else
             f"Of these, {strays:,} are not in the training texts, which should not be: do not trust this run.")
    touched = [moved for moved in tasks if moved.rows]
    if not touched:
        return text
    low, high = min(moved.change for moved in touched), max(moved.change for moved in touched)
    most = max(touched, key=lambda moved: moved.largest)
    return text + (f" A row that moved changed by {low:.1%} to {high:.1%} of its length on average; the largest change is that of "
                   f"“{most.most[0][0]}”, {most.largest:.1%} ({CHECKPOINTS[most.key].name}). The rows turned by at most "
                   f"{_plain(max(moved.turned for moved in touched))} on average (1 − cosine; 0 = not turned).")


def _plain(value: float) -> str:
    """One significant digit without an exponent, which not every reader knows."""
    return np.format_float_positional(value, precision=1, fractional=False)


def _baseline(found: list[Moved], unrelated: float) -> str:
    text = f"Two random rows of the table are {unrelated:.2f} apart (1 − cosine, {PAIRS:,} pairs)."
    by_key = {moved.key: moved for moved in found}
    if "sentiment_seed2" in by_key:
        text += (f" With another seed, the sentiment texts moved {by_key['sentiment_seed2'].rows:,} rows, by "
                 f"{by_key['sentiment_seed2'].change:.1%} on average.")
    if "sentiment_frozen" in by_key:
        text += f" With a frozen encoder {by_key['sentiment_frozen'].rows or 'no'} row moved."
    return text + " The row of [PAD] stands in the batches too, but gets no gradient."


def _figure(found: list[Moved]) -> Figure:
    """Rows in the training texts and rows that moved, of the models that are done."""
    names = [CHECKPOINTS[moved.key].name for moved in found]
    alt = "Bar chart: pieces in the training texts, and rows of the embedding table that moved. " + "; ".join(
        f"{name}: {moved.seen:,} and {moved.rows:,}" for name, moved in zip(names, found, strict=True)) + "."
    groups = {"in the training texts": [moved.seen for moved in found], "moved": [moved.rows for moved in found]}
    return plots.lying_bars(groups, names, "rows of the table", alt)


def _snippet(keys) -> str:
    return reproduce.PATHS + f"""
import torch
from transformers import AutoModel, AutoTokenizer

def read(key):  # the rows of the embedding table, and all weights of the blocks, one after the other
    model = AutoModel.from_pretrained(paths[key])
    blocks = torch.cat([weight.detach().flatten() for weight in model.encoder.layer.parameters()])
    return model.embeddings.word_embeddings.weight.detach(), blocks.double()

tokenizer, (before, below) = AutoTokenizer.from_pretrained(paths["base"]), read("base")
for key, data in {reproduce.literal([[key, CHECKPOINTS[key].data] for key in keys])}:
    rows = [row for row in map(json.loads, open(f"demos/data/{{data}}.jsonl", encoding="utf-8")) if row["split"] == "train"]
    seen = set()
    for row in rows:
        texts = (row["question"], row["context"]) if data == "qa" else (row["text"],)
        cut = "only_second" if data == "qa" else True
        seen |= set(tokenizer(*texts, truncation=cut, max_length=128)["input_ids"])
    after, blocks = read(key)
    moved = (before != after).any(1).nonzero().flatten()
    b, a = before[moved].double(), after[moved].double()
    change, turned = (a - b).norm(dim=1) / b.norm(dim=1), 1 - torch.cosine_similarity(a, b, dim=1)
    numbers = (change.mean(), change.max(), turned.mean()) if len(moved) else (0, 0, 0)
    numbers = (*numbers, (blocks - below).norm() / below.norm())
    print(key, len(seen), len(moved), len(set(moved.tolist()) - seen), *(round(float(value), 6) for value in numbers), sep="\\t")
"""
