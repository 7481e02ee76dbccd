"""What students ask: rows grouped by meaning, for the terminal, the password page and a spreadsheet.

Questions are grouped by their sentence vectors (the encoder of the search index) and the article that answered them, with average
linkage: two groups are joined while their questions are on average nearer than DISTANCE.
"""

import csv
import datetime
import io
import os
import tempfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median, quantiles

import numpy as np
from sklearn.cluster import AgglomerativeClustering

from bot.feedback import COLUMNS, MOST_ROWS, Record
from knowledge.embedder import Embedder

# How much the same article counts, where the same words would count 1; and the cosine distance. LOG.md says what was tried.
SAME_ARTICLE = 0.4
DISTANCE = 0.45
GROUPED = 2000  # different questions at most, since linkage compares each with each: the newest
SHOWN = 20  # groups of a list
WORDINGS = 4  # beside a group's name
Key = tuple[str, str | None]  # a question in small letters, and the article that answered it


@dataclass(frozen=True)
class Group:
    """Questions that mean the same. `name`: the one nearest to their middle; `wordings`: others, the most frequent first.

    `seconds`: the median; `reasons`: of its thumbs down, with how often.
    """

    name: str
    asked: int
    wordings: tuple[str, ...]
    declined: int
    up: int
    down: int
    reasons: tuple[tuple[str, int], ...]
    articles: tuple[str, ...]
    confidence: float | None
    seconds: float


@dataclass(frozen=True)
class Times:
    """Seconds until answers were complete: how many, the median, and what nine of ten stayed under."""

    what: str
    answers: int
    median: float
    nine_of_ten: float


@dataclass(frozen=True)
class Report:
    """Everything that a report shows. `runs`: experiments and how often they gave a result, in answers and by themselves."""

    days: tuple[datetime.date, datetime.date] | None
    questions: int
    declined: int
    up: int
    down: int
    asked: tuple[Group, ...]
    turned_down: tuple[Group, ...]
    badly_rated: tuple[Group, ...]
    reasons: tuple[tuple[str, int], ...]
    runs: tuple[tuple[str, int, int], ...]
    times: tuple[Times, ...]
    left_out: int  # different questions that were too many to be grouped
    cut: bool = False  # whether there are more rows than are read


def build_report(rows: Sequence[Record], embed: Embedder) -> Report:
    """The report over these rows."""
    questions = [row for row in rows if row.kind == "question"]
    names, left_out = group_names(questions, embed)
    answered = [row for row in rows if row.kind in ("question", "quiz", "talk")]
    by_answer, alone = Counter(_experiments(answered)), Counter(_experiments(row for row in rows if row.kind == "experiment"))
    down = [row for row in questions if row.thumb == "down"]
    return Report(
        (min(row.at for row in rows).date(), max(row.at for row in rows).date()) if rows else None,
        len(questions), sum(row.status == "declined" for row in questions),
        sum(row.thumb == "up" for row in rows), sum(row.thumb == "down" for row in rows),
        _groups(questions, names), _groups([row for row in questions if row.status == "declined"], names), _groups(down, names),
        tuple(Counter(row.reason or "no reason given" for row in rows if row.thumb == "down").most_common()),
        tuple((name, by_answer[name], alone[name]) for name, _ in (by_answer + alone).most_common()),
        tuple(times for what, chosen in (
            ("in words alone", [row for row in questions if not row.experiments]),
            ("with experiments", [row for row in questions if row.experiments]),
            ("an experiment by itself", [row for row in rows if row.kind == "experiment" and row.experiments]),
        ) for times in _times(what, [row.seconds for row in chosen])),
        left_out, len(rows) >= MOST_ROWS)


def group_names(rows: Iterable[Record], embed: Embedder) -> tuple[dict[Key, str], int]:
    """What was asked -> the name of its group; and how much was too much to be grouped."""
    counts: Counter[Key] = Counter()
    wording: dict[Key, str] = {}
    for row in rows:
        counts[_key(row)] += 1
        wording[_key(row)] = row.question
    keys = list(counts)[-GROUPED:]  # the newest, since rows come oldest first
    if not keys:
        return {}, 0
    vectors = embed([wording[key] for key in keys])
    labels = cluster(vectors, [article for _, article in keys])
    names: dict[Key, str] = {}
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        often = np.array([counts[keys[n]] for n in members], dtype=np.float32)
        middle = members[np.argmax(vectors[members] @ (often @ vectors[members]))]
        names |= {keys[n]: wording[keys[middle]] for n in members}
    return names, len(counts) - len(keys)


def cluster(vectors: np.ndarray, articles: Sequence[str | None]) -> np.ndarray:
    """Labels of (n, d) unit vectors of questions and the articles that answered them; None, a decline, is no common article."""
    if len(vectors) < 2:
        return np.zeros(len(vectors), dtype=int)
    known = sorted({article for article in articles if article})
    shared = np.array([[article == name for name in known] for article in articles], dtype=np.float32).reshape(len(vectors), -1)
    joined = np.hstack([vectors, np.sqrt(SAME_ARTICLE) * shared])
    return AgglomerativeClustering(n_clusters=None, metric="cosine", linkage="average", distance_threshold=DISTANCE).fit_predict(joined)


def rows_csv(rows: Sequence[Record], names: dict[Key, str]) -> str:
    """All rows as CSV, with their groups. A cell that a spreadsheet would take for a formula gets a quote before it."""
    out = io.StringIO()
    lines = csv.writer(out, lineterminator="\r\n")
    lines.writerow([*COLUMNS, "group"])
    for row in rows:
        plain = replace(row, at=row.at.isoformat(timespec="minutes"), experiments=" ".join(row.experiments))  # type: ignore[arg-type]
        cells = [getattr(plain, name) for name in COLUMNS] + [names.get(_key(row), "") if row.kind == "question" else ""]
        lines.writerow([no_formula(cell) if isinstance(cell, str) else cell for cell in cells])
    return out.getvalue()


def no_formula(cell: str) -> str:
    """The cell as text for a spreadsheet, which takes one that begins with these for a formula, spaces before it or not."""
    return f"'{cell}" if cell.lstrip()[:1] in tuple("=+-@|%＝＋－＠") or cell[:1] in ("\t", "\r", "\n") else cell


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all, with the mark by which spreadsheets know UTF-8. Raises OSError."""
    handle, name = tempfile.mkstemp(dir=path.parent, suffix=".csv")
    try:
        with os.fdopen(handle, "w", encoding="utf-8-sig", newline="") as file:
            file.write(text)
        os.replace(name, path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise


def _groups(rows: Sequence[Record], names: dict[Key, str]) -> tuple[Group, ...]:
    """The largest groups of these rows; every list is a selection, the names are those of all rows."""
    members: dict[str, list[Record]] = {}
    for row in rows:
        members.setdefault(names.get(_key(row), row.question), []).append(row)
    found = []
    for name, group in members.items():
        wordings = Counter(_plain(row.question) for row in group)
        written = {_plain(row.question): row.question for row in group}
        sure = [row.confidence for row in group if row.confidence is not None]
        found.append(Group(
            name, len(group), tuple(written[plain] for plain, _ in wordings.most_common() if plain != _plain(name))[:WORDINGS],
            sum(row.status == "declined" for row in group), sum(row.thumb == "up" for row in group),
            sum(row.thumb == "down" for row in group),
            tuple(Counter(row.reason for row in group if row.thumb == "down" and row.reason).most_common()),
            tuple(slug for slug, _ in Counter(row.article for row in group if row.article).most_common(2)),
            sum(sure) / len(sure) if sure else None, median(row.seconds for row in group)))
    return tuple(sorted(found, key=lambda group: (-group.asked, group.name))[:SHOWN])


def _times(what: str, seconds: Sequence[float]) -> list[Times]:
    if len(seconds) < 2:
        return [Times(what, 1, seconds[0], seconds[0])] if seconds else []
    return [Times(what, len(seconds), median(seconds), quantiles(seconds, n=10, method="inclusive")[-1])]


def _experiments(rows: Iterable[Record]) -> Iterable[str]:
    return (name for row in rows for name in row.experiments)


def _key(row: Record) -> Key:
    return _plain(row.question), row.article


def _plain(question: str) -> str:
    return " ".join(question.casefold().split()).rstrip("?!. ")
