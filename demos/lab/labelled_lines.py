"""A reader's own labelled texts as a task: one a line, label first."""

import csv
import random
import unicodedata

from demos.lab.evidence import DemoError
from demos.lab.tasks import Example, Task

FORM = "write one example a line, as label, text"
MIN_LINES, MAX_LINES = 8, 2_000
MAX_LINE, MAX_LABEL = 1_000, 40  # characters
MIN_LABELS, MAX_LABELS, MIN_PER_LABEL = 2, 12, 2
TEST_SHARE = 0.25


def task_from_lines(text: str) -> Task:
    """Read "label, text" lines (or label, tab, text; or quoted CSV) and split them, label by label, into train and test.

    The same text gives the same split. A first line that says "label, text" is a header. A text given twice counts once: in
    both splits it would be remembered, not understood. Raises DemoError, with the line's number, for what can not be read.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), start=1) if line.strip()]
    if lines and [part.lower() for part in _fields(lines[0][1])] == ["label", "text"]:
        lines = lines[1:]
    if not MIN_LINES <= len(lines) <= MAX_LINES:
        were = "line was" if len(lines) == 1 else "lines were"
        raise DemoError(f"{len(lines):,} labelled {were} given; give between {MIN_LINES} and {MAX_LINES:,}, and {FORM}.")
    label_of: dict[str, str] = {}  # by text
    for number, line in lines:
        example = _example(number, line)
        if label_of.setdefault(example.text, example.label) != example.label:
            raise DemoError(f"Line {number} gives the label “{example.label}” to a text that an earlier line calls "
                            f"“{label_of[example.text]}”; keep one of them.")
    by_label: dict[str, list[Example]] = {}
    for words, label in label_of.items():
        by_label.setdefault(label, []).append(Example(words, label))
    if not MIN_LABELS <= len(by_label) <= MAX_LABELS:
        raise DemoError(f"The lines hold {len(by_label)} different label{'s' * (len(by_label) > 1)}; give between {MIN_LABELS} and "
                        f"{MAX_LABELS}, and {FORM}.")
    for label, examples in by_label.items():
        if len(examples) < MIN_PER_LABEL:
            raise DemoError(f"The label “{label}” stands on one line only; give it at least {MIN_PER_LABEL} different texts, one to "
                            "learn from and one to test with.")
    train, test = [], []
    for label in sorted(by_label):
        order = random.Random(0).sample(by_label[label], len(by_label[label]))
        held_out = max(1, round(TEST_SHARE * len(order)))
        test += order[:held_out]
        train += order[held_out:]
    return Task("your lines", tuple(train), tuple(test), tuple(sorted(by_label)))


def _example(number: int, line: str) -> Example:
    if len(line) > MAX_LINE:
        raise DemoError(f"Line {number} has {len(line):,} characters; shorten it to at most {MAX_LINE:,}.")
    if any(unicodedata.category(sign) in ("Cc", "Cs") or sign == "\ufffd" for sign in line if sign != "\t"):
        raise DemoError(f"Line {number} holds characters that are not text; save the file as plain UTF-8 text.")
    fields = _fields(line)
    if len(fields) < 2:
        raise DemoError(f"Line {number} has no comma or tab between a label and a text; {FORM}.")
    label, words = fields
    if not label or not words:
        raise DemoError(f"Line {number} has no {'text' if label else 'label'}; {FORM}.")
    if len(label) > MAX_LABEL:
        raise DemoError(f"The label on line {number} is longer than {MAX_LABEL} characters; {FORM}, the label first.")
    return Example(words, label)


def _fields(line: str) -> list[str]:
    """The label and the text; the text may hold commas. Quotes count as CSV's only if they enclose a whole field."""
    separator = "\t" if "\t" in line else ","
    if '"' in line:
        try:
            quoted = next(csv.reader([line], delimiter=separator, skipinitialspace=True, strict=True))
        except csv.Error:  # a quotation within the text
            quoted = []
        if len(quoted) == 2:
            return [field.strip() for field in quoted]
    return [field.strip() for field in line.split(separator, maxsplit=1)]
