"""Search with a toy embedder whose vectors can be worked out in the head: one dimension a topic."""

from dataclasses import replace

import numpy as np
import pytest

from knowledge.article import Article, Claim, Section, Source
from knowledge.index import QUERY_WORDS, Index

VECTORS = "index/vectors.npz"
TOPICS = ("river", "money", "apple", "moon")


class Toy:
    name = "toy"

    def __init__(self):
        self.seen = []

    def __call__(self, texts):
        self.seen += texts
        vectors = np.array([[float(topic in text.lower()) for topic in TOPICS] + [0.1] for text in texts], dtype=np.float32)
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def article(slug, topic, claims=()):
    sections = tuple(Section(slug, f"What about the {topic}{more}?", f"It is a {topic} {more}. [@a2020]", ())
                     for more in ("", " today", " then"))
    sources = {"a2020": Source(authors="A", year=2020, title="T", venue="V", url="https://example.org")}
    return Article(slug, sections[0].heading, "toys", sections, tuple(claims), (), sources)


CLAIM = Claim(text="The river flows.", also=("A river always flows",), verdict="right", correction="It does.", cites=("a2020",))


@pytest.fixture
def index():
    return Index([article("river", "river", [CLAIM]), article("money", "money")], Toy())


def test_the_section_on_the_topic_comes_first(index):
    assert index.search(["where does money go"])[0].article.slug == "money"
    assert index.search(["what about the river then"], 1)[0].section.article == "river"


def test_the_whole_message_counts_more_than_its_main_question(index):
    assert index.search(["what about it", "what about it, the river I mean"])[0].article.slug == "river"
    assert index.search(["river", "money, the money"])[0].article.slug == "money"


def test_a_section_is_found_by_a_way_of_asking_that_shares_no_word_with_it():
    asked = article("river", "river")
    lead = Section("river", asked.lead.heading, asked.lead.text, ("tell me of the moon",))
    found = Index([replace(asked, sections=(lead, *asked.sections[1:])), article("money", "money")], Toy())
    assert found.search(["the moon, please"])[0].section == lead


def test_what_a_reader_might_write_finds_a_section_and_is_no_way_of_asking_that_is_shown(monkeypatch):
    place = "river", "What about the river today?"
    monkeypatch.setattr("knowledge.index.read_messages", lambda: {place: ("the moon, is it there?",)})
    found = Index([article("river", "river"), article("money", "money")], Toy())
    best = found.search(["the moon, please"])[0].section
    assert (best.article, best.heading) == place
    assert [way for way, _ in found.ways(best, found.embed_question(["the moon"]))] == [best.heading]


def test_only_the_beginning_of_a_very_long_message_is_embedded(index):
    index.search(["river", "river " * 4000])
    assert max(len(text.split()) for text in index.embed.seen[-2:]) <= QUERY_WORDS


def test_an_unknown_topic_is_less_certain(index):
    assert index.search(["the river today"])[0].confidence > index.search(["the moon xyzzy"])[0].confidence


def test_claims_near_a_statement(index):
    (found,) = index.nearest_claims(["my river"])
    assert [hit.claim.text for hit in found] == ["The river flows."]
    assert index.nearest_claims([]) == []


def test_statements_are_held_against_claims_by_the_untuned_encoder():
    tuned = Toy()
    tuned.untuned = Toy()
    index = Index([article("river", "river", [CLAIM])], tuned)
    assert index.nearest_claims(["my river"])[0] and "my river" in tuned.untuned.seen and "my river" not in tuned.seen
    assert CLAIM.text in tuned.untuned.seen and CLAIM.text not in tuned.seen


def test_vectors_are_kept_and_only_new_texts_embedded(tmp_path):
    Index([article("river", "river")], Toy(), tmp_path)
    toy = Toy()
    Index([article("river", "river"), article("apple", "apple")], toy, tmp_path)
    assert toy.seen and all("apple" in text for text in toy.seen)


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 half", b"\x93NUMPY"])
def test_a_damaged_cache_is_rebuilt(tmp_path, damage, caplog):
    first = Index([article("river", "river")], Toy(), tmp_path).search(["river"])[0].score
    whole = (tmp_path / VECTORS).read_bytes()
    (tmp_path / VECTORS).write_bytes(damage or whole[: len(whole) // 2])
    assert Index([article("river", "river")], Toy(), tmp_path).search(["river"])[0].score == first
    assert (tmp_path / VECTORS).stat().st_size == len(whole)
    assert "damaged" in caplog.text


def test_a_cache_that_cannot_be_written_is_said_and_survived(tmp_path, caplog):
    (tmp_path / "index").write_text("in the way")
    assert Index([article("river", "river")], Toy(), tmp_path).search(["river"])
    assert "EXPLAINER_CACHE_DIR" in caplog.text
