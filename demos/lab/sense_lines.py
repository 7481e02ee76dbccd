"""A reader's own sentences with senses, as text in CSV or with tabs: sentence, word, sense."""

import csv
import io
import unicodedata
from collections import Counter
from typing import Annotated

from pydantic import StringConstraints

from demos.lab.encode import locate
from demos.lab.evidence import DemoError
from demos.lab.tasks import WordInContext

ROWS, CHARACTERS = 500, 400
COLUMNS = ("sentence", "word", "sense")
Examples = Annotated[str, StringConstraints(min_length=1, max_length=ROWS * (CHARACTERS + 100))]


def read_examples(text: str) -> tuple[WordInContext, ...]:
    """The examples of one word, checked: at least two senses, at least two sentences a sense, at most 500 sentences.

    The first line may name the columns, in any order; without it they are sentence, word, sense. Cells with commas are
    quoted, as a spreadsheet does. A sentence given twice counts once: left out, it would be found again in its own sense.
    Raises DemoError, with the line number, for anything else.
    """
    if any(unicodedata.category(sign) in ("Cc", "Cs") or sign == "\ufffd" for sign in text if sign not in "\t\r\n"):
        raise DemoError(f"The examples are not text; they were expected as lines of {', '.join(COLUMNS)}, as a spreadsheet saves CSV.")
    lines = _lines(text.lstrip("\ufeff"))
    order = [cell.lower() for cell in lines[0][1]] if lines else []
    places = [order.index(name) for name in COLUMNS] if set(COLUMNS) <= set(order) else None
    expected = order if places else COLUMNS
    found: list[WordInContext] = []
    for number, cells in lines[1:] if places else lines:
        if len(cells) != len(expected):
            raise DemoError(f"Line {number} of the examples has {len(cells)} cell{'s' * (len(cells) != 1)} instead of {len(expected)}; "
                            f"every line needs {', '.join(COLUMNS)}, and a sentence that holds commas stands in double quotes.")
        sentence, word, sense = (cells[place] for place in places or range(len(COLUMNS)))
        item = _checked(number, sentence, word, sense, found)
        earlier = {use.text: use.sense for use in found}.get(item.text)
        if earlier is None:
            found.append(item)
        elif earlier != item.sense:
            raise DemoError(f"Line {number} of the examples gives the sense “{item.sense}” to a sentence that an earlier line gives "
                            f"“{earlier}”; keep one of them.")
    senses = Counter(str(item.sense) for item in found)
    if len(senses) < 2:
        raise DemoError(f"The examples have {len(senses)} sense{'s' * (len(senses) != 1)}; at least 2 senses are needed: add sentences of "
                        "another sense.")
    scarce = [sense for sense, count in senses.items() if count < 2]
    if scarce:
        raise DemoError(f"The sense “{scarce[0]}” has 1 sentence in the examples; at least 2 a sense are needed: add another one.")
    return tuple(found)


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Lines that are not empty, as (line number, cells); separated by tabs if the first one holds a tab."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in first else ",", skipinitialspace=True, strict=True)
    found = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((reader.line_num, [cell.strip() for cell in cells]))
            if len(found) > ROWS + 1:
                break
    except csv.Error as error:
        raise DemoError(f"Line {reader.line_num} of the examples cannot be read as CSV ({error}); close every double quote that it "
                        "opens.") from error
    return found


def _checked(number: int, sentence: str, word: str, sense: str, before: list[WordInContext]) -> WordInContext:
    if len(before) == ROWS:
        raise DemoError(f"The examples have more than {ROWS} sentences (line {number}); shorten them to {ROWS}.")
    empty = [name for name, cell in zip(COLUMNS, (sentence, word, sense), strict=True) if not cell]
    if empty:
        raise DemoError(f"Line {number} of the examples has no {empty[0]}; every line needs {', '.join(COLUMNS)}.")
    if len(sentence) > CHARACTERS or len(word) > 40 or len(sense) > 40:
        raise DemoError(f"Line {number} of the examples is too long; a sentence may have {CHARACTERS} characters, a word and a sense 40.")
    if before and word.lower() != before[0].word.lower():
        raise DemoError(f"Line {number} of the examples is about “{word}”, the lines before it about “{before[0].word}”; give one word at "
                        "a time.")
    try:
        locate(word, sentence)
    except DemoError as error:
        raise DemoError(f"Line {number} of the examples: {error}") from error
    return WordInContext(word, sentence, sense)

