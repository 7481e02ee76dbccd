"""Reads which measurement a message asks for, and with what: experiment, word, sentences, models, layer, seed, labelled lines.

Rules, not a model: each is a way of asking for one experiment. What is not asked for in so many words is left to the
experiments that the answering article names.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from bot.question import NO_WORD, QUOTED, MessageError, Question, clean, read
from demos import find_demos
from demos.lab.checkpoints import CHECKPOINTS
from demos.lab.choose import TrainingTask

OWN = r"\b(these|those|my|the following) (\w+ )?(lines?|examples?|sentences?|texts?|data)\b"  # a reader's own material
TWO_MODELS = re.compile(  # ids on a hub, folders, or keys of ours
    r"\bcompare (?:the )?(?:models? |checkpoints? )?[\"'“]?([\w./\\:~-]+)[\"'”]? (?:and|with|to|against) (?:the )?"
    r"[\"'“]?([\w./\\:~-]*[\w/\\])",
    re.IGNORECASE)
SHOULD_I = (r"^(so |and |but |then )*(should|shall) (i|we) (really )?(fine-?tune|tune)( (it|bert|my model|the model|a model|the encoder))?"
            r"( (at all|or not|(on|with|for) my (own )?(data|lines|texts|task|project)))?"
            r"( or .{0,20}\b(freeze|frozen|features?)\b.{0,20})?\W*$")
# The first that matches a message (quotes taken out) is what it asks for.
ASKS_FOR: tuple[tuple[str, str], ...] = tuple((demo, pattern) for demo, patterns in {
    "frozen_or_tuned": (r"\blearning curves?\b", SHOULD_I,
                        r"\b(should|shall|do|can|must) (i|we)\b.{0,40}\b(fine-?tune|tune|freeze)\b[\s\S]{0,60}:$",  # lines follow
                        rf"\bfrozen (or|and|against|versus|vs\.?|with) (fine-?)?tuned\b.{{0,40}}{OWN}"),
    "live_tuning": (rf"\b(fine-?tune|tune|train)\b.{{0,40}}{OWN}.*:", rf"{OWN}.{{0,40}}\b(fine-?tune|tune|train)\b.*:$",
                    r"\b(fine-?tune|train) (a |the |it |one |something |bert |model )*(now|live)\b", r"\blive (fine-?)?tuning\b"),
    "nearest_words": (r"\b(nearest|closest|neighbou?ring) (words?|neighbou?rs?|tokens?)\b", r"\bneighbou?r(hood)?s? of\b",
                      r"\b((which|what) words?|words (that|which)) (\w+ )?(moved?|changed?|drift(ed|s)?|shift(ed|s)?)( the)? "
                      r"(most|farthest|furthest)\b"),
    "freeze_depth": (r"\b(which|how many|what) (\w+ )?(layers?|blocks?)\b.{0,30}\bfreez",
                     r"\b(which|how many|what) (\w+ )?(layers?|blocks?)\b.{0,20}\b(can|could|should) be frozen\b",
                     r"\bfreez\w*\b.{0,25}\bhow many (layers|blocks)\b", r"\bhow deep\b.{0,20}\bfreez",
                     r"\bfreeze (the )?(bottom|lower|lowest|first) (\w+ )?(layers|blocks)\b.{0,40}"
                     r"\b(score|accuracy|cost|los[es]|losing|hurt)"),
    "spectrum": (r"\bcompare\b.{0,60}\b(lora|bitfit|lp-?ft|full (fine-?)?tuning)\b", r"\b(lora|bitfit|lp-?ft)\b.{0,30}\b(versus|vs\.?)\b",
                 r"\bfrom frozen to full\b"),
    "learning_rate": (r"\b(show|measure|run|test|try)\b.{0,40}\blearning rates?\b",),
    "forgetting": (r"\b(show|measure|run|test|try)\b.{0,40}\bforget",),
    "similarity_of_layers": (r"\b(cka|rsa|procrustes)\b.{0,60}\b(between|of|for|across)\b.{0,40}\b(layers?|models?)\b",
                             r"\b(show|measure|run)\b.{0,40}\b(cka|rsa|procrustes)\b"),
    "isotropy": (r"\b(show|measure|run)\b.{0,40}\b(an)?isotrop",),
    "pooling": (r"\b(show|measure|run|compare)\b.{0,60}\b(pooling|\[?cls\]?)\b",),
    "input_embeddings": (r"\bwhich (rows|tokens|input embeddings|embedding rows)\b.{0,40}\b(moved?|changed?)\b",
                         r"\b(show|measure|run)\b.{0,40}\b(input|token) embeddings?\b"),
    "word_pieces": (r"\bhow is\b.{0,40}\b(split|tokeni[sz]ed|cut)\b", r"\b(word ?pieces?|subwords?|tokens) of\b"),
    "sense_separation": (r"\b(show|measure|run|tell apart|separate)\b.{0,40}\bsenses?\b", r"\bsenses of\b.{0,30}\b(apart|separate)"),
    "static_tuned": (r"\b(show|measure|run|train)\b.{0,40}\b(word2vec|static)\b.{0,30}\b(table|tuned|trainable|classifier)\b",),
    "layer_by_layer": (r"\b(show|measure|run)\b.{0,30}\blayer by layer\b", r"\b(show|measure)\b.{0,40}\bwhich layers? (change|move)"),
    "domain_words": (r"\b(show|measure|run)\b.{0,60}\b(cook ?book|recipe)\b.{0,60}\b(company|business)\b",),
    "word_drift": (r"\bhow (far|much) (do|does|did|has|have|will)\b.{0,60}\b(move|drift|shift|changed?|moved)\b",
                   r"\bhow (far|different)\b.{0,40}“”.{0,40}“”.{0,40}“”",
                   r"\b(measure|distance|cosine|how much)\b.{0,60}“”.{0,40}“”",
                   r"\bcompare\b.{0,80}\b(models?|on|for|in)\b.{0,40}(“”|\bword\b)",
                   r"\b(show|measure|run|try)( me| it)?\b.{0,30}\b(drift|how .{0,30} moves?)"),
}.items() for pattern in patterns)

MODELS = {  # how readers name the rows of the table
    "sentiment": r"\bsentiment\b(?!,? (frozen|other seed))", "qa": r"\b(qa|q&a|question[- ]answering|squad)\b",
    "cookbook": r"\b(cook ?book|recipes?|cooking|kitchen)\b", "company": r"\b(company|companies|business) ?(reviews?|model|tuned|one)?\b",
    "tweets": r"\b(tweets?|twitter)\b", "sentiment_seed2": r"\b(other|second|another|different) seed\b",
    "sentiment_frozen": r"\bfrozen (encoder|control|model|sentiment)\b",
}
COUNTS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth")
AGAINST = re.compile(r"\b(compare|versus|vs)\b", re.IGNORECASE)
BARE_WORD = re.compile(  # “compare sentiment and QA on bank at layer 4”
    rf"\b(?:compare|versus|vs)\b.*\b(?:on|for|of) (?:the (?:word|vectors?) )?{NO_WORD}([a-z]{{2,40}})(?=,? (?:at|in|on) layer|\s*[?.!]*$)",
    re.IGNORECASE)
AGAIN = re.compile(r"^(and |now |then |ok(ay)?,? |please )*(show me|what about|how about|same|try|and|now|again|with|for|at|on|use|in)\b",
                   re.IGNORECASE)
LABELLED = re.compile(r"^[ \t]*[\"']?([^\W\d_][\w -]{0,29})[\"']?[ \t]*[,\t:;|][ \t]*(\S.*)$")
FEWEST_LINES = 4


@dataclass(frozen=True)
class Request:
    """What is to be measured. `demo` is None where the message names no experiment; parameters hold what was read."""

    demo: str | None = None
    parameters: dict[str, Any] = field(default_factory=dict)

    def parameters_for(self, demo: str) -> dict[str, Any]:
        """Those parameters that an experiment takes. Models, layer and seed only where the message asks for this experiment:
        a question about sentiment models in general is no wish to leave the others out."""
        takes = find_demos()[demo].parameters
        chosen = self.parameters if demo == self.demo else {k: v for k, v in self.parameters.items() if k in ("word", "sentences", "lines")}
        return {name: value for name, value in chosen.items() if name in takes}


def read_request(message: str, question: Question, history: Sequence[str] = ()) -> Request:
    """What a message asks to be measured; a short one that goes on from the last message takes over what it leaves out."""
    lines = labelled_lines(message)
    if lines:
        question = read(spoken(message))  # a quotation in a reader's data is no word to measure
    bare = QUOTED.sub("“”", question.text) + (":" if lines else "")
    parameters = _parameters(bare, question) | ({"lines": lines} if lines else {})
    if named := _two_models(question.text):
        return Request("compare_models", {name: value for name, value in parameters.items() if name != "models"} | named)
    demo = _demo(bare, parameters)
    if demo and "word" in parameters and re.search(r"\b(between|in) “” and (in )?“”", bare):
        # A sentence that lacks the word is refused by the experiment, not left out.
        quotes = [(first or second).strip() for first, second in QUOTED.findall(question.text)]
        parameters |= {"sentences": [quote for quote in quotes if " " in quote]} if any(" " in quote for quote in quotes) else {}
    if demo in ("live_tuning", "frozen_or_tuned") and not lines and (given := re.search(rf"{OWN}.*?:(.*)", bare, re.IGNORECASE)):
        if given[4].rstrip().endswith("?"):  # “... on my data: which rate do I take?” asks, and brings no lines
            demo = None
        elif given[4].strip():  # too few, or without labels: the experiment says what it needs
            parameters["lines"] = message[message.index(":") + 1:].strip()
    if demo and "task" in find_demos()[demo].parameters and "lines" not in parameters:
        tasks = [key for key in parameters.get("models", ()) if key in get_args(TrainingTask)]
        if len(tasks) == 1 or re.search(rf"\blearning curves?\b|{SHOULD_I}", bare, re.IGNORECASE):
            parameters["task"] = (*tasks, "sentiment")[0]
    if demo is None and history and parameters and question.words <= 15 and AGAIN.match(question.text):
        before = _last_request(history)
        if "word" in parameters:  # the old sentences hold the old word
            before.parameters.pop("sentences", None)
        return Request(before.demo, before.parameters | parameters)
    return Request(demo, parameters)


def _parameters(bare: str, question: Question) -> dict[str, Any]:
    """Word, sentences, models, layer and seed, as far as the message names them."""
    models = [key for key, pattern in MODELS.items() if re.search(pattern, bare, re.IGNORECASE)]
    unquoted = BARE_WORD.search(bare) if models else None
    seed = re.search(r"\bseed (\d{1,9})\b", bare, re.IGNORECASE)
    found = {"word": question.word or (unquoted and unquoted[1].lower()), "sentences": list(question.sentences) or None,
             "models": models or None, "layer": _layer(bare), "seed": int(seed[1]) if seed else None}
    return {name: value for name, value in found.items() if value is not None}


def _demo(bare: str, parameters: dict[str, Any]) -> str | None:
    """The experiment that is asked for, by what is said or by what is brought."""
    demo = next((name for name, pattern in ASKS_FOR if name in find_demos() and re.search(pattern, bare, re.IGNORECASE)), None)
    if demo := demo or _named(bare):
        return demo
    if "lines" in parameters and re.search(r"\b(fine-?tun|tune|train)", bare, re.IGNORECASE):
        return "live_tuning"
    if "lines" in parameters and clean(parameters["lines"]) == bare.removesuffix(":"):  # nothing but lines
        return "frozen_or_tuned"
    if {"word", "models"} <= set(parameters) and ("layer" in parameters or AGAINST.search(bare)):
        return "word_drift"
    return None


def _layer(text: str) -> int | None:
    """The one layer that a text names: “layer 4”, “layer four”, “the fourth layer”, “the embedding layer” (0)."""
    if found := re.search(r"\blayer (\d{1,2})\b", text, re.IGNORECASE):
        return int(found[1])
    if found := re.search(rf"\b(?:layer ({'|'.join(COUNTS)})|({'|'.join(ORDINALS)}) layer)\b", text, re.IGNORECASE):
        return 1 + (COUNTS.index(found[1].lower()) if found[1] else ORDINALS.index(found[2].lower()))
    return 0 if re.search(r"\b(input|embedding) layer\b", text, re.IGNORECASE) else None


def _two_models(text: str) -> dict[str, str]:
    """“Compare” with two models, at least one of them an id on a hub or a folder, the other one such or a key of ours: the
    parameters of compare_models."""
    found = TWO_MODELS.search(text)
    foreign = [name for name in (found.groups() if found else ()) if re.search(r"[/\\]", name)]
    if not found or not foreign or not all(name in foreign or name in CHECKPOINTS for name in found.groups()):
        return {}
    return {"first": found[1], "second": found[2]}


def _last_request(history: Sequence[str]) -> Request:
    try:
        return read_request(history[-1], read(history[-1]), history[:-1])
    except MessageError:
        return Request()


def spoken(message: str) -> str:
    """The message without its labelled lines: they are data, not words to the tutor. All of it, if it is nothing else."""
    lines = labelled_lines(message).splitlines()
    rest = "\n".join(line for line in message.splitlines() if line.strip() not in lines)
    return rest if lines and re.search(r"\w", rest) else message


def labelled_lines(message: str) -> str:
    """The lines of a message of the form “label, text” or “label<tab>text”, if there are several; empty otherwise."""
    lines = [line.strip() for line in message.splitlines() if not line.rstrip().endswith(":")]  # what ends so announces lines
    found = [line for line in lines if (match := LABELLED.match(line)) and len(match[2].split()) >= 2]
    labels = {LABELLED.match(line)[1].strip().lower() for line in found}  # type: ignore[index]
    return "\n".join(found) if len(found) >= FEWEST_LINES and len(labels) <= len(found) / 2 else ""


def _named(text: str) -> str | None:
    """An experiment called by its name: “run spectrum”, “the freeze depth experiment”."""
    for name in find_demos():
        words = name.replace("_", "[ _-]")
        if re.search(rf"\b(run|show|start|try|do)( me)?( the)? {words}\b|\b{words} (experiment|demo)\b", text, re.IGNORECASE):
            return name
    return None
