"""Which tools and kinds of models a section is about, and which a message names: who asks about Flair wants Flair's sections, and
who does not name it wants others.

A row of TOOLS is the one pattern by which both are known: an article or a section is about a tool if its title, file name or
heading names it. What has no row brings itself: a word of an article's file name that hardly any other article uses is a name.
"""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np

from knowledge.article import Article
from knowledge.lexical import STEM

TOOLS = {name: re.compile(rf"(?<![A-Za-z])(?:{pattern})(?![A-Za-z])", re.IGNORECASE) for name, pattern in {
    "flair": r"flair\w*|(?:sentencetransformer|transformer|document|stacked|pooledflair)\w*embeddings?|sequencetagger|modeltrainer|"
             r"textclassifier",
    "allennlp": r"allen ?nlp|pretrained(?:bert|transformer)\w*embedder|tokenembedders?",
    "elmo": r"elmo\w*|bilm|scalar[ _]?mix",
    "spacy": r"spacy|tok2vec|en_core_web_\w+",
    "keras": r"keras\w*|tensorflow\w*|tf|hub\.keraslayer|tf[ -]?hub|set_weights",
    "word2vec": r"word2vec|w2v|gensim|keyedvectors?|googlenews|skip-?gram|cbow|doc2vec|paragraph vectors?",
    "glove": r"glove",
    "fasttext": r"fast ?text|pretrainedvectors",
    "sentence-transformers": r"sentence[- ]?transformers?|s-?bert|sentence[- ]bert|bi-?encoders?",
    "setfit": r"setfit",
    "lora": r"q?lora|peft|loraconfig|modules_to_save",
    "adapters": r"adapters?|adapterformer|bitfit",
    "prompts": r"(?:prefix|prompt|soft)[- ](?:tuning|prompts?)|prefix(?:es)?|prompting|in-context|few-shot prompts?",
    "fairseq": r"fairseq|freeze_finetune_updates",
    "vision": r"vision|images?|photos?|imagenet|res-?net\w*|inception\w*|vgg\w*|efficientnet\w*|mobilenet\w*|dino(?:v\d)?|vit|clip",
    "speech": r"speech|audio|wav2vec\w*|vq-wav2vec|hubert|whisper|asr|speakers?",
    "decoder": r"decoders?|gpt\w*(?:-\w+)?|llms?|llama\w*|mistral\w*|biogpt|qwen\w*|gemma\w*|gpt-style",
    "proteins and code": r"proteins?|prot\w*bert|esm-?2?|codebert|graphcodebert|unixcoder|code models?",
    "crf": r"(?:bi)?-?lstm(?:-crf)?s?|crf",
    "cka": r"cka|rsa|procrustes",
    "rag": r"rag|retriev(?:al|er|ers)",
    "multilingual": r"multi-?lingual|m-?bert|xlm-?r?\w*|languages",
}.items()}
# Libraries whose own switches decide what is trained: who names one of them means it.
LIBRARIES = ("flair", "allennlp", "spacy", "fairseq", "setfit", "elmo")
OWN, ELSEWHERE = 0.6, 2  # a name: in this share of an article's sections, and in at most so many others
# Models that many articles work with: to name one is not to ask about what bears its name.
EVERYWHERE = frozenset(("bert", "roberta", "distilbert", "minilm", "albert"))


class Tools:
    """Fitted on articles: `of_sections` (sections, names) says what each section is about."""

    def __init__(self, articles: Sequence[Article]) -> None:
        self._patterns = TOOLS | _own_names(articles)
        self._libraries = np.array([name in LIBRARIES for name in self._patterns])
        self.of_sections = np.array([self.named(section.heading) | self.named(f"{article.title} {article.slug.replace('-', ' ')}")
                                     for article in articles for section in article.sections], dtype=bool)

    def named(self, text: str) -> np.ndarray:
        """(names,) which of the names a text holds."""
        return np.array([bool(pattern.search(text)) for pattern in self._patterns.values()], dtype=bool)

    def signals(self, query: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """For each section whether the query names what it is about, whether that is a library, and whether the section is about
        something that the query does not name."""
        named = self.named(query)
        common, library = self.of_sections @ named, self.of_sections[:, self._libraries] @ named[self._libraries]
        return common.astype(float), library.astype(float), (self.of_sections.any(axis=1) & ~common).astype(float)


def _own_names(articles: Sequence[Article]) -> dict[str, re.Pattern]:
    words = [[set(re.findall(r"[a-z]\w+", " ".join([section.heading, section.text, *section.asks]).lower()))
              for section in article.sections] for article in articles]
    everywhere = Counter(word for sections in words for section in sections for word in section)
    names = {}
    for article, sections in zip(articles, words, strict=True):
        for word in article.slug.lower().split("-"):
            here = sum(word in section for section in sections)
            known = word in EVERYWHERE or any(pattern.search(word) for pattern in TOOLS.values())
            if not known and here >= OWN * len(sections) and everywhere[word] - here <= ELSEWHERE:
                stem = STEM.stemWord(word).removesuffix("i")  # "isotropic" names isotropy
                names[word] = re.compile(rf"\b(?!{'|'.join(sorted(EVERYWHERE))}){re.escape(stem)}\w*", re.IGNORECASE)
    return names
