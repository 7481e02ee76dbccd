"""Turns a tutor's parts into Markdown and into the JSON of an answer.

Sources are numbered in the order in which the text uses them: [1], [2]; experiments are [E1], [E2].
"""

import re
import time
import uuid
from collections.abc import Iterable
from typing import Any

from bot.compose import in_short
from bot.links import experiment_link
from bot.opening import opening
from bot.parts import Explanation, FollowUps, Reply, Unsure, as_text
from bot.question import MessageError
from bot.tutor import Correction, Evidence, Part, Planned, Tutor, Unavailable, Waiting
from demos import Progress, find_demos
from demos.lab.evidence import Figure
from knowledge import Article
from knowledge.article import CITATION, Section

DECLINED = "I don't cover that, so I will not guess. I answer questions about frozen and fine-tuned models."
DECLINED_IN_ENGLISH = "(I could not match this question with certainty. Please ask in English.)"
DOUBT = "I am not sure that this is what you asked; it is the nearest that I can stand behind."
BLANK_LINE = re.compile(r"\n\s*\n")
VERDICTS = {"right": "Right", "partly": "Partly right", "wrong": "Not right"}
LONG_SENTENCE = 40  # characters; shorter ones may come twice
AGREEMENT = {True: "agrees", False: "disagrees", None: "cannot tell"}


class Answer:
    """Collects parts. `markdown()` is what can be shown so far; `to_dict()` the whole as plain data."""

    def __init__(self, question: str, name: str | None = None) -> None:
        self.id, self.question = name or uuid.uuid4().hex[:12], question
        self._question = re.sub(r"\s+", " ", question) if isinstance(question, str) else ""
        self.status = "answered"
        self.evidence: list[Evidence] = []
        self.unavailable: list[Unavailable] = []
        self.corrections: list[Correction] = []
        self.follow_ups: tuple[str, ...] = ()
        self.pending = ""  # what is going on, while an experiment is on its way
        self.partial: Figure | None = None  # and the figure of what it has so far
        self._article: str | None = None
        self._confidence: float | None = None
        self._paragraphs: list[str] = []
        self._said: set[str] = set()
        self._corrected: list[dict] = []
        self._sources: dict[tuple[str, str], dict] = {}
        self._began = time.perf_counter()
        self.seconds = 0.0

    def add(self, part: Part) -> None:
        """Take the next part."""
        match part:
            case Explanation():
                self._explain(part)
            case Reply(text):
                self._paragraphs.append(text)
            case Correction():
                self._correct(part)
            case Unsure(nearest, said, confidence):
                self.status, self.follow_ups, self._confidence = "declined", nearest, confidence
                self._paragraphs.append(f"{said} {DECLINED_IN_ENGLISH}" if said else DECLINED)
                if nearest:
                    self._paragraphs.append("The nearest questions that I do cover:\n\n" + "\n".join(f"- {q}" for q in nearest))
            case Planned(title=title):
                self.pending = f"Running the experiment “{title}”"
            case Waiting(reason):
                self.pending = f"The experiment waits: {reason}"
            case Progress(doing, done, figure):
                self.pending, self.partial = f"{doing} ({done:.0%})", figure
            case Evidence():
                self.pending, self.partial = "", None
                self.evidence.append(part)
            case Unavailable():
                self.pending, self.partial = "", None
                self.unavailable.append(part)
            case FollowUps(questions):
                self.follow_ups = questions
        self.seconds = round(time.perf_counter() - self._began, 3)

    def markdown(self, claims_of_evidence: bool = True) -> str:
        """The words of the answer: explanation, the reader's statements, and what each experiment found."""
        parts = list(self._paragraphs)
        if self._corrected:
            lines = [f"- “{as_text(claim['quote'])}” {_judgement(claim['verdict'], claim['correction'])} "
                     + "".join(f"[{label}]" for label in claim["sources"]) for claim in self._corrected]
            own = all(claim["quote"] in self._question for claim in self._corrected)  # else a quiz put it
            plural = "s" if len(lines) > 1 else ""
            parts.append(f"**About {'your' if own else 'the'} statement{plural}**\n\n" + "\n".join(lines))
        for number, evidence in enumerate(self.evidence if claims_of_evidence else (), start=1):
            parts.append(f"**Measured just now** [E{number}] {as_text(evidence.claim)}")
        return "\n\n".join(escape_markdown_maths(part) for part in parts)

    def to_dict(self) -> dict[str, Any]:
        """The answer as JSON-ready data."""
        sources = list(self._sources.values())
        return {
            "id": self.id, "question": self.question, "status": self.status, "answer": self.markdown(),
            "claims": self._corrected, "sources": sources,
            "evidence": [evidence_dict(item, number) for number, item in enumerate(self.evidence, start=1)],
            "unavailable": [{"demo": item.demo, "reason": item.reason} for item in self.unavailable],
            "follow_ups": list(self.follow_ups), "seconds": self.seconds,
        }

    def outcome(self) -> dict[str, Any]:
        """How it went, in a few plain values: status, leading article, confidence, the experiments that gave a result, seconds."""
        return {"status": self.status, "article": self._article, "confidence": self._confidence,
                "experiments": [item.demo for item in self.evidence], "seconds": self.seconds}

    @property
    def sources(self) -> list[dict]:
        """The sources used so far, in order of their numbers."""
        return list(self._sources.values())

    def _explain(self, part: Explanation) -> None:
        self._article = self._article or part.sections[0][1].slug
        self._confidence = part.confidence if self._confidence is None else self._confidence
        if part.doubt:
            self._paragraphs.append(DOUBT)
        for number, (section, article) in enumerate(part.sections[: part.whole]):
            before, heading, text = "", True, section.text
            if number == 0:
                before, heading, text = opening(section.text, section.heading, part.asked, part.near, part.relation)
            if before:
                self._paragraphs.append(before)
            text = self._once(self._cited(text, article, section))
            self._paragraphs.append(f"**{section.heading}**\n\n{text}" if heading else text)
        if begun := part.sections[part.whole:]:
            self._paragraphs.append("\n".join(self._begun(section, article) for section, article in begun))

    def _begun(self, section: Section, article: Article) -> str:
        """A line of a list: the heading, and how the section begins, if that can stand on a line."""
        text = in_short(section).text
        said = "" if BLANK_LINE.search(text) else " ".join(self._cited(text, article, section).split())
        return f"- **{section.heading}** {said}".rstrip()

    def _once(self, text: str) -> str:
        """The text without sentences that were said already; code and tables are left whole."""
        if "```" in text or "\n|" in text or "\n-" in text:
            return text
        kept = []
        for sentence in re.split(r"(?<=[.!?\]])\s+(?=[A-Z“\"`])", text):
            key = re.sub(r"\[\d+\]|\W+", " ", sentence).strip().lower()
            if len(key) < LONG_SENTENCE or key not in self._said:
                kept.append(sentence)
            self._said.add(key)
        return " ".join(kept)

    def _correct(self, part: Correction) -> None:
        self.corrections.append(part)
        labels = [self._label(key, part.article, part.article.lead) for key in part.claim.cites]
        self._corrected.append({"quote": part.quote, "verdict": part.verdict, "correction": part.correction, "sources": labels})

    def _cited(self, text: str, article: Article, section: Section) -> str:
        def numbers(mark: re.Match) -> str:
            return "".join(f"[{self._label(key, article, section)}]" for key in re.findall(r"@([\w:-]+)", mark[1]))

        return CITATION.sub(numbers, text)

    def _label(self, key: str, article: Article, section: Section) -> str:
        source = article.sources[key]
        found = self._sources.setdefault((key, source.url), {
            "label": str(len(self._sources) + 1), "article": article.slug, "section": section.heading,
            "citation": source.citation, "url": source.url})
        return found["label"]


def evidence_dict(evidence: Evidence, number: int = 1) -> dict[str, Any]:
    """One experiment's result as JSON-ready data. `figure` and `controls` extend the first form."""
    plain = evidence.to_dict()
    return {"label": f"E{number}", **plain, "title": find_demos()[evidence.demo].title,
            "link": experiment_link(evidence.demo, evidence.parameters)}


def answer(tutor: Tutor, message: str, history: Iterable[str] = (), evidence: bool = True, name: str | None = None,
           patience: float = 0, topic: str | None = None) -> Answer:
    """The whole answer at once. A message that cannot be read is declined with its reason."""
    result = Answer(message, name)
    try:
        for part in tutor.answer(message, tuple(history), evidence, patience, topic):
            result.add(part)
    except MessageError as error:
        result.status = "declined"
        result.add(Reply(str(error)))
    return result


def _judgement(verdict: str, correction: str) -> str:
    """The verdict in bold, once: most corrections of right statements begin with the word itself."""
    if verdict == "right" and correction.startswith("Right"):
        return f"**Right**{correction.removeprefix('Right')}"
    return f"**{VERDICTS[verdict]}.** {correction}"


def escape_markdown_maths(text: str) -> str:
    """Keep money signs from starting a formula; code is left as it is."""
    parts = re.split(r"(```.*?```|`[^`\n]*`)", text, flags=re.DOTALL)
    return "".join(part if number % 2 else re.sub(r"(?<!\\)\$", r"\$", part) for number, part in enumerate(parts))
