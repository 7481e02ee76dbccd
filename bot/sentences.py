"""The sentences of a message, and which of them ask something."""

import re

MAX_SENTENCES = 60
# A sentence that asks without a question mark.
ASKING = re.compile(
    r"\b(how (do|can|to|does|should|far|much|many)|what (is|are|does|happens)|why|which|whether|should (i|we)|is it|are there|"
    r"can (i|we|you|someone|anybody|anyone)|could (you|someone|anybody|anyone)|i (was |am )?(wonder|wondering|confus|unsure|curious|"
    r"not sure|want to know|would like to know|need to know)|(can ?not|can't|do not|don't|doesn't|didn't|couldn't) "
    r"(comprehend|understand|get|figure|see))\w*|^(please )?(explain|tell|show|compare|describe)\b", re.IGNORECASE)
# Where one sentence begins to ask something else: “..., and how do I ...?”, “how ..., does it ...?”
VERBS = r"should|does|do|did|is|are|was|can|could|will|would"
ANOTHER = re.compile(
    rf",? (?:and|but) (?=(?:also |then |if so,? )?(?:how|what|which|why|when|where|must|may|{VERBS})\b)|"
    rf", (?=(?:how|what|which|why|{VERBS}) (?:the|it|my|i|we|you|this|that|they|these|there|do|does|is|are|much|many)\b)",
    re.IGNORECASE)
PUT_AS_QUESTION = re.compile(
    rf"^(?:and |but |so |also |then |or |if so,? )*(?:how|what|which|why|(?:when|where) (?:do|does|should|would|can|to)|shall|were|must|"
    rf"may|has|have|{VERBS})\b", re.IGNORECASE)
# Asks for help, but not about anything: never searched for on its own.
EMPTY_ASK = re.compile(
    r"^\W*(please|pls|kindly)?\W*((can|could|would) (any ?(body|one)|some ?(body|one)|you)( please)? help( me)?|help( me)?( please)?|"
    r"correct me if .*|any (help|ideas?|advice|suggestions?|thoughts?)( (is|are|would be) .*)?|thanks?.*|thank you.*|"
    r"is (this|that|it|my .{0,30}) (right|correct|true|ok)|am i (right|wrong|correct)|hi\b.*|hello\b.*|"
    r"if my above .* is (right|correct))\W*$", re.IGNORECASE)
PART_WORDS = 3  # at least, for a part of a sentence to be a question of its own


def split_sentences(text: str) -> list[str]:
    """Sentences of a text whose white space is collapsed; abbreviations such as "e.g." do not end one."""
    guarded = re.sub(r"\b(e\.g|i\.e|vs|etc|cf|approx|et al|Fig|Dr|Mr|Mrs|resp)\.", lambda m: m[0].replace(".", "\0"), text)
    parts = re.split(r"(?<=[.!?])[\"”')]*\s+(?=[\"“'(]?\w)|\s+[-*•]\s+(?=[A-Z])", guarded)
    return [part.replace("\0", ".").strip() for part in parts if re.search(r"\w", part)][:MAX_SENTENCES]


def split_questions(text: str) -> list[str]:
    """The same sentences, of which one that asks two things is two."""
    found: list[str] = []
    for sentence in split_sentences(text):
        start = 0
        for cut in ANOTHER.finditer(sentence) if sentence.endswith("?") else ():
            # “If it is frozen, do I ...?” is one question: what stands before a cut must ask by itself.
            part, rest = sentence[start: cut.start()], sentence[cut.end():]
            if (PUT_AS_QUESTION.match(part) or ASKING.search(part)) and min(len(part.split()), len(rest.split())) >= PART_WORDS:
                found.append(f"{part}?")
                start = cut.end()
        found.append(sentence[start:])
    return found


def puts_a_question(sentence: str) -> bool:
    """Whether a sentence is put as a question, with its mark or without."""
    return sentence.rstrip("\"”')").endswith("?") or bool(PUT_AS_QUESTION.match(sentence))


def is_ask(sentence: str) -> bool:
    """Whether the sentence asks something that can be searched for."""
    return not EMPTY_ASK.match(sentence) and (sentence.rstrip("\"”')").endswith("?") or bool(ASKING.search(sentence)))
