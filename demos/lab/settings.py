"""What a deployment may set about the experiments, through EXPLAINER_* variables."""

from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


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
    models: Literal["bundled", "bert-base"] = Field(
        default="bundled",
        description="Family of models: bundled (trained here), or bert-base (bert-base-uncased and its children, from the Hub).",
    )
    compare: Literal["off", "hub", "folders", "both"] = Field(
        default="off",
        description="Whose models compare_models may open besides the family's: off, hub (any public id), folders, or both.",
    )
    model_dirs: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(), description="Folders under which compare_models may open models, separated by commas."
    )
    download_megabytes: float = Field(
        default=600, gt=0, description="Largest size in MB of one model that is taken from the Hub, or of word vectors."
    )
    download_minutes: float = Field(
        default=10, gt=0, le=240, description="Longest time that one download may take before it is given up."
    )

    gpu: bool = Field(default=False, description="On a ZeroGPU Space: run models that lie on disk on its GPU. Without effect elsewhere.")

    @field_validator("model_dirs", mode="before")
    @classmethod
    def _split_dirs(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
