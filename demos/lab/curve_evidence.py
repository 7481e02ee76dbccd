"""Learning curves as evidence: the claim with its recommendation, the table, the figure, the script.

The same examples, the same head, the same number of steps; once the encoder stays frozen, once it is trained along. Trained now
on 4, 16, 64 and all examples of a bundled task or of a reader's own labelled lines, with three seeds each.
"""

from collections.abc import Generator

from demos.lab import heads, plots, reproduce
from demos.lab.choose import task_or_lines
from demos.lab.curves import CONVERGED, FROZEN, SEEDS, TUNED, Point, Points, better, learning_curves, recipe_for, sizes
from demos.lab.evidence import Evidence, Figure, Finding, Progress, Receipt, Table
from demos.lab.measure import rounded
from demos.lab.recipe import Recipe
from demos.lab.reproduce_training import training
from demos.lab.tasks import Task
from demos.lab.zoo import Zoo

WAYS = (FROZEN, CONVERGED, TUNED)


def curve_evidence(zoo: Zoo, task: str, lines: str | None, seed: int) -> Generator[Progress | Evidence, None, None]:
    """The experiment frozen_or_tuned with a task to train on; `lines` go before `task`, and a quarter of them is held out.

    `seed` and the next two draw the examples, the head, the order and dropout.
    """
    data = task_or_lines(task, lines)
    base = zoo.load("base")
    points = yield from learning_curves(zoo, data, seed, lambda found: _figure(found, data))
    every = [points[way, size] for size in sizes(data) for way in WAYS]
    rows = [(_name(point), *(rounded(score) for score in point.summary), point.size, point.steps or "-", point.trainable)
            for point in every]
    parameters = {"task": None if lines else task, "lines": lines, "seed": seed}
    yield Evidence(
        demo="frozen_or_tuned",
        claim=_claim(points, data),
        caveat=f"{SEEDS} seeds, one recipe, {len(data.test)} held-out texts, and short trainings: {_steps(zoo.recipe, data)}. More steps "
               "or another rate may favour either side. The encoder is all-MiniLM-L6-v2, already tuned once, for sentence similarity, "
               "which makes its frozen vectors better than those of a raw pretrained model.",
        baseline=_baseline(points, data),
        table=Table(("encoder", "accuracy (mean of seeds)", "lowest", "highest", "training examples", "steps", "trainable parameters"),
                    tuple(rows)),
        controls=Table(("encoder", "training (s), encoding not counted"),
                       tuple((_name(point), round(point.seconds, 2)) for point in every)),
        figure=_figure(points, data),
        receipts=(base.receipt, *(_receipt(points, way, data, base.receipt) for way in WAYS)),
        findings=_findings(points, data),
        parameters=parameters,
        seed=seed,
        reproduce=reproduce.script("frozen_or_tuned", {**parameters, "lines": lines and "@lines.csv"},
                                   _snippet(zoo.recipe, task, lines, data, seed)),
    )


def _name(point: Point) -> str:
    return f"{point.way}, {point.size} examples"


def _winner(points: Points, size: int) -> tuple[str | None, float]:
    """Which is better beyond doubt at this size, TUNED or FROZEN (None: cannot tell), and the larger p.

    Tuned must beat, or be beaten by, both frozen ways. Against the one with as many steps alone it would win for its head's sake,
    which those few steps leave half trained; against the one trained to the end alone it would lose for their sake.
    """
    tuned, frozen = points[TUNED, size], [points[way, size] for way in (FROZEN, CONVERGED)]
    up, down = [better(tuned, one) for one in frozen], [better(one, tuned) for one in frozen]
    winner = TUNED if all(wins for wins, _ in up) else FROZEN if all(wins for wins, _ in down) else None
    return winner, max(p for _, p in up)


def _said(points: Points, way: str, size: int) -> str:
    mean, low, high = points[way, size].summary
    return f"{mean:.0%} ({low:.0%} to {high:.0%})"


def _claim(points: Points, task: Task) -> str:
    *small, most = sizes(task)
    winner, p = _winner(points, most)
    few = " With {} examples: {:.0%}, {:.0%} and {:.0%}.".format(
        small[0], *(points[way, small[0]].summary[0] for way in reversed(WAYS))) if small else ""
    advice = {
        TUNED: f"With this amount of data, tune: its worst seed beats the best of both frozen ways, beyond chance (p = {p:.2g}).",
        FROZEN: f"With this amount of data, keep it frozen: the worst seed of both frozen ways beats the best tuned one, beyond chance "
                f"(p = {p:.2g}).",
        None: "With this amount of data and so short a training the runs cannot tell which is better; frozen is the cheaper choice.",
    }[winner]
    wins = {way: [str(size) for size in small if _winner(points, size)[0] == way] for way in (TUNED, FROZEN)}
    fewer = "; ".join(f"{way} is clearly better with {' and '.join(found)}" for way, found in wins.items() if found)
    return (f"On {task.name} with {most} training examples, a tuned encoder scores {_said(points, TUNED, most)}; a frozen one "
            f"{_said(points, CONVERGED, most)} with a head trained to the end, and {_said(points, FROZEN, most)} when the head stops after "
            f"as many steps as the tuned one had (mean of {SEEDS} seeds, lowest to highest).{few} {advice} Frozen, "
            f"{points[FROZEN, most].trainable:,} numbers learn; tuned, {points[TUNED, most].trainable:,}. A training with {most} examples "
            f"took {_seconds(points[CONVERGED, most])} frozen, its texts once encoded, and {_seconds(points[TUNED, most])} tuned."
            + (f" Fewer examples: {fewer}." if fewer else ""))


def _seconds(point: Point) -> str:
    return f"{point.seconds:.1f} s" if point.seconds >= 0.1 else "less than 0.1 s"


def _steps(recipe: Recipe, task: Task) -> str:
    return ", ".join(f"{recipe_for(recipe, size).steps} steps on {size}" for size in sizes(task))


def _baseline(points: Points, task: Task) -> str:
    most = sizes(task)[-1]
    p = {way: better(points[TUNED, most], points[way, most])[1] for way in (FROZEN, CONVERGED)}
    return (f"Always guessing the most frequent label scores {heads.chance(task):.0%}. Tuned is called better, or worse, when it beats, "
            f"or loses to, both frozen ways: in all seeds, and in the sign test over the {len(task.test)} held-out texts. With {most} "
            f"examples that gives p = {p[FROZEN]:.2g} against as many steps and p = {p[CONVERGED]:.2g} against the head trained to the "
            "end. Each seed draws other examples (unless all are used), another head and another order.")


def _receipt(points: Points, way: str, task: Task, base: Receipt) -> Receipt:
    most = sizes(task)[-1]
    point = points[way, most]
    return Receipt(way.replace(" ", "_"), "base", f"{task.name}, {way}, {most} examples, trained just now", base.tensors_loaded, 2,
                   "accuracy", round(point.summary[0], 4), round(heads.chance(task), 4))


def _findings(points: Points, task: Task) -> tuple[Finding, ...]:
    least, *_, most = sizes(task) if len(sizes(task)) > 1 else sizes(task) * 2
    said = {size: f"Here with {size} examples: tuned {_said(points, TUNED, size)}, frozen {_said(points, FROZEN, size)} with as many "
                  f"steps, {_said(points, CONVERGED, size)} to the end." for size in (least, most)}
    agrees = {winner: {None: None, winner: True}.get(_winner(points, size)[0], False)
              for winner, size in ((FROZEN, least), (TUNED, most))}
    return (
        Finding("dodi488", "On AG News with 2,000 training texts, a tuned bert-base-cased scored 87.4 % and a frozen one 80.8 %.",
                agrees[TUNED], said[most]),
        Finding("loureiro2021", "For telling word senses apart from few examples, frozen features did better than fine-tuning.",
                agrees[FROZEN], said[least]),
    )


def _figure(points: Points, task: Task) -> Figure:
    every, chance = sizes(task), heads.chance(task)
    done = {way: [points[way, size].summary for size in every if (way, size) in points] for way in WAYS}
    done = {way: found for way, found in done.items() if found}
    alt = (f"Line chart: accuracy by number of training examples, mean and range of {SEEDS} seeds. "
           + "; ".join(f"{way}: " + ", ".join(f"{mean:.0%} with {size}" for (mean, _, _), size in zip(found, every, strict=False))
                       for way, found in done.items()) + f". Guessing scores {chance:.0%}.")
    return plots.curves(done, [str(size) for size in every], "training examples", "accuracy (held-out)", alt, line=("guessing", chance))


def _snippet(recipe: Recipe, task: str, lines: str | None, data: Task, seed: int) -> str:
    plan = [[size, recipe_for(recipe, size).steps] for size in sizes(data)]
    return training(task, recipe) + (reproduce.own_rows(data) if lines else "") + f"""
from sklearn.linear_model import LogisticRegression

def subset(n, seed):  # n examples, every label in its share
    queues = {{}}
    for index in random.Random(seed).sample(range(len(train_rows)), len(train_rows)):
        queues.setdefault(train_rows[index]["label"], []).append(index)
    places = sorted((place / len(queue), index) for queue in queues.values() for place, index in enumerate(queue))
    return [train_rows[index] for index in sorted(index for _, index in places[:n])]

@torch.no_grad()
def encoded(rows):
    return torch.cat([features(models["base"], [row["text"] for row in rows[i:i + 32]]) for i in range(0, len(rows), 32)]).double().numpy()

def once(way, rows, steps, seed):  # accuracy, and how many numbers learnt
    if way == "{CONVERGED}":
        model = LogisticRegression(max_iter=1000).fit(encoded(rows), [row["label"] for row in rows])
        return model.score(test, [row["label"] for row in test_rows]), (models["base"].config.hidden_size + 1) * len(labels)
    head, learnt, _ = train(way, lambda name, layer: way == "{TUNED}", steps, recipe["encoder_rate"], seed, rows=rows)
    return accuracy(models[way], head), learnt

test = encoded(test_rows)
for n, steps in {plan}:
    for way in {reproduce.literal(WAYS)}:
        scores, learnt = zip(*(once(way, subset(n, {seed} + i), steps, {seed} + i) for i in range({SEEDS})))
        show(f"{{way}}, {{n}} examples", sum(scores) / {SEEDS}, min(scores), max(scores), n, "-" if way == "{CONVERGED}" else steps,
             learnt[0])
"""
