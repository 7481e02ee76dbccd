"""Reads a message: what is asked, what is stated, which word and sentences an experiment should use."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from bot.conversation import BACK, Resolved, content_words, resolve, spelled_out
from bot.sentences import EMPTY_ASK, is_ask, split_questions
from knowledge.index import QUERY_WORDS

MAX_CHARACTERS = 4000

CLAUSE = re.compile(
    r",?\s+(?:where|but|while|whereas|although|because|since|so(?: that)?|that means|which means|therefore|hence|however)\s+"
    r"|[;:]\s+|,\s+(?:and|for example|e\.g\.,?|that means,?|i\.e\.,?)?\s*", re.IGNORECASE)
QUOTED = re.compile(r"[“\"«]([^“”\"«»\n]{1,400})[”\"»]|(?<!\w)'([^'\n]{1,400})'(?!\w)")
NO_WORD = (  # what follows "the word" and is not the word that is meant: "the word vecs", "the word is"
    r"(?!(?:vec\w*|embed\w*|emb|pieces?|repr\w*|meanings?|senses?|words?|tokens?|bert|weights?|layers?|level|order|counts?|lists?|tables?|"
    r"matri\w+|spaces?|similarit\w+|fine|in|is|of|that|this|it|a|the|my|each|are|r|was|were|has|have|had|gets?|got|does|do|can|will|would|"
    r"should|to|for|from|with|when|if|after|before|and|or|not|itself|moves?|moved|changes?|changed)\b)")
NAMED = re.compile(
    rf"\bthe word {NO_WORD}([a-z]{{2,40}})\b"
    rf"|\bhow (?:far|much) do(?:es)? (?:the )?(?:vectors? (?:of|for) )?{NO_WORD}([a-z]{{2,40}}) (?:move|drift|shift)\b", re.IGNORECASE)
# Spellings that people use, and the one of the articles: BM25 knows words, not their sounds.
SPELLINGS = tuple((re.compile(pattern, re.IGNORECASE), word) for pattern, word in (
    (r"\b(?:f[iu]ne?|fin)[- ]?t[uo]nn?(?:e?ing|eing|nig|ing)\b", "fine-tuning"), (r"\b(?:f[iu]ne?|fin)[- ]?tunn?ed\b", "fine-tuned"),
    (r"\b(?:f[iu]ne?|fin)[- ]?tunes?\b", "fine-tune"), (r"\bunfreez(?:ed|e)\b", "unfreeze"), (r"\bfr(?:ee|o)zed\b|\bfreezed\b", "frozen"),
    (r"\bpre[- ]?tr(?:ai|ia)n+ed\b", "pretrained"), (r"\bpre[- ]?train+ing\b", "pretraining"),
    (r"\bembb?ed+ings?\b|\bembedings?\b", "embeddings"),
    (r"\b(?:w2v|word ?to ?vec|vec2word|word-2-vec|word 2 vec)\b", "word2vec"), (r"\bwieghts?\b|\bwheights?\b", "weights"),
    (r"\blayars?\b|\blayes\b", "layers"), (r"\bcatastrop?h?ic(?:al)? forget+ing\b", "catastrophic forgetting"),
    (r"\bsentim[ea]nt\b", "sentiment"), (r"\bpara?meters?\b|\bparams\b", "parameters"), (r"\bl\.?r\.?(?= |$)", "learning rate"),
    # A question that leaves out what the other choice is.
    (r"^(?:so |and )?(?:should|shall) (?:i|we) (?:fine-?)?tune(?: (?:it|bert|my model|the model))?(?: on my (?:own )?data)?\W*$",
     "When should I use feature extraction and when fine-tuning?"),
))
# What asks for code: a how-to.
HOW_TO = re.compile(
    r"\bhow (?:do|can|could|should|would|to|might) ?(?:i|we|you|one|someone)?\b(?! "
    r"(?:know|tell|decide|choose|differ|explain|interpret|check|see|verify|find out|understand|compare))|\bcode\b|\bsnippet\b|"
    r"\bin (?:pytorch|keras|tensorflow|python|transformers|gensim|hugging ?face)\b|\bsyntax\b|\bimplement\w*\b|\bhow-to\b|"
    r"\b(?:a|any|some|another) way to\b", re.IGNORECASE)
# Words that carry no topic: of what is asked with these alone, the sentence before it must tell what it is about.
NO_TOPIC = frozenset((
    "get", "got", "do", "doing", "done", "does", "work", "works", "working", "chance", "wrong", "right", "correct", "behavior",
    "behaviour", "way", "ways", "happen", "happens", "happening", "difference", "differences", "reason", "reasons", "idea", "ideas",
    "sense", "expected", "normal", "possible", "usual", "picture", "thing", "things", "stuff", "problem", "problems", "issue",
    "understand", "understanding", "know", "think", "explain", "help", "question", "questions", "answer", "answers", "doubt",
    "confused", "wonder", "wondering", "someone", "somebody", "anyone", "anybody", "everyone", "nobody", "people", "something",
    "anything", "nothing", "everything", "need", "needed", "want", "wanted", "like", "try", "tried", "trying", "good", "bad", "better",
    "best", "fine", "okay", "sure", "advice", "suggestion", "suggestions", "recommend", "recommended", "missing", "miss", "stupid",
    "broken", "break", "bug", "error", "fix", "solve", "solution", "snippet", "proper", "opinion", "thoughts", "thought", "paper",
    "course", "tutorial", "tell", "say", "said", "says", "saw", "seen", "see", "look", "looks", "looking", "just", "also", "however",
    "really", "please", "case", "cases", "exactly", "concerned", "appreciated", "hello", "hey", "first", "second", "because", "into",
    "from", "going", "take", "taken", "give", "gives", "put", "kind", "sort", "expect", "sensible", "begin", "overlooked", "fit",
    "together", "own", "known", "suppose", "maybe", "perhaps", "two", "three", "approach", "approaches", "option", "options", "order",
    "must", "might", "else", "already", "such", "than", "very", "did", "been", "being", "let", "lets", "why", "yes"))
ENOUGH_TOPIC = 3  # words with a topic, for an ask to be searched for without what it leans on; one less if it does not point back
# An “it” that stands for nothing: “is it normal that ...”, “does it make sense to ...”.
EMPTY_IT = re.compile(
    r"\b(?:(?:is|was|would|will) it (?:be )?(?:\w+ ){1,3}?(?:that|to|if|when)|(?:does|would) it make (?:any )?sense (?:to|that|if)|"
    r"it (?:is|was|seems) (?:\w+ ){1,3}?(?:that|to))\b", re.IGNORECASE)
LEANS_ON, LEANS_WORDS = 3, 6  # sentences that are read before such an ask, until so many words with a topic are found
YES_NO = re.compile(
    r"^(?:(?:so|and|but|also|or|then|now|well|hi|hello|please|first|second|ok(?:ay)?|if [^,?]{3,80}|my (?:question|doubt) is:?|"
    r"in (?:other words|short|general)|e\.g\.|i\.e\.)[,: ]+)*"
    r"(?:is|are|was|were|do|does|did|can|could|should|shall|will|would|must|may|might|has|have|had|isn'?t|aren'?t|don'?t|doesn'?t|didn'?t|can'?t|"
    r"won'?t|shouldn'?t)\s+(?!you (?:please |kindly "
    r")?(?:explain|tell|show|help|give|describe|share|clarify)|(?:any|some)(?:one|body)|someone)\w", re.IGNORECASE)
HEDGE = re.compile(r"^(?:according to [^,]+,|as far as i (?:know|understand),?|i (?:think|know|believe|guess|understand|read)(?: that)?,?|"
                   r"for example,?|by definition,?|basically,?|also,?|so,?|and|but|that means,?|it means,?|if i understand correctly,?)\s+",
                   re.IGNORECASE)


class MessageError(Exception):
    """One sentence for the reader: what is wrong with the message and what to do."""


@dataclass(frozen=True)
class Question:
    """A message, read. Statements and quotes are stretches of `text` exactly as written (white space collapsed)."""

    text: str
    asks: tuple[str, ...]  # what is asked, the main question first; never empty
    statements: tuple[str, ...]
    words: int
    word: str | None = None  # a quoted single word
    sentences: tuple[str, ...] = ()  # quoted sentences that hold the word
    leans: Resolved | None = None  # how it goes on from an earlier message

    @property
    def queries(self) -> list[str]:
        """What to search for: the main question, then the whole message if it says more."""
        return self.queries_for(self.asks[0])

    def queries_for(self, ask: str) -> list[str]:
        """What to search for to answer one of the message's questions."""
        whole = self.leans.question if self.leans else self.text
        full = self.in_full(ask)
        words = len(whole.split())
        if words <= len(full.split()) + 3:
            return [as_written(full)]
        # Of a long message the search reads the beginning, which must hold what is asked.
        return [as_written(full), as_written(f"{full} {whole}" if words > QUERY_WORDS else whole)[:1200]]

    def in_full(self, ask: str) -> str:
        """One of the message's questions with the sentences that it leans on, where it says too little: “How can I do that?”"""
        sentences = [] if self.leans else split_questions(self.text)
        if ask not in sentences or not is_thin(ask):
            return ask
        place = sentences.index(ask)
        before: list[str] = []
        for sentence in reversed(sentences[:place]):
            if len(before) == LEANS_ON or len(topic_words(" ".join([*before, ask]))) >= LEANS_WORDS:
                break
            before.insert(0, sentence)
        return " ".join([*before, ask] if before else [ask, *sentences[place + 1: place + 2]])

    @property
    def how_to(self) -> bool:
        """Whether code belongs to the answer."""
        return bool(self.leans and self.leans.kind == "code") or any(HOW_TO.search(ask) for ask in self.asks[:2])

    @property
    def yes_or_no(self) -> bool:
        """Whether the main question is answered by yes or no."""
        return is_yes_or_no(self.asks[0]) and not (self.leans and self.leans.kind in ("why", "more", "code"))


def clean(message: object) -> str:
    """The message as plain text. Raises MessageError if it is empty, too long, or no text."""
    if not isinstance(message, str):
        raise MessageError("A question must be text.")
    if len(message) > MAX_CHARACTERS:
        raise MessageError(f"This message has {len(message):,} characters and at most {MAX_CHARACTERS:,} are read; "
                           "please shorten it to the part that matters.")
    text = re.sub(r"[\x00-\x08\x0b-\x1f\x7f\u200b-\u200f\u202a-\u202e\u2060\ufeff\ud800-\udfff]", "", message)
    text = re.sub(r"\s+", " ", text).strip()
    if not re.search(r"\w", text):
        raise MessageError("Please type a question, for example: “What does fine-tuning change in BERT?”")
    return text


def read(message: str, history: Sequence[str] = ()) -> Question:
    """Read a message. `history`: the reader's earlier messages, oldest first; a follow-up is asked in full."""
    text = clean(message)
    sentences = split_questions(text)
    asks = [sentence for sentence in sentences if is_ask(sentence)]
    statements = [sentence for sentence in sentences if not sentence.endswith("?") and not EMPTY_ASK.match(sentence)]
    main = _main_first(asks) or [max(sentences, key=lambda s: len(s.split()))]
    leans = resolve(text, history) if history else None
    if leans:
        main = [leans.question] if leans.kind != "goes on" or len(text.split()) <= 6 else [text]
        statements = []
    word, quoted = _quoted(text)
    return Question(text, tuple(main), tuple(statements), len(text.split()), word or (leans.word if leans else None), quoted, leans)


def topic_words(text: str) -> set[str]:
    """The words of a text that say what it is about."""
    return {word for word in content_words(text) if word not in NO_TOPIC}


def is_thin(ask: str) -> bool:
    """Whether a question says too little to be searched for by itself."""
    return len(topic_words(ask)) < (ENOUGH_TOPIC if points_back(ask) else ENOUGH_TOPIC - 1)


def points_back(text: str) -> bool:
    """Whether a word of the text stands for something said before: “it”, “those”, “the same”."""
    return bool(BACK.search(EMPTY_IT.sub("", text)))


def as_written(text: str) -> str:
    """A question in the spelling of the articles, for searching."""
    for pattern, word in SPELLINGS:
        text = pattern.sub(word, text)
    return spelled_out(text)


def is_yes_or_no(ask: str) -> bool:
    """Whether a question is answered by yes or no; “is it A or B?” is not."""
    return bool(YES_NO.match(ask.strip()) and not re.search(r"\b(or)\b(?! not\b)", ask))


def clauses(sentence: str) -> list[str]:
    """The sentence and its parts that could stand as statements, each a stretch of the sentence."""
    parts = [sentence]
    pieces = [piece.strip(" ,;:") for piece in CLAUSE.split(sentence) if piece]
    if len(pieces) > 1:
        parts += [piece for piece in pieces if len(piece.split()) >= 4]
    return [stripped for part in parts if (stripped := _without_hedges(part))]


def _without_hedges(part: str) -> str:
    while match := HEDGE.match(part):
        part = part[match.end():]
    return part.strip()


def _main_first(asks: list[str]) -> list[str]:
    """Question marks weigh more than asking words, and what has a topic more than what leans on the sentence before it."""
    return sorted(asks, key=lambda ask: (ask.rstrip("\"”')").endswith("?"), not is_thin(ask), len(ask.split()) >= 5), reverse=True)


def _quoted(text: str) -> tuple[str | None, tuple[str, ...]]:
    """The word to measure and the quoted sentences that hold it.

    The word is quoted by itself, or named ("the word bank", "how far does bank move"), or it is the one longer word that
    all quoted phrases share, as in “bank of the river” and “bank as a financial institute”.
    """
    quotes = [(first or second).strip() for first, second in QUOTED.findall(text)]
    phrases = [set(re.findall(r"\w{4,}", quote.lower())) for quote in quotes if " " in quote]
    shared = set.intersection(*phrases) if len(phrases) > 1 else set()
    named = NAMED.search(QUOTED.sub(" ", text))
    word = next((quote for quote in quotes if re.fullmatch(r"[\w'-]{2,40}", quote)), None)
    word = word or (shared.pop() if len(shared) == 1 else None) or (named and (named[1] or named[2]))
    if word is None:
        return None, ()
    holds = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
    return word, tuple(quote for quote in quotes if " " in quote and holds.search(quote))[:8]
