"""What a deployment may set about the experiments, through EXPLAINER_* variables."""

from pathlib import Path

import platformdirs
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class LabSettings(BaseSettings):
    """Settings of models and experiments."""

    model_config = SettingsConfigDict(env_prefix="EXPLAINER_", extra="ignore")

    cache_dir: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("frozen-or-tuned"),
        description="Folder for trained models and the search index; safe to delete, it is rebuilt.",
    )
    training_minutes: float = Field(
        default=20, gt=0, le=240, description="Longest time that training all models may take before it is stopped."
    )
    experiment_seconds: float = Field(
        default=240, gt=0, le=3600, description="Longest time in seconds that one experiment may run before it is stopped."
    )
