"""What a deployment may set about the knowledge base, through EXPLAINER_* variables."""

from pathlib import Path
from typing import Annotated

import platformdirs
from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict


class KnowledgeSettings(BaseSettings):
    """Settings of articles and search."""

    model_config = SettingsConfigDict(env_prefix="EXPLAINER_", extra="ignore")

    cache_dir: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("frozen-or-tuned"),
        description="Folder for trained models and the search index; safe to delete, it is rebuilt.",
    )
    knowledge_dirs: Annotated[tuple[Path, ...], NoDecode] = Field(
        default=(), description="More folders of articles in the same form, separated by commas.")

    @field_validator("knowledge_dirs", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value
