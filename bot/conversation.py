"""Resolves a message against the reader's earlier ones: "and for QA?", "why?", "no, I meant the input embeddings".

Rules on the words alone. The state is the list of earlier messages, so that an API call with a history gets the same answer
as a page. A message that stands by itself is left by itself: joining two topics is worse than missing a link.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot import quiz, smalltalk

REMEMBERED = 12  # messages; older ones are no topic any more
Kind = Literal["changed", "goes on", "why", "code", "more", "short", "word"]
THANKS = re.compile(
    r"^(?:(?:ok(?:ay)?|thanks?(?: a lot| so much)?|thank you(?: very much| so much)?|thx|great|perfect|got it|i see|nice|cool|right)\b"
    r"[,.!;: ]+)+"
    r"(?:(?:one )?(?:more|another|other|last) (?:question|thing)[,.:;! ]*)?(?=\S)", re.IGNORECASE)

# Terms that can take each other's place in a question. A follow-up that names one replaces the earlier one of its kind.
KINDS = tuple(re.compile(rf"\b(?:{pattern})\b", re.IGNORECASE) for pattern in (
    r"word2vec|glove|fast ?text|elmo|(?:distil|ro|al)?bert(?:a)?|gpt(?:-\d)?|xlnet|electra|sbert|llms?|large language models?|cnns?|"
    r"resnet|vision models?|static vectors?|contextual vectors?",
    r"sentiment(?: analysis| classification)?|question[- ]answering|qa|squad|ner|named[- ]entity recognition|tagging|"
    r"translation|summari[sz]ation|sentence similarity|topic classification",
    r"input embeddings?|embedding (?:layer|table)|token embeddings?|(?:lower|bottom|first|early|middle|upper|top|last|final|higher) "
    r"layers?|"
    r"attention(?: heads?| weights)?|\[?cls\]?(?: token| vector)?|pooler|classifier|heads?|bias(?:es)?",
    r"feature[- ]extraction|frozen|full fine-?tuning|q?lora|adapters?|bitfit|prompt tuning|prefix tuning|linear probing|lp-?ft|"
    r"gradual unfreezing|prompting|in-context learning",
    r"pytorch|keras|tensorflow|hugging ?face|transformers|flair|spacy|gensim|allennlp|scikit-learn|sentence-transformers",
))
ABBREVIATIONS = ((re.compile(r"\b(q ?& ?a|qa)\b", re.IGNORECASE), "question answering"),
                 (re.compile(r"\bNER\b", re.IGNORECASE), "named entity recognition"))

LEAD_IN = r"^(?:(?:ok(?:ay)?|hm+|ah|oh|i see|thanks?|thank you|great|right|well|yes|yeah|please|so|and|but)\b[,.! ]*)*"
CORRECTION = re.compile(
    r"^(?:no|nope|sorry|actually|wait|not (?:that|this|what i (?:meant|asked)))\b[,.:;! ]*(?:no[,.! ]+)?"
    r"(?:(?:i|what i) (?:really |actually )?(?:meant?|was asking|am asking|asked)(?: is| was)?(?: about| for)?(?: to ask)?|"
    r"i(?:'m| am) talking about|rather|instead)\b[,:]?\s*(.+)$|^(?:i (?:meant|mean))\b[,:]?\s*(.+)$", re.IGNORECASE)
ASKED = re.compile(
    r"^(?:(?:no[,. ]+)?that(?:'s| is| was|s)? not what i (?:asked|meant|wanted)(?: to know)?[,.;: ]+)?"
    r"i (?:was asking|asked|am asking|meant|mean|wanted to know|was talking)(?: for| about)? "
    r"(.+?)(?:,? (?:and )?not (?:about |the )?.{2,40})?$",
    re.IGNORECASE)
NOT_THIS = re.compile(
    r"^not (?!sure|really|yet|quite|only|all|every|exactly|clear|so\b)(?:the |a )?[\w -]{2,30}, (?:but )?(.+)$", re.IGNORECASE)
NOT_BUT = re.compile(r"^no[,. ]+(?:not )?(?:the |a )?(.+?),? (?:not|rather than|instead of) .+$", re.IGNORECASE)
# “I meant the first one, not the last”, “not the last, the first”: (new, old).
EXCHANGE = tuple(re.compile(pattern, re.IGNORECASE) for pattern in (
    r"\b(?!(?:about|of|for|meant?|the|with|asking) )(?P<new>[\w-]+)(?: \w+)?,? (?:and |but )?(?:not|rather than|instead of) "
    r"(?:the |about |of )?(?P<old>[\w-]+)\b",
    r"^(?:no[,. ]+)?not (?:the |about )?(?P<old>[\w-]+)(?: \w+)?,? (?:but )?(?:the )?(?P<new>[\w-]+)"))
CODE = re.compile(
    LEAD_IN + r"(?:(?:can|could|would|do) (?:you|i|we)(?: please)? (?:give|show|share|write|have|get|see|provide|post)?(?: me| us)?|"
    r"(?:give|show|send)(?: me| us)?|i (?:need|want)|do you have|in|how (?:do|can|would) i do (?:that|this|it) (?:in|with|using)|"
    r"what about|any|is there)?\s*"
    r"(?:the |some |a |an |any )?(?:example |sample |python |pytorch |working )*(?:code|snippets?|python|pytorch|implementation|script)"
    r"(?: (?:examples?|snippet|(?:for|of) (?:that|this|it|the (?:first|second|last|next|other) (?:step|part|one|option|way))|"
    r"please|sample))*\W*$|"
    + LEAD_IN + r"(?:do you have |is there |can you give me |show me )?(?:an? )?examples? (?:of (?:that|this|it) )?in "
    r"(?:code|python|pytorch|keras|tensorflow)\W*$", re.IGNORECASE)
WHY = re.compile(LEAD_IN + r"(?:(?:hm+|but)[,. ]+)?(?:why(?: (?:is|does|did|would) (?:that|this|it)(?: so| be| be so| the case| happen)?|"
                           r" so| not| though| exactly)?|"
                           r"i (?:still )?(?:do not|don't|dont|can't|cannot) (?:understand|get|see) why(?: that is)?|"
                           r"how so|how come|for what reason|"
                 r"what is the reason(?: for that)?)\W*$", re.IGNORECASE)
MORE = re.compile(LEAD_IN + r"(?:(?:tell|show) me more|more|more (?:details?|about (?:that|this|it))(?: please)?|go on|continue|elaborate|"
                  r"(?:can|could) you (?:elaborate|explain (?:that|this|it)?|say more|go on)[\w ]{0,20}|"
                  r"i (?:still )?(?:do not|don't|didn't) (?:get|understand)(?: it| that| this)?|what do you mean|what else|"
                  r"explain (?:that|it|this|more)[\w ]{0,15}|in (?:more )?detail|(?:in )?simpler(?: words| terms)?|an? example|examples?|"
                  r"for example|(?:by )?how (?:much|far|many|long)(?: exactly)?|how|huh|what|\?+|eli5|"
                  r"explain (?:it |that |this )?(?:to me )?like i'?m .{1,20}|"
                  r"(?:in |use )?(?:simple|simpler|plain|easy|easier) (?:words|terms|english|language)|"
                  r"(?:give|show) me an(?:other)? example|"
                  r"go deeper|tell me more(?: about (?:that|this|it))?|next|what else (?:should i know|is there)|"
                  r"i (?:still )?(?:dont|can't|cannot) (?:get|understand|follow)(?: it| that| this)?)\W*(?: please)?\W*$", re.IGNORECASE)
SHORTER = re.compile(LEAD_IN + r"(?:(?:can|could) you )?(?:tl;?dr|summar(?:y|i[sz]e)(?: (?:that|this|it))?|"
                     r"(?:make it |a )?short(?:er)?(?: version| answer)?|in short|in (?:one|a|two) sentences?|briefly|too long)"
                     r"\W*(?: please)?\W*$", re.IGNORECASE)
CHOICE = re.compile(
    r"^(?:so |and |ok,? |then )*(?:which (?:is|are|one|of (?:them|these|the two))\b.{0,25}|what (?:would|do|should) (?:you|i) "
    r"(?:recommend|suggest|advise|do|use|choose|take|prefer)(?: then| now| instead)?|(?:what|how|which)\b.{3,60}\bthen)\W*$", re.IGNORECASE)
OBJECTION = re.compile(r"^(?:but|so) (?:you|the|i|it|they|that|this|we|then|there|all|a|my|its?)\b", re.IGNORECASE)
WORD = re.compile(LEAD_IN + r"(?:(?:can|could) you )?(?:show|try|do|run|measure|repeat)(?: it| that| this| me| us| the same)*"
                  r"(?: (?:with|for|on|using))? (?:the word )?[\"“']?([a-z]{2,30})[\"”']?(?: instead| please| now)?\W*$"
                  r"|" + LEAD_IN + r"(?:(?:what|how) about|same (?:for|with)|now|with|for) (?:the word )[\"“']?([a-z]{2,30})[\"”']?\W*$"
                  r"|" + LEAD_IN + r"(?:(?:what|how) about|same (?:for|with)|now with|with|for) "
                                   r"[\"“']([a-z]{2,30})[\"”']\W*$", re.IGNORECASE)
OPENS = re.compile(
    r"^(?:and|or|but|so|then|also|ok(?:ay)?,? (?:but|so|and|then)|what about|how about|what if|in that case|"
    r"(?:the )?same (?:for|with|in)|which one|really|is (?:that|it|this)|are (?:they|these|those)|does (?:that|it|this)|do (?:they|these)|"
    r"can (?:it|that|they)|would (?:it|that)|should (?:it|that|they)|for|in|with|on|using|only|even|instead of|not(?! sure)|show "
    r"me)\b", re.IGNORECASE)
BACK = re.compile(r"\b(?:it|its|that|this|they|them|their|these|those|ones?|both|the same|there|instead)\b", re.IGNORECASE)
GOES_ON = re.compile(r"^(?:then|but then|so then|ok(?:ay)?,? (?:but|so|then)|but (?:why|what|how|when|if)|in that case)\b", re.IGNORECASE)
QUESTION_WORD = re.compile(r"^(?:what|which|how|why|when|where|who|is|are|do|does|did|can|could|should|would|will|compare|any|explain|"
                           r"summari[sz]e)\b", re.IGNORECASE)
FRAME = re.compile(
    r"^(?:ok(?:ay)?|and|or|but|so|then|also|what about|how about|what if|in that case|(?:the )?same|instead(?: of)?|only|even|if "
    r"(?:i|we) use|"
    r"(?:for|in|with|on|using|the|a|an|my|of|about|use|used)(?=\s)|[,. ])+", re.IGNORECASE)
COMMON = frozenset((
    "the", "and", "for", "but", "what", "about", "how", "why", "when", "which", "who", "does", "did", "can", "could", "should",
    "would", "will", "with", "without", "then", "that", "this", "these", "those", "they", "them", "there", "here", "ok", "okay",
    "please", "thanks", "also", "too", "same", "instead", "only", "even", "not", "mine", "was", "were", "are", "has", "have", "had",
    "you", "your", "its", "one", "ones", "tell", "show", "me", "now", "more", "less", "much", "many", "really", "case", "using",
    "use", "used", "mean", "meant", "actually", "sorry", "all", "any", "some", "lot", "make", "makes", "still"))
LONG, SHORT, FRAGMENT = 25, 12, 7  # words


@dataclass(frozen=True)
class Resolved:
    """A message in full. `question` is what it asks; `topic` is the earlier question that it goes on from."""

    question: str
    topic: str
    kind: Kind
    word: str | None = None


def resolve(text: str, history: Sequence[str]) -> Resolved | None:  # noqa: PLR0911 (one return for each kind of follow-up)
    """The message in full, if it leans on an earlier one; None if it stands by itself."""
    about = topic(history)
    if not about:
        return None
    text = THANKS.sub("", text)
    words = len(text.split())
    if match := CORRECTION.match(text) or NOT_BUT.match(text) or NOT_THIS.match(text) or ASKED.match(text):
        meant = next(group for group in match.groups() if group).strip(" .!?")
        if words <= LONG:
            return Resolved(_exchanged(about, text) or _changed(about, meant), about, "changed")
    for pattern, kind in ((CODE, "code"), (WHY, "why"), (SHORTER, "short"), (MORE, "more")):
        if pattern.match(text):
            return Resolved(about, about, kind)  # type: ignore[arg-type]
    if (match := WORD.match(text)) and (word := next((group for group in match.groups() if group), None)) and not _named(word):
        return Resolved(about, about, "word", word)
    if (GOES_ON.match(text) and words <= LONG) or (CHOICE.match(text) and words <= SHORT) or (
            OBJECTION.match(text) and FRAGMENT - 3 <= words <= SHORT):
        return Resolved(f"{about} {text}", about, "goes on")
    if OPENS.match(text) and words <= SHORT:
        rest = FRAME.sub("", text).strip(" ?.!")
        if BACK.search(rest) or (QUESTION_WORD.match(rest) and len(rest.split()) > 1):
            # A whole question that begins with "and": it needs the topic only if it points back to it.
            return Resolved(f"{about} {text}", about, "goes on") if BACK.search(rest) or len(rest.split()) <= 4 else None
        return Resolved(_changed(about, rest), about, "changed") if rest and words <= FRAGMENT + 2 else None
    if words <= SHORT and BACK.search(text) and QUESTION_WORD.match(text):
        return Resolved(f"{about} {text}", about, "goes on")
    if words <= 3 and text.endswith("?") and not QUESTION_WORD.match(text):
        return Resolved(_changed(about, FRAME.sub("", text).strip(" ?")), about, "changed")
    return None


def topic(history: Sequence[str]) -> str:
    """What the conversation is about: the last earlier question, itself resolved; empty if there is none."""
    recent = [re.sub(r"\s+", " ", message).strip() for message in history[-REMEMBERED:]]
    while recent:
        last = recent.pop()
        game = quiz.follow([*history[: -REMEMBERED], *recent])
        if quiz.plays(last, game):
            return quiz.follow([*history[: -REMEMBERED], *recent, last]).topic
        if not re.search(r"\w", last) or smalltalk.reply(last, 0):
            continue
        found = resolve(last, recent)
        return found.question if found else last
    return ""


def needs_topic(text: str) -> bool:
    """Whether a message says nothing without an earlier one: "why?", "can you give code?"."""
    return any(pattern.match(text) for pattern in (CODE, WHY, SHORTER, MORE))


def content_words(text: str) -> list[str]:
    """The words of a follow-up that must be known to the articles, for it to be about the same field."""
    return [word for word in re.findall(r"[a-z][a-z0-9-]{2,}", spelled_out(text).lower()) if word not in COMMON]


def spelled_out(text: str) -> str:
    """Abbreviations as the articles write them."""
    for pattern, words in ABBREVIATIONS:
        text = pattern.sub(words, text)
    return text


def _exchanged(about: str, text: str) -> str:
    """The earlier question with the word that the reader takes back replaced by the one that was meant; empty if it has no such word."""
    for pattern in EXCHANGE:
        if (match := pattern.search(text)) and re.search(rf"\b{re.escape(match['old'])}\b", about, re.IGNORECASE):
            return re.sub(rf"\b{re.escape(match['old'])}\b", match["new"], about, flags=re.IGNORECASE)
    return ""


def _changed(about: str, new: str) -> str:
    """The earlier question with a term replaced by the new one of the same kind; where there is none, the two side by side."""
    asked = about
    for kind in KINDS:
        found = kind.search(new)
        old = list(kind.finditer(about))
        if found and old and found[0].lower() not in about.lower():
            # Of several (from sentiment to QA) the last is the one that a follow-up goes on from.
            place = old[-1]
            asked = about[: place.start()] + found[0] + about[place.end():]
            rest = (new[: found.start()] + new[found.end():]).strip()
            return f"{asked} {rest}".strip() if len(rest.split()) > 1 else asked
    return f"{new}: {about}"


def _named(word: str) -> bool:
    return any(kind.fullmatch(word) for kind in KINDS) or word.lower() in {
        "code", "more", "it", "that", "this", "me", "examples", "example", "evidence", "how", "why", "what", "numbers", "all",
        "layers", "again", "python", "torch"}
