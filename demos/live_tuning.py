"""What happens while a model is tuned? Watch the loss, the score and one word, step by step.

Trains now, on a bundled task or on your own labelled lines, and measures every few steps how far one word has moved from the
base. Beside it, at the same steps, how far ordinary words have moved.
"""

from collections.abc import Generator
from dataclasses import replace
from itertools import pairwise
from typing import Annotated, Literal

import numpy as np
from pydantic import Field

from demos.lab import heads, plots, reproduce
from demos.lab.choose import Seed, Sentences, Steps, TrainingTask, Word, sentences_with
from demos.lab.encode import Encoder, word_vectors
from demos.lab.evidence import Evidence, Figure, Finding, Progress, Receipt, Table
from demos.lab.labelled_lines import task_from_lines
from demos.lab.measure import drift, rounded
from demos.lab.recipe import Recipe
from demos.lab.schemes import scheme_of
from demos.lab.tasks import Task, load_task, other_words
from demos.lab.tune import Tuned, finetune, measuring
from demos.lab.zoo import Zoo

STEPS, LOOKS, WORDS = 40, 8, 20  # of training; of looking at the words; ordinary words
Lines = Annotated[str, Field(max_length=400_000, description="One example a line: label, text. At least eight lines.")]
Way = Literal["full", "last_layer", "top_half", "bitfit", "frozen"]


def run(zoo: Zoo, task: TrainingTask = "sentiment", lines: Lines | None = None, word: Word = "bank", sentences: Sentences | None = None,
        scheme: Way = "full", steps: Steps | None = None, seed: Seed = 1) -> Generator[Progress | Evidence, None, None]:
    """`lines` are the reader's own labelled texts and go before `task`. `scheme` says which weights learn.

    Drift: 1 - cosine at the last layer between the base and the model as it is at that step; mean over the sentences.
    """
    data = task_from_lines(lines) if lines else load_task(task)
    texts = sentences_with(word, sentences)
    base = zoo.load("base")
    recipe = replace(zoo.recipe, steps=steps or min(STEPS, zoo.recipe.steps), batch=min(zoo.recipe.batch, len(data.train)))
    look = _Look(base, word, texts)
    losses: list[float] = []
    figure: Figure | None = None
    seen: list[tuple[int, np.ndarray, np.ndarray]] = [(0, *look.drift(base))]
    every = max(1, recipe.steps // LOOKS)
    for news in finetune(zoo.base, data, recipe, scheme=scheme_of(scheme), seed=seed):
        if isinstance(news, Tuned):
            break
        losses.append(news.loss)
        looked = news.step % every == 0 or news.step == recipe.steps
        if looked:
            with measuring(news.model):
                seen.append((news.step, *look.drift(replace(base, model=news.model))))
        if looked or news.step == 1:  # drawing takes a tenth of a second
            figure = _figure(word, losses, seen)
        yield Progress(f"step {news.step} of {news.steps}, loss {news.loss:.2f}", news.step / news.steps,
                       figure)
    assert isinstance(news, Tuned)  # what training yields last
    predicted = heads.predict(news.model, news.tokenizer, news.head, data.test, data)
    metric, score = heads.score(predicted, data.test, data)
    chance = heads.chance(data)
    parameters = {"task": task, "lines": lines, "word": word, "sentences": texts, "scheme": scheme, "steps": recipe.steps, "seed": seed}
    receipt = Receipt("live", "base", f"{data.name}, {scheme_of(scheme).name}, {len(losses)} steps, trained just now",
                      news.tensors_loaded, len(news.head.state_dict()), metric, round(score, 4), round(chance, 4))
    at = {step: (moved, others) for step, moved, others in seen}
    yield Evidence(
        demo="live_tuning",
        claim=_claim(data, word, losses, seen, score, chance),
        caveat=f"{len(losses)} steps on {len(data.train)} texts, scored on {len(data.test)} others, with one seed: another one takes "
               "other ways. A falling loss on texts that are seen again and again says little; the held-out score counts. The base "
               "is all-MiniLM-L6-v2, already tuned once, for sentence similarity.",
        baseline=_baseline(seen, chance, data),
        table=Table(("step", "loss", f"drift of “{word}”", "drift of ordinary words"),
                    tuple((step, rounded(losses[step - 1]), rounded(at[step][0][-1]), rounded(at[step][1][-1])) for step in at if step)),
        controls=Table(("layer", f"drift of “{word}”", "drift of ordinary words"),
                       tuple((layer, rounded(seen[-1][1][layer]), rounded(seen[-1][2][layer])) for layer in range(base.layers + 1))),
        figure=_figure(word, losses, seen),
        receipts=(base.receipt, receipt),
        findings=(_finding(seen),),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("live_tuning", parameters, _snippet(parameters, look, recipe)),
    )


class _Look:
    """Measures one word and some ordinary ones, before and after."""

    def __init__(self, base: Encoder, word: str, texts: list[str]) -> None:
        chosen = other_words()[:WORDS]
        self.words = [word] * len(texts) + [item.word for item in chosen]
        self.sentences = texts + [item.text for item in chosen]
        self.own, self.before = len(texts), word_vectors(base, self.words, self.sentences)

    def drift(self, encoder: Encoder) -> tuple[np.ndarray, np.ndarray]:
        """Mean drift by layer, (layers + 1,): of the word, and of the ordinary words."""
        moved = drift(self.before, word_vectors(encoder, self.words, self.sentences))
        return moved[: self.own].mean(axis=0), moved[self.own:].mean(axis=0)


def _claim(data: Task, word, losses, seen, score, chance) -> str:
    near = max(1, len(losses) // 5)
    first, last = np.mean(losses[:near]), np.mean(losses[-near:])
    return (f"In {len(losses)} steps on {data.name} the loss went from {first:.2f} to {last:.2f} (mean of the first and last {near}), and "
            f"“{word}” moved {seen[-1][1][-1]:.3f} from the base at the last layer (1 − cosine). On {len(data.test)} texts that it "
            f"never saw, the model gets {score:.0%} right; always guessing the most frequent label gets {chance:.0%}.")


def _baseline(seen, chance, data) -> str:
    return (f"{WORDS} ordinary words moved {seen[-1][2][-1]:.3f} on average in the same steps, and before the first step all had "
            f"moved {seen[0][1].max():.0f}. Guessing gets {chance:.0%} of the {len(data.test)} held-out texts.")


def _finding(seen) -> Finding:
    path = [others[-1] for _, _, others in seen]
    rises = sum(after > before for before, after in pairwise(path))
    enough = len(path) >= 4
    return Finding("mehrafarin2022", "How far fine-tuning changes a model grows with the number of updates.",
                   bool(path[-1] > path[0] and rises >= 0.8 * (len(path) - 1)) if enough else None,
                   f"Ordinary words were farther from the base than at the look before in {rises} of {len(path) - 1} looks.")


def _figure(word, losses, seen) -> Figure:
    looks = [step for step, _, _ in seen]
    loss = plots.lines({"loss": losses}, range(1, len(losses) + 1), "step", "loss (training batch)",
                       f"Line chart: loss from {losses[0]:.2f} to {losses[-1]:.2f} over {len(losses)} steps.")
    moved = plots.lines({f"“{word}”": [float(own[-1]) for _, own, _ in seen],
                         "ordinary words": [float(others[-1]) for _, _, others in seen]}, looks, "step", "drift (1 − cosine)",
                        f"Line chart: drift of “{word}” at the last layer, 0 at the start, {seen[-1][1][-1]:.3f} at step {looks[-1]}; "
                        f"ordinary words {seen[-1][2][-1]:.3f}.", dashed=("ordinary words",))
    return plots.stacked([loss, moved], f"{loss.alt} {moved.alt}")


def _snippet(parameters: dict, look: _Look, recipe: Recipe) -> str:
    """Trains again with the project's own loop (what a step is, is written there), and measures with plain transformers."""
    return reproduce.PATHS + f"""
import copy, re, torch
from dataclasses import replace
from pathlib import Path
from demos.lab.labelled_lines import task_from_lines
from demos.lab.recipe import Recipe
from demos.lab.schemes import scheme_of
from demos.lab.tasks import load_task
from demos.lab.tune import finetune
from transformers import AutoModel, AutoTokenizer

lines, steps = {reproduce.literal(parameters['lines'])}, {parameters['steps']}
data = task_from_lines(lines) if lines else load_task({reproduce.literal(parameters['task'])})
recipe = {recipe!r}
base = AutoModel.from_pretrained(paths["base"]).eval()
tokenizer = AutoTokenizer.from_pretrained(paths["base"])
words, texts = {reproduce.literal(look.words)}, {reproduce.literal(look.sentences)}

@torch.no_grad()
def vectors(model):  # each word's mean of pieces at the last layer
    model = copy.deepcopy(model).eval()
    out = []
    for word, text in zip(words, texts):
        batch = tokenizer(text, return_tensors="pt", return_offsets_mapping=True)
        offsets = batch.pop("offset_mapping")[0].tolist()
        start, end = re.search(rf"(?<!\\w){{re.escape(word)}}(?!\\w)", text, re.IGNORECASE).span()
        inside = [i for i, (a, b) in enumerate(offsets) if a < end and b > start]
        out.append(model(**batch).last_hidden_state[0, inside].double().mean(0))
    return torch.stack(out)

before, own = vectors(base), {look.own}
scheme = scheme_of({reproduce.literal(parameters['scheme'])})
for news in finetune(Path(paths["base"]), data, recipe, scheme=scheme, seed={parameters['seed']}):
    if hasattr(news, "loss") and (news.step % max(1, steps // {LOOKS}) == 0 or news.step == steps):
        moved = 1 - torch.cosine_similarity(before, vectors(news.model), dim=1)
        print(news.step, round(news.loss, 6), round(moved[:own].mean().item(), 6), round(moved[own:].mean().item(), 6), sep="\\t")
"""
