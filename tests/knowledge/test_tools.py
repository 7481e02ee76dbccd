"""Tools that sections and messages name, on articles made for it."""

import numpy as np
import pytest

from knowledge.article import Article, Section
from knowledge.tools import TOOLS, Tools


def article(slug, title, *headings, text="Nothing."):
    sections = (Section(slug, title, text, ()), *(Section(slug, heading, text, ()) for heading in headings))
    return Article(slug, title, "toys", sections, (), (), {})


@pytest.fixture
def tools():
    return Tools([article("flair-frozen-or-tuned", "Are embeddings frozen in Flair?", "What does the switch do?"),
                  article("learning-rates", "Which rate should I use?", "Do adapters need another one?"),
                  article("haystack-pipelines", "Does Haystack tune its reader?", text="A haystack pipeline.")])


def test_a_section_is_about_what_its_title_or_heading_names(tools):
    named, library, foreign = tools.signals("the rate in flair")
    assert named.tolist() == [1, 1, 0, 0, 0] and library.tolist() == [1, 1, 0, 0, 0] and foreign.tolist() == [0, 0, 0, 1, 1]


def test_an_article_brings_its_own_name(tools):
    named, library, foreign = tools.signals("does haystack train it")
    assert named.tolist() == [0, 0, 0, 0, 1] and not library.any() and foreign.tolist() == [1, 1, 0, 1, 0]


def test_a_message_that_names_nothing_holds_back_what_is_about_something(tools):
    named, _, foreign = tools.signals("which rate?")
    assert not named.any() and np.array_equal(foreign, [1, 1, 0, 1, 1])


@pytest.mark.parametrize(("text", "name"), [
    ("I use DocumentRNNEmbeddings", "flair"), ("PretrainedTransformerEmbedder has no such argument", "allennlp"),
    ("hub.KerasLayer(url)", "keras"), ("bottleneck features of InceptionV3", "vision"), ("gensim 4", "word2vec"),
    ("the model is BioGPT", "decoder"), ("en_core_web_trf", "spacy")])
def test_names_as_readers_write_them(text, name):
    assert TOOLS[name].search(text)


def test_a_name_is_a_whole_word():
    assert not TOOLS["vision"].search("a vital revision") and not TOOLS["rag"].search("the average")
