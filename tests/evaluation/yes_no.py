"""Whether yes-or-no questions are answered with the right first word, and never with the wrong one.

    python -m tests.evaluation.yes_no [--write]

Over yes_no.jsonl: questions in both directions, each with the word that an expert would begin with. An answer may begin with
neither; the wrong word is the worst outcome. The first word counts with its heading left out. Printed beside what showing the
section's own yes or no would give, and what other thresholds of bot/polarity.py would; with --write the first table goes,
dated, to RESULTS.md.
"""

import datetime
import re
from collections import Counter

import typer

from bot import Tutor, polarity
from bot.answer import answer
from demos.lab.zoo import default_zoo
from knowledge import Index, SentenceEmbedder, read_articles
from knowledge.settings import KnowledgeSettings
from tests.evaluation.questions import HERE, lines

FILE = HERE / "yes_no.jsonl"
RIGHT_AT_LEAST, WRONG_AT_MOST = 0.35, 0.01  # floors that a test holds
VERDICT = re.compile(r"(Yes|No)\b")


def first_word(text: str) -> str:
    """yes, no or neither."""
    match = VERDICT.match(re.sub(r"^\*\*[^*]+\*\*\s+", "", text))
    return match[1].lower() if match else "neither"


def outcomes(tutor: Tutor) -> Counter[str]:
    """How many questions got the right word, the wrong one, or neither."""
    found: Counter[str] = Counter()
    for row in lines(FILE):
        word = first_word(answer(tutor, row["question"], evidence=False).markdown())
        found["right" if word == row["first"] else "neither" if word == "neither" else "wrong"] += 1
        if word not in (row["first"], "neither"):
            print(f"wrong: {row['question']}")
    return found


def plain_outcomes(index: Index) -> Counter[str]:
    """The same for the first section's own first word, whatever its heading asks."""
    found: Counter[str] = Counter()
    for row in lines(FILE):
        word = first_word(index.search([row["question"]], 1)[0].section.text)
        found["right" if word == row["first"] else "neither" if word == "neither" else "wrong"] += 1
    return found


def main(write: bool = False) -> None:
    """Print the tables."""
    index = Index(read_articles(), SentenceEmbedder(), KnowledgeSettings().cache_dir)
    tutor = Tutor(index, default_zoo())
    table = ["| first word | right | neither | wrong |", "|---|---|---|---|"]
    for name, found in (("this project", outcomes(tutor)), ("the first section's own", plain_outcomes(index))):
        table.append(f"| {name} | {found['right']} | {found['neither']} | {found['wrong']} |")
    print("\n".join(table))
    used = polarity.NEAR, polarity.COVERED
    for near in (0.6, 0.65, 0.7):
        for covered in (0.3, 0.4):
            polarity.NEAR, polarity.COVERED = near, covered
            print(f"near {near}, covered {covered}: {dict(outcomes(tutor))}")
    polarity.NEAR, polarity.COVERED = used
    if write:
        with (HERE / "RESULTS.md").open("a", encoding="utf-8") as results:
            results.write(f"\n## {datetime.date.today().isoformat()}: yes or no\n\n`python -m tests.evaluation.yes_no --write`, "
                          f"{len(lines(FILE))} questions.\n\n" + "\n".join(table) + "\n")


if __name__ == "__main__":
    typer.run(main)
