"""Predict, then reveal: a setting is stated, the reader predicts, the experiment decides. State is read from the messages.

Two kinds of questions take turns. Measured ones ask what the experiment is about to show; nobody wrote the solution down.
True-or-false ones are claims of the articles. This module knows the questions and reads the choices; the tutor plays.
"""

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from demos import Evidence
from knowledge import Article, Claim

START = re.compile(r"^\W*(?:please |can you |could you |let's |let us |i want (?:a|to)|start (?:a|the)|give me a|another|next|new|play)?\s*"
                   r"(?:quiz(?: me| us)?|test (?:me|my knowledge)|predict(?: and|, then| then)? reveal)"
                   r"(?: please| again| now| once more| question| about .{0,40})?\W*$", re.IGNORECASE)
AGAIN = re.compile(r"^\W*(?:(?:ok |yes |please )*)(?:another(?: one| question)?|next(?: one| question)?|one more|again|more)(?: "
                   r"please)?\W*$",
                   re.IGNORECASE)
GIVES_UP = re.compile(r"\b(?:don'?t know|do not know|no idea|not sure|skip|pass|tell me|give up|reveal|unsure|dunno)\b", re.IGNORECASE)
STOPS = re.compile(r"^\W*(?:stop|quit|exit|end|enough|no more|cancel)(?: (?:the )?quiz)?\W*$", re.IGNORECASE)
TRUE = re.compile(r"\b(?:true|right|correct|yes|yep|agree)\b|^\W*t\W*$", re.IGNORECASE)
FALSE = re.compile(r"\b(?:false|wrong|incorrect|no|nope|disagree|not (?:true|right|correct))\b|^\W*f\W*$", re.IGNORECASE)
TRUE_OR_FALSE = ("True", "False", "I don't know")
LONGEST_CHOICE = 14  # words


@dataclass(frozen=True)
class Prediction:
    """A setting with choices. `measure` reads the experiment's evidence: one number a choice; the largest is what happened."""

    asks: str
    choices: tuple[tuple[str, str], ...]  # shown, and the pattern that reads it
    demo: str
    parameters: dict
    measure: Callable[[Evidence], tuple[float, ...]]
    unit: str
    topic: str  # the question whose answer explains the result
    close: float = 0.0  # differences up to this are called too small to tell
    labels: tuple[str, ...] = ()  # what was measured for each choice, where that is not the choice itself


@dataclass(frozen=True)
class Game:
    """Where the quiz stands: how many were started, whether one is open, and the topic of the last one."""

    started: int = 0
    open: bool = False
    just_played: bool = False
    topic: str = ""


def _drift(*models: str) -> Callable[[Evidence], tuple[float, ...]]:
    """Mean drift at the last layer in each of these models, from the table of word_drift."""

    def measure(evidence: Evidence) -> tuple[float, ...]:
        last = max(row[2] for row in evidence.table.rows)
        return tuple(fmean(row[3] for row in evidence.table.rows if row[0] == model and row[2] == last) for model in models)

    return measure


def _depth(evidence: Evidence) -> tuple[float, ...]:
    last = max(row[1] for row in evidence.table.rows)
    tuned = [row for row in evidence.table.rows if row[0] != "sentiment_frozen"]
    return tuple(fmean(row[3] for row in tuned if row[1] == layer) for layer in (0, last // 2, last))


def _score(evidence: Evidence) -> tuple[float, ...]:
    scores = {row[0]: row[1] for row in evidence.table.rows}
    return scores["frozen"], scores["tuned"]


def _senses(evidence: Evidence) -> tuple[float, ...]:
    best = {name: max(row[4] for row in evidence.table.rows if row[0].startswith(name)) for name in ("Word2Vec", "frozen")}
    return best["Word2Vec"], best["frozen"]


PREDICTIONS = (
    Prediction(
        "One copy of the model was tuned on sentiment, another on question answering. In which of them has the vector of "
        "“bank” moved farther from the untuned model, at the last layer?",
        (("Sentiment", r"sentiment|feeling|mood"), ("Question answering", r"question|answering|qa\b|q&a")),
        "word_drift", {"word": "bank"}, _drift("sentiment", "qa"), "distance from the untuned model (1 − cosine)",
        "Why does the same word have different vectors in a sentiment model and in a question-answering model?", 0.01),
    Prediction(
        "Seven copies of the model were trained; in six of them the encoder was tuned. At which depth have the vectors of ordinary "
        "words moved most, on average over those six?",
        (("At the input embeddings", r"input|embedding|bottom|lower|lowest|first"), ("In the middle layer", r"middle|mid\b|half"),
         ("At the last layer", r"last|top|upper|highest|final|output")),
        "layer_by_layer", {}, _depth, "distance from the untuned model (1 − "
                                      "cosine)", "Which layers change most when BERT is fine-tuned?", 0.01),
    Prediction(
        "Two sentiment models had the same examples, the same head and the same number of steps. In one the encoder stayed frozen, "
        "in the other it was tuned. Which scores better on new reviews?",
        (("Frozen", r"frozen|freez\w*|fixed"), ("Tuned", r"(?:fine-?)?tuned|tuning|unfrozen")),
        "frozen_or_tuned", {}, _score, "share of reviews that are right",
        "Which scores higher, feature extraction or fine-tuning?", 0.02),
    Prediction(
        "A computer is to tell “bank” beside a river from “bank” with money, by the word's vector alone. Nothing is "
        "trained on the two senses. Which vectors do better: Word2Vec's, or those of a frozen encoder?",
        (("Word2Vec", r"word ?2 ?vec|static"), ("Frozen encoder", r"encoder|bert|context\w*|frozen")),
        "static_or_contextual", {"word": "bank"}, _senses, "share of sentences put to the right sense, at the best layer",
        "Can frozen contextual vectors tell the senses of a word apart?", 0.02),
    Prediction(
        "A model was trained on sentiment with its encoder frozen, another with its encoder tuned. How far has the vector of “bank” "
        "moved in the frozen one, next to the tuned one?",
        (("As far, or "
          "farther", r"as far|farther|further|same|equal"), ("Less far, or not at all", r"less|not at all|nowhere|zero|nothing|none|0\b")),
        "word_drift", {"word": "bank"}, _drift("sentiment_frozen", "sentiment"), "distance from the untuned model (1 − cosine)",
        "Does a frozen encoder give a word the same vector for every task?", labels=("Frozen", "Tuned")),
)


@dataclass(frozen=True)
class Statement:
    """A claim of an article, to be called true or false."""

    claim: Claim
    article: Article
    choices: tuple[tuple[str, str], ...] = field(default=(("True", TRUE.pattern), ("False", FALSE.pattern)))

    @property
    def asks(self) -> str:
        """What is put to the reader."""
        return f"True or false? “{self.claim.text.rstrip('.')}.”"


def follow(history: Sequence[str]) -> Game:
    """Where the quiz stands after these messages."""
    game = Game()
    for message in history:
        game = _after(message, game)
    return game


def plays(message: str, game: Game) -> bool:
    """Whether a message belongs to the quiz: it starts one, or chooses in the one that is open."""
    return starts(message, game) or (game.open and (choosing(message, game) or bool(STOPS.match(message))))


def starts(message: str, game: Game) -> bool:
    """Whether a message asks for a quiz, or for the next question of one that was just played."""
    return bool(START.match(message) or ((game.just_played or game.open) and AGAIN.match(message)))


def choosing(message: str, game: Game) -> bool:
    """Whether a message chooses, or gives up, in the open question."""
    if len(message.split()) > LONGEST_CHOICE:
        return False
    if GIVES_UP.search(message):
        return True
    if message.strip().endswith("?"):
        return False
    return choice(message, _choices(game.started)) is not None


def choice(message: str, choices: Sequence[tuple[str, str]]) -> int | None:
    """Which choice a message names, if it names exactly one. “Not true” is a “false”."""
    plain = re.sub(r"\bnot (true|right|correct)\b", "false", message, flags=re.IGNORECASE)
    named = [number for number, (shown, pattern) in enumerate(choices)
             if re.search(rf"\b(?:{pattern})" if not pattern.startswith("\\b") else pattern, plain, re.IGNORECASE)]
    exact = [number for number, (shown, _) in enumerate(choices) if shown.lower() == message.strip(" .!").lower()]
    return exact[0] if exact else named[0] if len(named) == 1 else None


def question(number: int, articles: Sequence[Article]) -> Prediction | Statement:
    """The question with this number, from 1: measured ones and true-or-false ones in turn, the same for the same number."""
    if number % 2:
        return PREDICTIONS[number // 2 % len(PREDICTIONS)]
    claims = [Statement(claim, article) for article in articles if article.demos for claim in article.claims
              if claim.verdict != "partly" and len(claim.text.split()) <= 22]
    random.Random(2026).shuffle(claims)
    return claims[number // 2 % len(claims)] if claims else PREDICTIONS[number // 2 % len(PREDICTIONS)]


def _choices(number: int) -> Sequence[tuple[str, str]]:
    return PREDICTIONS[number // 2 % len(PREDICTIONS)].choices if number % 2 else (("True", TRUE.pattern), ("False", FALSE.pattern))


def _after(message: str, game: Game) -> Game:
    if starts(message, game):
        return Game(game.started + 1, open=True)
    if game.open and STOPS.match(message):
        return Game(game.started)
    if game.open and choosing(message, game):
        asked = PREDICTIONS[game.started // 2 % len(PREDICTIONS)].topic if game.started % 2 else ""
        return Game(game.started, just_played=True, topic=asked)
    # A short remark leaves the question open; anything longer, or a question of the reader's own, ends it.
    return Game(game.started, open=game.open and len(message.split()) <= 3 and "?" not in message,
                topic=game.topic if not game.open else "")
