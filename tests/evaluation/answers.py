"""How good the answers are, as a reader gets them.

    python -m tests.evaluation.answers [--questions DIR] [--write]

Four tables. Declining: over the development questions, by band. Statements: what was judged, and how rightly. Conversations:
follow-ups, corrections and small talk of conversations.jsonl. Key points: only with DIR, which holds in_scope.jsonl,
out_of_scope.jsonl and multi_turn.jsonl, whose rows have `question` and `key_points`; they are read and never kept.

A key point counts as covered when one sentence of the answer, or two that follow each other, is near it in meaning
(cosine of sentence vectors) and the answer holds a share of its words. The same is counted for the answer to another
question: what remains there is what this method gives for nothing. It knows neither truth nor negation, it misses far
paraphrases, and it does not see whether the point comes first; so compare runs with it, and read answers.
"""

import datetime
import json
import re
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path
from typing import Annotated

import numpy as np
import Stemmer
import typer

from bot import Tutor
from bot.answer import Answer, answer
from bot.review import review
from bot.tutor import Explanation
from demos.lab.zoo import default_zoo
from knowledge import Index, SentenceEmbedder, read_articles
from knowledge.settings import KnowledgeSettings

HERE = Path(__file__).parent
NEAR, SOMEWHAT_NEAR, WORDS = 0.62, 0.45, 0.5  # cosine alone; or a lower one with this share of the key point's words
PRECISION, RECALL, DECLINED_RIGHTLY, DECLINED_WRONGLY, RESOLVED = 0.9, 0.1, 0.9, 0.15, 0.9  # floors that a test holds
STEM = Stemmer.Stemmer("english")
IDLE = frozenset(STEM.stemWords(
    ["the", "and", "for", "are", "not", "with", "that", "this", "from", "but", "its", "can", "you", "your", "was", "has", "have",
     "does", "did", "more", "less", "than", "only", "all", "any", "when", "which", "what", "how", "into", "out", "over", "per", "via",
     "use", "used", "using", "one", "two", "also", "most", "very", "such", "then", "there", "they", "their", "them", "will", "would",
     "should"]))


def lines(path: Path) -> list[dict]:
    """The rows of a file of JSON lines."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]


def declining(tutor: Tutor, rows: Iterable[dict]) -> dict[str, tuple[int, int]]:
    """By band (“in scope” for the others): how many were declined, of how many."""
    counts: dict[str, tuple[int, int]] = {}
    for row in rows:
        band = "in scope" if row.get("kind", "in") == "in" else row.get("band", row["kind"])
        declined, total = counts.get(band, (0, 0))
        counts[band] = (declined + (answer(tutor, row["question"], evidence=False).status == "declined"), total + 1)
    return counts


def statements(index: Index, rows: Iterable[dict]) -> dict[str, tuple[int, int, int]]:
    """By verdict: (judged with this verdict, of these rightly, of this verdict in the set)."""
    pairs = [(row["verdict"], found[0].verdict if (found := review([row["text"]], index)) else None) for row in rows]
    return {verdict: (sum(given == verdict for _, given in pairs), sum(gold == given == verdict for gold, given in pairs),
                      sum(gold == verdict for gold, _ in pairs)) for verdict in ("right", "partly", "wrong")}


def conversations(tutor: Tutor, rows: Iterable[dict]) -> list[tuple[dict, bool]]:
    """Each last message with whether it was resolved: a section of an expected article among those shown, or the words said."""
    return [(row, resolved(tutor, row)) for row in rows]


def resolved(tutor: Tutor, row: dict) -> bool:
    """Whether the last message of a conversation got what its row expects.

    `articles`: one of their sections is shown; `says`: a pattern that the answer holds; `never`: one that it must not hold;
    `status`.
    """
    result, slugs = Answer(row["message"]), set()
    for part in tutor.answer(row["message"], tuple(row["history"]), evidence=False):
        result.add(part)
        if isinstance(part, Explanation):
            slugs |= {article.slug for _, article in part.sections}
    text = result.markdown()
    return (("articles" not in row or bool(slugs & set(row["articles"])))
            and ("says" not in row or bool(re.search(row["says"], text)))
            and ("never" not in row or not re.search(row["never"], text))
            and result.status == row.get("status", "answered"))


def key_points(tutor: Tutor, folder: Path) -> dict[str, tuple[float, float]]:
    """By kind of question: the share of key points that its answer covers, and that another question's answer covers."""
    asked = [(row["style"], row["question"], (), row["key_points"]) for row in lines(folder / "in_scope.jsonl")]
    for row in lines(folder / "multi_turn.jsonl"):
        turns = row["turns"]
        asked += [("in a conversation", turn["user"], tuple(earlier["user"] for earlier in turns[:number]), turn["key_points"])
                  for number, turn in enumerate(turns)]
    answers = [answer(tutor, question, history, evidence=False).markdown() for _, question, history, _ in asked]
    embed = tutor.index.untuned
    spans = [_spans(text) for text in answers]
    vectors = [embed(found) for found in spans]
    points = [embed(points) for *_, points in asked]
    found: dict[str, list[tuple[float, float]]] = {}
    for number, (style, _, _, wanted) in enumerate(asked):
        other = (number + len(asked) // 2) % len(asked)
        for place, point in enumerate(wanted):
            own, foreign = (_covered(point, points[number][place], answers[n], vectors[n]) for n in (number, other))
            found.setdefault(style, []).append((own, foreign))
            found.setdefault("all", []).append((own, foreign))
    return {style: (float(np.mean([own for own, _ in pairs])), float(np.mean([foreign for _, foreign in pairs])))
            for style, pairs in sorted(found.items())}


def _spans(text: str) -> list[str]:
    plain = re.sub(r"\[E?\d+\]|[*`|]", "", re.sub(r"```.*?```", " ", text, flags=re.DOTALL))
    sentences = [sentence.strip() for sentence in re.split(r"(?<=[.!?:])\s+|\n\n", plain) if re.search(r"\w", sentence)]
    return sentences + [f"{one} {two}" for one, two in pairwise(sentences)] or [""]


def _covered(point: str, vector: np.ndarray, text: str, vectors: np.ndarray) -> bool:
    cosine = float((vectors @ vector).max())
    wanted, said = _stems(point), _stems(text)
    share = len(wanted & said) / max(1, len(wanted))
    return cosine >= NEAR or (cosine >= SOMEWHAT_NEAR and share >= WORDS)


def _stems(text: str) -> set[str]:
    return set(STEM.stemWords(re.findall(r"[a-z0-9]{3,}", text.lower()))) - IDLE


def tables(tutor: Tutor, folder: Path | None) -> str:
    """All tables as Markdown."""
    parts = ["| questions | declined | of | share |\n|---|---|---|---|"]
    rows = lines(HERE / "questions.jsonl")
    sets = {"development": rows}
    if folder:
        sets["real"] = lines(folder / "in_scope.jsonl") + [row | {"kind": "out"} for row in lines(folder / "out_of_scope.jsonl")]
    for name, some in sets.items():
        for band, (declined, total) in declining(tutor, some).items():
            parts[-1] += f"\n| {name}, {band} | {declined} | {total} | {declined / total:.1%} |"
    parts.append("| verdict | judged so | rightly | of | precision | recall |\n|---|---|---|---|---|---|")
    for verdict, (judged, rightly, of) in statements(tutor.index, lines(HERE / "statements.jsonl")).items():
        parts[-1] += f"\n| {verdict} | {judged} | {rightly} | {of} | {rightly / judged if judged else 0:.0%} | {rightly / of:.0%} |"
    parts.append("| last message of a conversation | resolved | of |\n|---|---|---|")
    kinds: dict[str, list[bool]] = {}
    for row, good in conversations(tutor, lines(HERE / "conversations.jsonl")):
        kinds.setdefault(row["kind"], []).append(good)
        if not good:
            print("not resolved:", row["history"][-1:], "->", row["message"])
    for kind, outcomes in kinds.items():
        parts[-1] += f"\n| {kind} | {sum(outcomes)} | {len(outcomes)} |"
    if folder:
        parts.append("| key points of real questions | covered | by another question's answer |\n|---|---|---|")
        for style, (own, foreign) in key_points(tutor, folder).items():
            parts[-1] += f"\n| {style} | {own:.0%} | {foreign:.0%} |"
    return "\n\n".join(parts)


def main(write: bool = False, questions: Annotated[Path | None, typer.Option(help="A folder of real questions.")] = None) -> None:
    """Print the tables; with --write add them, dated, to RESULTS.md."""
    index = Index(read_articles(), SentenceEmbedder(), KnowledgeSettings().cache_dir)
    found = tables(Tutor(index, default_zoo()), questions)
    print(found)
    if write:
        entry = (f"\n## {datetime.date.today().isoformat()}: answers\n\n`python -m tests.evaluation.answers --write"
                 f"{' --questions DIR' if questions else ''}`; the method and its limits stand in answers.py.\n\n{found}\n")
        with (HERE / "RESULTS.md").open("a", encoding="utf-8") as results:
            results.write(entry)


if __name__ == "__main__":
    typer.run(main)
