"""The training recipe, one for all tasks. It stands apart from tune.py so that listing models needs no torch."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Recipe:
    """Rates as is usual: small for a pretrained encoder, larger for a new head; linear warm-up and decay."""

    steps: int = 70
    batch: int = 16
    span_batch: int = 8  # question answering: its texts are three times as long
    encoder_rate: float = 1.5e-4
    head_rate: float = 5e-3
    warmup: float = 0.1
    dropout: float = 0.1
    clip: float = 1.0
