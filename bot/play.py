"""Plays the quiz: puts a question, takes the prediction, lets the experiment decide, and explains from the articles."""

from collections.abc import Callable, Iterator
from typing import Any

from bot import quiz
from bot.parts import Explanation, FollowUps, Reply
from bot.quiz import Game, Prediction, Statement
from bot.review import Correction
from demos import Evidence, find_demos
from knowledge import Index

GO_ON = "Quiz me again"
OVER = "The quiz is over. Ask me anything, or write “quiz me” to go on."
NOT_MEASURED = "The experiment could not be run now, so nothing decides; this is what the articles say."
Experiment = Callable[[str, dict], Iterator[Any]]


def play(message: str, game: Game, index: Index, experiment: Experiment | None) -> Iterator[Any]:
    """The parts of one move. `experiment`: runs one by its name and parameters; None if none is to run."""
    if quiz.starts(message, game):
        yield from _ask(game.started + 1, index)
    elif quiz.STOPS.match(message):
        yield Reply(OVER)
    else:
        item = quiz.question(game.started, index.articles)
        picked = quiz.choice(message, item.choices) if not quiz.GIVES_UP.search(message) else None
        yield from (_reveal(item, picked, index, experiment) if isinstance(item, Prediction) else _judge(item, picked, index, experiment))


def _ask(number: int, index: Index) -> Iterator[Any]:
    item = quiz.question(number, index.articles)
    choices = tuple(shown for shown, _ in item.choices)
    if isinstance(item, Prediction):
        listed = "\n".join(f"- {shown}" for shown in choices)
        yield Reply(f"**What do you predict?** {item.asks}\n\n{listed}\n\nThen the experiment runs, and its numbers decide.")
    else:
        yield Reply(f"**{item.asks[:14]}** {item.asks[15:]}")
    yield FollowUps((*choices, quiz.TRUE_OR_FALSE[-1]))


def _reveal(item: Prediction, picked: int | None, index: Index, experiment: Experiment | None) -> Iterator[Any]:
    predicted = f"You predicted: **{item.choices[picked][0].lower()}**." if picked is not None else "No prediction; that is fine."
    yield Reply(predicted + (" The experiment decides." if experiment else ""))
    found: Evidence | None = None
    for part in experiment(item.demo, item.parameters) if experiment else ():
        yield part
        found = part if isinstance(part, Evidence) else found
    yield Reply(verdict(item, picked, found) if found else NOT_MEASURED)
    hit = index.search([item.topic], 1)[0]
    yield Explanation(((hit.section, hit.article),), asked=hit.section.heading)
    yield FollowUps((GO_ON, hit.section.heading, "Why?"))


def verdict(item: Prediction, picked: int | None, evidence: Evidence) -> str:
    """What the experiment says about a prediction, with its numbers."""
    values = item.measure(evidence)
    names = item.labels or tuple(shown for shown, _ in item.choices)
    numbers = "; ".join(f"{name} {value:.2f}" for name, value in zip(names, values, strict=True)) + f" ({item.unit})"
    best = max(range(len(values)), key=lambda place: values[place])
    second = max(value for place, value in enumerate(values) if place != best)
    if values[best] - second <= item.close:
        return f"**Too close to tell**: {numbers}. The experiment confirms no prediction here."
    came_out = item.choices[best][0].lower()
    if picked is None:
        return f"It came out as **{came_out}**: {numbers}."
    return f"**Your prediction held**: {numbers}." if picked == best else f"**It came out otherwise: {came_out}.** Measured: {numbers}."


def _judge(item: Statement, picked: int | None, index: Index, experiment: Experiment | None) -> Iterator[Any]:
    holds = item.claim.verdict == "right"
    truth = "true" if holds else "false"
    if picked is None:
        yield Reply(f"The statement is **{truth}**.")
    else:
        yield Reply(f"**Right**, the statement is {truth}." if (picked == 0) == holds else f"**No**, the statement is {truth}.")
    yield Correction(item.claim.text, item.claim.verdict, item.claim.correction, item.claim, item.article)
    hits = index.search([item.claim.text], 40)
    section = next((hit.section for hit in hits if hit.article.slug == item.article.slug), item.article.lead)
    yield Explanation(((section, item.article),))
    short = [name for name in item.article.demos if name in find_demos() and not find_demos()[name].long]
    if experiment and short:
        yield from experiment(short[0], {})
    yield FollowUps((GO_ON, item.article.title))
