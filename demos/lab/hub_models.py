"""The second family of models: bert-base-uncased and models that others tuned from it, on the Hugging Face Hub.

`read` says whether we have read the model's card: an id that is known from elsewhere only may have been renamed. Where no commit is
named, none could be looked up when the table was written: `main` is resolved at the first download, the commit is written down
beside the model, and used from then on. Whether a row is a child of the base is measured, not believed.
"""

from dataclasses import dataclass
from pathlib import Path

BASE_NAME = "bert-base-uncased"


@dataclass(frozen=True)
class HubCheckpoint:
    """One row: an id on the Hub, what it was tuned on, and how, as its card says."""

    key: str
    name: str  # as readers see it
    repo: str
    task: str
    training: str  # epochs, batch and rate; drift grows with the number of steps
    read: bool  # whether its card has been read
    revision: str = "main"
    base: str | None = "base"
    data: None = None  # nothing of ours: these rows are not trained here
    frozen: bool = False
    seed: int = 0


HUB_MODELS = {row.key: row for row in (
    HubCheckpoint("base", "base", "google-bert/bert-base-uncased", f"none ({BASE_NAME}, pretrained only)", "-", read=False, base=None,
                  revision="86b5e0934494bd15c9632b12f734a8a67f723594"),
    HubCheckpoint("sentiment", "sentiment", "JeremiahZ/bert-base-uncased-sst2", "sentiment of film reviews (SST-2)",
                  "3 epochs, batch 32, rate 2e-5", read=True),
    HubCheckpoint("qa", "question answering", "deepset/bert-base-uncased-squad2", "extractive question answering (SQuAD 2.0)",
                  "3 epochs, batch 32, rate 3e-5", read=True),
    HubCheckpoint("ner", "names", "EffyLi/bert-base-uncased-finetuned-ner", "named entities (CoNLL-2003)",
                  "3 epochs, batch 64, rate 2e-5", read=True),
    HubCheckpoint("paraphrase", "paraphrase", "textattack/bert-base-uncased-MRPC", "paraphrase (MRPC)",
                  "5 epochs, batch 16, rate 2e-5", read=True),
    # Its card names two stages: more pretraining on financial text, then sentiment. That its base is this one is not certain.
    HubCheckpoint("finance", "finance", "ProsusAI/finbert", "sentiment of financial news",
                  "more pretraining on financial text, then tuning", read=True, revision="4556d13015211d73dccd3fdd39d39232506f3e43"),
    # Control: the same task by someone else, with other rates and batches; not a pure other seed.
    HubCheckpoint("sentiment_other", "second sentiment", "kowsiknd/bert-base-uncased-sst2", "sentiment of film reviews (SST-2)",
                  "3 epochs, batch 8, rate 5e-5", read=True),
)}


def usable_rows(cache: Path) -> dict[str, HubCheckpoint]:
    """The table without the rows that were refused when they were fetched into this cache folder."""
    return {key: row for key, row in HUB_MODELS.items() if not refusal(cache, key).exists()}


def refusal(cache: Path, key: str) -> Path:
    """Where it is written down, with the reason, that a row cannot be used."""
    return cache / "hub" / f"{key}.refused.json"
