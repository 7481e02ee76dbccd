"""Takes out of a text what could tell who wrote it: addresses, numbers and links that lead to a person, and names that are given as such.

What is taken out leaves a word in brackets. A name in the middle of a sentence stays: no rule finds those without also taking
the names of models and authors, so the page asks readers to write none.
"""

import re

from phonenumbers import PhoneNumberMatcher

REGIONS = ("US", "GB", "DE", "FR", "ES", "IN", "CN")  # whose numbers are known without their country code
LONGEST = 2000  # characters that are kept
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]+")
NAME = r"[^\W\d_][\w'’-]*"
CAPITAL = r"[A-ZÀ-ÖØ-Þ][\w'’-]*"
HOST = r"(?<![\w.-])[\w-]{1,63}(?:\.[\w-]{1,63}){0,5}"
DOT = r"(?:\.|\s?(?:\(dot\)|\[dot\])\s?|\s+dot\s+)"
SAYS = r"my (?:full )?name is|my name's|i am called|i'm called|ich heiße|mein name ist|je m'appelle|me llamo|mi nombre es"
TITLES = r"Prof(?:essor)?|Dr|Mr|Mrs|Ms|Herrn?|Frau|Mme|Sra?"
ENDS = r"regards|wishes|greetings|sincerely|cheers|thanks|thank you|thx|grüße|gruß|lg|vg|mfg"
RULES = tuple((re.compile(pattern), instead) for pattern, instead in (
    (rf"(?i)\b(?:https?|ftp|file)://\S+|\bwww\.\S+|{HOST}\.(?:com|org|net|edu|io|de|uk|fr|es|cn|in)/\S+", "[link]"),
    (rf"(?i)(?<![\w.+%-])[\w.+%-]{{1,64}}\s?(?:@|\(at\)|\[at\])\s?[\w-]{{1,63}}(?:{DOT}[\w-]{{1,63}}){{0,5}}{DOT}[a-z]{{2,}}", "[address]"),
    (r"(?<![\w@])@\w[\w.-]{2,}", "[name]"),
    (r"(?i)\b(?:\d{1,3}\.){3}\d{1,3}\b|\b(?:[0-9a-f]{1,4}:){4,7}[0-9a-f]{1,4}\b", "[address]"),
    (r"\b\d{3}-\d{2}-\d{4}\b|(?<![\w.,])[A-Za-z]{0,3}\d{7,}(?![\w]|[.,]\d)", "[number]"),
    (rf"(\b(?i:{SAYS})\s+){NAME}(?:\s+{CAPITAL}){{0,2}}", r"\1[name]"),
    (r"(我叫|我的名字是)\s*[\u4e00-\u9fff]{2,3}", r"\1[name]"),
    (rf"\b((?:{TITLES})\b\.?)(?:\s+(?:Dr|Prof)\.?)?\s+{CAPITAL}(?:\s+{CAPITAL})?", r"\1 [name]"),
    (rf"((?i:\b(?:{ENDS})[,.!]*)\s+[-–]?\s*){CAPITAL}(?:\s+{CAPITAL}){{0,2}}\s*$", r"\1[name]"),
))


def scrub(text: str) -> str:
    """The text on one line, at most LONGEST characters, without what could tell who wrote it."""
    text = re.sub(r"\s+", " ", CONTROL.sub(" ", text)).strip()
    for region in REGIONS:  # before the rules, one of which takes long numbers apart from their code
        for match in reversed(list(PhoneNumberMatcher(text, region))):
            text = f"{text[:match.start]}[number]{text[match.end:]}"
    for pattern, instead in RULES:
        text = pattern.sub(instead, text)
    return text[:LONGEST]
