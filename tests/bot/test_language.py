"""Other languages are told apart from English full of technical words, and never guessed at."""

import json
from pathlib import Path

import pytest

from bot.language import WORDS, foreign

QUESTIONS = Path(__file__).parents[1] / "evaluation" / "questions.jsonl"


@pytest.mark.parametrize(("text", "language", "english"), [
    ("Welche Schichten von BERT ändern sich beim Fine-Tuning am meisten?", "GERMAN", "layers BERT change fine-tuning"),
    ("Pourquoi le même mot a-t-il des vecteurs différents après le fine-tuning ?", "FRENCH", "why word vectors fine-tuning"),
    ("为什么微调后同一个词的向量不同？", "CHINESE", "why fine-tuning word vectors"),
    ("Wie wird das Wetter morgen in Berlin?", "GERMAN", ""),
    ("¿Cómo se prepara una paella con arroz?", "SPANISH", ""),
])
def test_told_and_matched(text, language, english):
    found = foreign(text)
    assert found is not None and (found.language, found.english) == (language, english)


@pytest.mark.parametrize("text", [
    "freeze layers bert pytorch", "catastrophic forgetting llama lora humaneval decrease", "BERT", "word2vec static embeddings frozen",
    "model.bert.requires_grad_(False) optimizer AdamW lr=2e-5", "why?", "Mikolov word2vec naïve baseline", "12345", "café"])
def test_english_stays_english(text):
    assert foreign(text) is None


def test_no_english_question_is_taken_for_another_language():
    rows = [json.loads(line)["question"] for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    assert [row for row in rows if foreign(row)] == []


def test_every_language_is_known_to_the_library():
    from lingua import Language

    assert all(hasattr(Language, name) for name in WORDS)
