"""Where an answer of the page or of the API becomes a row, and where a reader's thumb comes in. No Gradio here.

The page's own part is page/ratings.js: it fills the place that show.py leaves in each finished answer.
"""

from collections.abc import Iterator, Sequence
from typing import Annotated

from limits import parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot import quiz
from bot.answer import Answer
from bot.caller import caller
from bot.feedback import ID, Rating, Reason, Record, Thumb, open_store, this_hour
from bot.question import MessageError, clean
from bot.recorder import Recorder
from bot.settings import Settings
from bot.turns import Turn, questions

LONGEST_BODY = 4096  # bytes
PATTERN = rf"^{ID.pattern}$"
FULL = "The database has no room for more just now, so this was not kept."


class Thumbed(BaseModel):
    """What the page sends for a thumb: no thumb takes it back."""

    model_config = ConfigDict(extra="forbid")
    id: str = Field(pattern=PATTERN)
    thumb: Thumb | None = None
    reason: Reason | None = None


class Unwanted(BaseModel):
    """What the page sends when a reader wants rows gone."""

    model_config = ConfigDict(extra="forbid")
    forget: list[Annotated[str, Field(pattern=PATTERN)]] = Field(min_length=1, max_length=200)


SENT: TypeAdapter[Thumbed | Unwanted] = TypeAdapter(Thumbed | Unwanted)


def start_recorder(settings: Settings) -> Recorder | None:
    """What keeps answers, if the settings say so. Raises FeedbackError for an address that is none."""
    return None if settings.feedback == "off" else Recorder(open_store(settings), settings.feedback_days)


def watched(growing: Iterator[Turn], past: Sequence[Turn], recorder: Recorder | None) -> Iterator[Turn]:
    """The same turns; the last one becomes a row when it is finished, stopped or left. `recorder`: None if it is not to be kept."""
    turn: Turn = {}
    try:
        for turn in growing:
            finished = recorder and turn.get("outcome") and not turn["pending"]
            yield {**turn, "kept_as": turn["id"]} if finished and _is_id(turn["id"]) else turn
    finally:
        if recorder and turn.get("outcome") and _is_id(turn["id"]):
            recorder.record(record_of(turn["id"], turn["question"] if turn["asked"] else "", questions(list(past)), turn["outcome"]))


def record_answer(result: Answer, earlier: Sequence[str], recorder: Recorder) -> None:
    """Keep an answer that was given at once; a message that could not be read is not kept."""
    try:
        clean(result.question)
    except MessageError:
        return
    recorder.record(record_of(result.id, result.question, earlier, result.outcome()))


def record_of(name: str, question: str, earlier: Sequence[str], outcome: dict) -> Record:
    """The row of an answer. `question`: empty for an experiment that was run from a form or a link; `earlier`: messages before it."""
    status = outcome["status"]
    if not question:
        kind, status = "experiment", status if outcome["experiments"] else "no result"
    elif _is_play(question, earlier):
        kind = "quiz"
    else:
        kind = "question" if outcome["article"] or outcome["experiments"] or status == "declined" else "talk"
    sure = outcome["confidence"]
    return Record(name, this_hour(), kind, question, status, outcome["article"], None if sure is None else round(sure, 3),
                  tuple(outcome["experiments"]), round(outcome["seconds"], 2))


def rating_routes(recorder: Recorder) -> list[Route]:
    """POST /feedback takes {"id", "thumb", "reason"}, or {"forget": [ids]}: an answer's id is random, and only its reader has it."""
    limiter, pace = MovingWindowRateLimiter(MemoryStorage()), parse("60/minute")

    async def feedback(request: Request) -> JSONResponse:
        if not limiter.hit(pace, caller(request)):
            return _said("That was very fast; please wait a minute.", 429)
        try:
            sent = SENT.validate_json(await _body(request))
        except (ValueError, ClientDisconnect):  # pydantic's own error is a ValueError
            return _said('Send {"id": the answer\'s id, "thumb": "up" or "down", "reason": ...}, or {"forget": [ids]}.', 422)
        if isinstance(sent, Unwanted):
            taken = recorder.forget(sent.forget)
        else:  # a reason belongs to a thumb down
            taken = recorder.rate(Rating(sent.id, sent.thumb, sent.reason if sent.thumb == "down" else None))
        return _said("Noted.", 202) if taken else _said(FULL, 503)

    return [Route("/feedback", feedback, methods=["POST"])]


async def _body(request: Request) -> bytes:
    if request.headers.get("content-type", "").split(";")[0].strip() != "application/json":
        raise ValueError  # a form of another site cannot send this type
    text = b""
    async for part in request.stream():
        text += part
        if len(text) > LONGEST_BODY:
            raise ValueError
    return text


def _said(words: str, status: int) -> JSONResponse:
    return JSONResponse({"message": words}, status_code=status)


def _is_id(name: object) -> bool:
    """Whether it is an answer's id: turns come back from a reader's browser, and may hold anything."""
    return isinstance(name, str) and bool(ID.fullmatch(name))


def _is_play(question: str, earlier: Sequence[str]) -> bool:
    try:
        return quiz.plays(clean(question), quiz.follow(earlier))
    except MessageError:
        return False
