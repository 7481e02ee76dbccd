import pytest

from bot.question import MAX_CHARACTERS, MessageError, as_written, clauses, clean, is_thin, is_yes_or_no, read
from bot.sentences import split_sentences

SEED = """There are two types of transfer learning model. By default, Bert is a fine-tuning model. I can not comprehend this \
phenomenon: for example, the word vectors of task sentiment analysis are different that the word vectors
 (of the same word) of task question answering. Please correct me if anything above is wrong."""


def test_the_main_question_of_a_long_post_is_found():
    question = read(SEED)
    assert question.asks[0].startswith("I can not comprehend this phenomenon")
    assert "By default, Bert is a fine-tuning model." in question.statements
    assert not any("correct me" in statement for statement in question.statements)


def test_a_question_mark_wins_over_asking_words():
    question = read("Hello! I do not understand my boss. Does BERT change when I freeze the first six layers? Thanks a lot.")
    assert question.asks[0] == "Does BERT change when I freeze the first six layers?"


@pytest.mark.parametrize(("text", "expected"), [
    ("One. Two! Three?", ["One.", "Two!", "Three?"]),
    ("I use e.g. BERT. It works.", ["I use e.g. BERT.", "It works."]),
    ("lower case. like this one. ok", ["lower case.", "like this one.", "ok"]),
    ("version 2.0 is out", ["version 2.0 is out"]),
])
def test_sentences(text, expected):
    assert split_sentences(text) == expected


def test_clauses_are_stretches_of_the_sentence():
    sentence = "According to those categorizations, word2vec is a feature extraction model, where each vector encodes the meaning."
    found = clauses(sentence)
    assert "word2vec is a feature extraction model" in found and all(part in sentence for part in found)


def test_quoted_words_and_sentences():
    question = read('How far does "apple" move between "I ate an apple" and "Apple released a phone"?')
    assert question.word == "apple" and question.sentences == ("I ate an apple", "Apple released a phone")
    assert read('How far does “bank” move?').word == "bank"
    assert read("how far does piano move in the QA model?").word == "piano"
    assert read("Where does the word crane go when tuned?").word == "crane"
    assert read('As in "Bank of the river" vs "Bank as a financial institute".').word == "bank"
    assert read("How far do vectors move? And the word vectors of BERT?").word is None
    assert read("How far does it move?").word is None
    assert read("It's BERT's fault, isn't it?").word is None


@pytest.mark.parametrize("message", ["", "   \n", "?!", "\u200b", "…"])
def test_an_empty_message_gets_a_sentence(message):
    with pytest.raises(MessageError, match="Please type a question"):
        clean(message)


def test_a_very_long_message_gets_a_sentence():
    with pytest.raises(MessageError, match="20,000 characters and at most 4,000"):
        clean("a" * 20_000)
    assert clean("a " * (MAX_CHARACTERS // 2))


@pytest.mark.parametrize("message", [None, 3, ["a"], {"a": 1}])
def test_something_that_is_no_text(message):
    with pytest.raises(MessageError, match="must be text"):
        clean(message)


def test_control_characters_and_surrogates_are_removed():
    assert clean("what\x00 is\ud800 \u202eBERT\u200b?") == "what is BERT?"


def test_a_follow_up_is_asked_together_with_the_last_message():
    assert read("and for question answering?", ["Does sentiment tuning move words?"]).asks[0] == \
        "Does question answering tuning move words?"
    assert read("What is LoRA and how does it differ from adapters in BERT?", ["Does it move?"]).asks[0].startswith("What is LoRA")


@pytest.mark.parametrize(("typed", "meant"), [
    ("how to finetune w2v", "how to fine-tune word2vec"), ("fintuning the embeding", "fine-tuning the embeddings"),
    ("QA with freezed wieghts", "question answering with frozen weights"), ("fine tuned BERT", "fine-tuned BERT")])
def test_spelling_of_the_articles(typed, meant):
    assert as_written(typed) == meant


@pytest.mark.parametrize(("ask", "expected"), [
    ("Is BERT frozen?", True), ("So does it change?", True), ("If I freeze BERT, do the vectors change?", True),
    ("Is it better to freeze or to tune?", False), ("How do I freeze it?", False), ("Can you explain LoRA?", False),
    ("Should I tune it or not?", True)])
def test_yes_or_no(ask, expected):
    assert is_yes_or_no(ask) is expected


def test_how_to():
    assert read("How do I freeze BERT?").how_to and read("freezing in PyTorch?").how_to and not read("Does it move?").how_to


POST = ("I want to feed sentences into BERT and cluster the vectors with k-means. How can I do that? "
        "Should I standardise the features first?")


def test_an_ask_without_a_topic_does_not_lead_and_is_asked_with_what_it_leans_on():
    question = read(POST)
    assert question.asks[0] == "Should I standardise the features first?"
    assert question.in_full("How can I do that?").startswith("I want to feed sentences into BERT")
    assert question.in_full(question.asks[0]) == question.asks[0]


@pytest.mark.parametrize(("ask", "thin"), [
    ("How can I do that?", True), ("what am I doing wrong?", True), ("Is it correct behavior?", True), ("How can I get embeddings?", True),
    ("What is the difference?", True), ("which one is the embedding, sequence_output or pooled_output?", False),
    ("12 layers all or only top?", False), ("Do people use gradual unfreezing?", False)])
def test_asks_that_say_too_little(ask, thin):
    assert is_thin(ask) is thin


def test_a_title_that_says_too_little_is_read_with_the_next_sentence():
    question = read("Is this normal? My frozen BERT returns other vectors in every run.")
    assert question.queries[0].endswith("other vectors in every run.")


@pytest.mark.parametrize(("text", "word"), [
    ("so if i freeze bert the word vecs r same for every task??", None), ("Does the word change after tuning?", None),
    ("why are the word similarities so high", None), ("How far does the word spring move?", "spring")])
def test_the_word_that_is_named_and_what_only_follows_the_word(text, word):
    assert read(text).word == word


@pytest.mark.parametrize(("text", "asks"), [
    ("How do I cut the text, do the pieces have to overlap, and is the average any good?",
     {"How do I cut the text?", "do the pieces have to overlap?", "is the average any good?"}),
    ("How do I add words to the tokenizer before training, and does it help?",
     {"How do I add words to the tokenizer before training?", "does it help?"}),
    ("If the encoder is frozen, do I need a warm-up?", {"If the encoder is frozen, do I need a warm-up?"}),
    ("When I freeze BERT and the loss is flat, is the rate too low?", {"When I freeze BERT and the loss is flat, is the rate too low?"}),
])
def test_a_sentence_that_asks_two_things_is_two_questions(text, asks):
    assert set(read(text).asks) == asks


@pytest.mark.parametrize(("ask", "thin"), [
    ("Is it normal that frozen is better than tuned here?", False), ("Does it make sense to freeze embeddings?", False),
    ("Is it better when tuned?", True), ("Should I freeze it?", True)])
def test_an_it_that_stands_for_nothing_points_nowhere(ask, thin):
    assert is_thin(ask) is thin
