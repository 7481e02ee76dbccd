"""Greetings, thanks, and questions about the bot itself: answered from here, without a search."""

import re

ABOUT = """I explain **frozen and fine-tuned models**: what happens to a pretrained model and its word vectors when it is used \
as it is (feature extraction), and when it is tuned. The words come from {articles} reviewed articles with their sources; \
no language model writes them. Where an experiment can show it, it runs while you wait, on a small BERT, with a baseline \
and a caveat. Ask in your own words; put a word in quotes, such as "bank", and I measure that word."""
MODELS = """The experiments run on **all-MiniLM-L6-v2** (6 layers, 384 dimensions; itself already tuned once, for sentence \
similarity) and on copies of it that were tuned here: on sentiment (twice, with two seeds), question answering, recipes, \
company reviews and tweets, and one with a frozen encoder and a trained head. The same encoder finds the articles. No \
language model writes the answers."""
SOURCES = """Every answer lists the papers and documentation that its sentences rest on, numbered as in the text. The \
numbers marked E come from experiments that ran just now; each card shows the code that prints the same numbers."""

RULES = (
    (r"(hi|hello|hey|hallo|good (morning|afternoon|evening)|greetings)( there)?",
     "Hello! Ask me anything about frozen and fine-tuned models, for example: "
     "“Why does the same word have different vectors in a sentiment model and in a "
     "question-answering model?”"),
    (r"(thanks?|thank you|thx|ty|cheers|great|perfect|got it|ok(ay)?|nice|cool|merci|danke)( (so|very) much| a lot| again| everyone)?",
     "You are welcome. Ask on whenever something is unclear."),
    (r"(bye|goodbye|see you|ciao)", "Goodbye, and good luck with your models."),
    (r"(help|what (can|do) you (do|know|cover|answer)|who are you|what are you|how (do|does) (you|this( bot| app)?) work)( for me)?",
     ABOUT),
    (r"(which|what) models? (do you|are you|does this( bot| app)?) (use|run|using|running)( on)?"
     r"|are you (an? )?(llm|chatgpt|gpt|ai|language model)", MODELS),
    (r"(what|which|where) (are|is|do) (your|you|the)( get your)? (sources?|references?)( come)?( from)?"
     r"|where does this come from", SOURCES),
)


def reply(text: str, articles: int) -> str | None:
    """The reply to a message that is nothing but such a phrase; None for everything else."""
    bare = re.sub(r"[^\w\s']", "", text).strip().lower()
    for pattern, answer in RULES:
        if re.fullmatch(pattern, bare):
            return answer.format(articles=articles)
    return None
