"""Finds the sections that answer a question, and the claims that a statement comes near.

Dense and lexical search side by side: sentence vectors find other words for the same thing, BM25 finds the exact term
("BitFit", "no_grad"). Each section is known by its heading, by other ways to ask it, and by its text; kernel.py
learns from all ways of asking what distinguishes one section from the others.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np

from knowledge.article import Article, Claim, Section
from knowledge.confidence import confidence, fitted
from knowledge.embedder import Embedder, Reading
from knowledge.kernel import KernelRidge
from knowledge.late import LateInteraction
from knowledge.lexical import STEM, SharedWords, Words
from knowledge.library import read_messages
from knowledge.scope import Scope, WordOdds, outside_questions
from knowledge.tools import Tools
from knowledge.vectors import Latest, cached_readings

QUERY_WORDS = 120  # read of a long message; the encoder itself stops at 256 word pieces
# The whole message counts more than its main question. A section gains if its article as a whole speaks of the same words, and
# if the message names the tool that it is about; a section about another tool loses.
# The weights are fitted on the development questions by `python -m tests.evaluation.rank`.
MAIN_QUESTION = 0.25
WEIGHTS = {"learned": 0.394, "asked": 0.151, "text": 0.02, "lexical": 0.159, "article": 0.078, "lead": 0.001, "named": 0.011,
           "library": 0.002, "foreign": -0.006, "late": 0.594}
NEAR = 60  # sections that are held against the question word by word, late.py
PREFERRED = 0.04  # added to the score of a section of the topic that a reader chose; measured in LOG.md
COURSE_NEAR, COURSE_FIRST = 0.48, 0.15  # an instructor's own section so near (cosine) gains so much, and answers in any field


@dataclass(frozen=True)
class Hit:
    """A section that may answer, and how it was found. `score` ranks; `confidence` says how likely it is in scope at all.

    learned: how much the ways of asking near the question are this section's, see kernel.py; asked: cosine to the nearest
    of them; text: cosine to the section's text; lexical: BM25 over the ways of asking, as a share of the best score that
    the query could reach; late: the question word by word, see late.py; known: share of the query's words that the articles use;
    scope, nearer, foreign, own: see scope.py, the same for all hits of a question.
    """

    section: Section
    article: Article
    score: float
    learned: float
    asked: float
    text: float
    lexical: float
    late: float
    known: float
    scope: float
    nearer: float
    foreign: float
    own: float
    confidence: float


@dataclass(frozen=True)
class ClaimHit:
    """A claim near a statement: the wording that came nearest, and its cosine."""

    claim: Claim
    article: Article
    wording: str
    score: float


class Index:
    """A search index over articles. Build it once; searching is thread-safe."""

    def __init__(self, articles: Sequence[Article], embed: Embedder, cache: Path | None = None) -> None:
        self.articles, self.embed = tuple(articles), embed
        # One message is looked up several times: for its sections, for its further questions, for how its answer begins.
        by_slug = {article.slug: article for article in articles}
        self.sections = [(section, by_slug[section.article]) for article in articles for section in article.sections]
        self._article_of = np.array([number for number, article in enumerate(articles) for _ in article.sections])
        self._preferred = np.zeros(len(self.sections))
        self._place = {section: number for number, (section, _) in enumerate(self.sections)}
        self._claims = [(claim, article, wording) for article in articles for claim in article.claims for wording in claim.wordings]
        # One entry a way of asking (the heading first, what readers might write last), then one a section's text.
        messages = read_messages()
        ways = [(section.heading, *section.asks, *messages.get((section.article, section.heading), ())) for section, _ in self.sections]
        asked = [(number, ask) for number, asks in enumerate(ways) for ask in asks]
        texts = [f"{section.heading} {section.plain}" for section, _ in self.sections]
        wordings, outside = [wording for *_, wording in self._claims], outside_questions()
        readings = cached_readings([ask for _, ask in asked] + texts + outside, embed, cache)
        vectors = _vectors(readings)
        self._read = Latest(embed)
        # Statements are held against claims by the encoder as it came: tuned to tell questions apart, it judged half of them wrongly.
        self.untuned: Embedder = getattr(embed, "untuned", embed)
        self._read_statements = Latest(self.untuned)
        self.scope = Scope(vectors[: len(asked)], vectors[len(vectors) - len(outside):])
        self._section_of = np.array([number for number, _ in asked])
        of_texts = np.concatenate([self._section_of, np.arange(len(texts))])
        self._late = LateInteraction([reading.pieces for reading in readings[: len(of_texts)]], of_texts)
        self._asks = len(asked)
        self._vectors = vectors[: len(asked) + len(texts)]
        self._learned = KernelRidge(self._vectors, of_texts)
        self._course = np.array([article.course for _, article in self.sections])
        self._is_lead = np.array([section is article.lead for section, article in self.sections], dtype=float)
        if wordings:
            claim_vectors = _vectors(cached_readings(wordings, self.untuned, cache, "claims"))
            self._wordings = faiss.IndexFlatIP(claim_vectors.shape[1])
            self._wordings.add(claim_vectors)
        self._claim_words = SharedWords(wordings)
        self._asked_words = Words([" ".join(asks) for asks in ways])
        self._all_words = Words([" ".join([text, *asks[1:]]) for text, asks in zip(texts, ways, strict=True)])
        self._tools = Tools(articles)
        headings = np.unique(self._section_of, return_index=True)[1]  # a section's heading is the first of its ways of asking
        self._headings = self._vectors[headings]
        self._odds = WordOdds([ask for _, ask in asked] + texts, outside, STEM.stemWords)

    def preferring(self, topic: str) -> "Index":
        """The same index for a reader of one topic: its sections come first where they answer about as well as others."""
        other = copy.copy(self)
        other._preferred = np.array([article.topic == topic for _, article in self.sections], dtype=float)
        return other

    def search(self, queries: Sequence[str], limit: int = 8) -> list[Hit]:
        """The best sections for a question, best first. `queries`: the question; or the main question of a long message and
        the whole of it."""
        return self.search_each([queries], limit)[0]

    def search_each(self, questions: Sequence[Sequence[str]], limit: int = 8) -> list[list[Hit]]:
        """The best sections for each of several questions; what has to be embedded is embedded once and together."""
        if not questions:
            return []
        self._read([_beginning(query) for queries in questions for query in queries])
        return [self._search(queries, limit) for queries in questions]

    def _search(self, queries: Sequence[str], limit: int) -> list[Hit]:
        question = self.embed_question(queries)
        signals, known = self.signals(queries[-1], question)
        course = self._course & (np.maximum(signals["asked"], signals["text"]) >= COURSE_NEAR)
        score = _weighed(signals) + PREFERRED * self._preferred + COURSE_FIRST * course
        foreign, own = self._odds.of(queries[-1])
        shared = {"known": known, "scope": self.scope.margin(question), "nearer": self.scope.nearer(question), "foreign": foreign,
                  "own": own}
        hits = []
        for n in np.argsort(-score, kind="stable")[:limit]:
            found = {name: float(signals[name][n]) for name in ("learned", "asked", "text", "lexical", "late")} | shared
            section, article = self.sections[n]
            sure = max(confidence(**found), fitted()["answer"] * course[n])
            hits.append(Hit(section, article, float(score[n]), **found, confidence=sure))
        return hits

    def embed_question(self, queries: Sequence[str]) -> np.ndarray:
        """One unit vector for the question."""
        vectors = _vectors(self._read([_beginning(query) for query in queries]))
        vector = vectors[0] if len(vectors) == 1 else MAIN_QUESTION * vectors[0] + (1 - MAIN_QUESTION) * vectors[-1]
        return vector / np.linalg.norm(vector)

    def signals(self, query: str, question: np.ndarray) -> tuple[dict[str, np.ndarray], float]:
        """What speaks for each section, by the names in WEIGHTS, and the share of the query's words that the articles know."""
        cosine = self._vectors @ question
        asked = np.full(len(self.sections), -1.0)
        np.maximum.at(asked, self._section_of, cosine[: self._asks])
        lexical, _ = self._asked_words(query)
        everywhere, known = self._all_words(query)
        named, library, foreign = self._tools.signals(query)
        article = np.zeros(len(self.articles))
        np.maximum.at(article, self._article_of, everywhere)
        signals = {"learned": self._learned(question), "asked": asked, "text": cosine[self._asks:], "lexical": lexical,
                   "article": article[self._article_of], "lead": self._is_lead, "named": named, "library": library, "foreign": foreign}
        # Word by word only those that came near: it takes as long for sixty as all the rest.
        near = np.argsort(-_weighed(signals), kind="stable")[:NEAR]
        late = self._late(self._read([_beginning(query)])[0].pieces, near)
        signals["late"] = np.full(len(self.sections), late.min(initial=1.0))
        signals["late"][near] = late
        return signals, known

    def ways(self, section: Section, question: np.ndarray) -> list[tuple[str, float]]:
        """Every way of asking for a section that its article names, its heading first, with its cosine to a question's vector."""
        rows = np.flatnonzero(self._section_of == self._place[section])[: 1 + len(section.asks)]
        return list(zip((section.heading, *section.asks), (self._vectors[rows] @ question).tolist(), strict=True))

    def similarity(self, first: Section, second: Section) -> float:
        """Cosine of two sections' texts: how much the second would repeat the first."""
        one, other = (self._asks + self._place[section] for section in (first, second))
        return float(self._vectors[one] @ self._vectors[other])

    def nearness(self, asked: str, section: Section) -> float:
        """Cosine of a question to a section's heading."""
        return float(self._read([_beginning(asked)])[0].vector @ self._headings[self._place[section]])

    def nearest_claims(self, statements: Sequence[str], limit: int = 5) -> list[list[ClaimHit]]:
        """For each statement the claims whose wordings come nearest, best first, each claim once."""
        if not statements or not self._claims:
            return [[] for _ in statements]
        scores, entries = self._wordings.search(_vectors(self._read_statements(statements)), min(4 * limit, len(self._claims)))
        found = []
        for row, places in zip(scores, entries, strict=True):
            best: dict[str, ClaimHit] = {}
            for score, place in zip(row.tolist(), places.tolist(), strict=True):
                claim, article, wording = self._claims[place]
                best.setdefault(claim.text, ClaimHit(claim, article, wording, score))
            found.append(list(best.values())[:limit])
        return found

    def shared_with_claims(self, statement: str) -> float:
        """The largest share of longer words that a statement has in common with one claim's wording."""
        return self._claim_words(statement)

    def lexical_scores(self, query: str) -> tuple[np.ndarray, float]:
        """BM25 over all that is written of each section, and the share of the query's words that the articles know."""
        return self._all_words(query)


def _weighed(signals: dict[str, np.ndarray]) -> np.ndarray:
    return np.sum([WEIGHTS[name] * signal for name, signal in signals.items()], axis=0)


def _vectors(readings: Sequence[Reading]) -> np.ndarray:
    return np.stack([reading.vector for reading in readings])


def _beginning(text: str) -> str:
    return " ".join(text.split()[:QUERY_WORDS])
