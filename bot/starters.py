"""Questions to begin with, by topic. A topic is a folder of articles: a bundled one, or an instructor's own."""

from knowledge import Index

SHOWN = 4
STARTERS = {
    "basics": (
        "Why does the same word have different vectors in a sentiment model and in a question-answering model?",
        "Is BERT a fine-tuning model, and is word2vec a feature extraction model?",
        "What is the difference between feature extraction and fine-tuning?",
        "Does a word's vector change because of the context or because of fine-tuning?"),
    "static": (
        "Does word2vec give “bank” one vector, whatever its context?",
        "What happens to word2vec vectors when they are trained with a task?",
        "Can I compare the vectors of two separately trained word2vec models?",
        "Can I get static word vectors out of BERT?"),
    "contextual": (
        "Are BERT's vectors contextual without fine-tuning?",
        "Can a frozen BERT tell the senses of “bank” apart?",
        "Is ELMo frozen or fine-tuned?",
        "Are contextual vectors worth it, or are static vectors enough?"),
    "change": (
        "Which layers change most when I fine-tune?",
        "Does fine-tuning change BERT's input embeddings?",
        "How far do word vectors move in fine-tuning?",
        "What happens to words that have nothing to do with the task?"),
    "measure": (
        "How do I measure how far a word's vector moved in fine-tuning?",
        "When can vectors from two models be compared directly?",
        "Why is the cosine high for almost every pair of BERT vectors?",
        "Which layer should I take the features from?"),
    "practice": (
        "Should I freeze BERT or fine-tune it if I have little data?",
        "How do I freeze layers of a pretrained model in PyTorch?",
        "Does model.eval() or torch.no_grad() freeze a model?",
        "What does LoRA train, and do the vectors change although the weights are frozen?"),
}


def topics(index: Index) -> tuple[str, ...]:
    """The topics of these articles, the bundled ones in the order in which they are taught, then an instructor's."""
    there = {article.topic for article in index.articles}
    return (*(topic for topic in STARTERS if topic in there), *sorted(there - set(STARTERS)))


def starters(index: Index, topic: str | None = None) -> tuple[str, ...]:
    """Questions to begin with; for an instructor's topic the questions in its headings, filled up from the first topic."""
    own = STARTERS.get(topic or "basics") or tuple(
        section.heading for section, article in index.sections if article.topic == topic and section.heading.endswith("?"))
    return (*own, *STARTERS["basics"])[:SHOWN]
