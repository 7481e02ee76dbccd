"""Every setting of a deployment: EXPLAINER_* variables, read once at start.

    python -m bot settings     the table that README holds
"""

import os
from typing import Literal

from pydantic import Field, SecretStr, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import SettingsConfigDict

from demos.lab.settings import LabSettings
from knowledge.settings import KnowledgeSettings

SHORTEST_PASSWORD = 12


class Settings(KnowledgeSettings, LabSettings):
    """Settings of the app; those of knowledge and experiments are included."""

    model_config = SettingsConfigDict(hide_input_in_errors=True)  # some are secrets

    host: str = Field(
        default_factory=lambda: "0.0.0.0" if "SPACE_ID" in os.environ else "127.0.0.1",  # a Space's proxy comes from outside
        description="Address to listen on; 0.0.0.0 for every interface, which is the default on a Space.")
    port: int = Field(default=7860, ge=1, le=65535, description="Port to listen on.")
    frame_ancestors: str = Field(
        default="*", pattern=r"^[\w*:/.' -]+$", description="Sites that may show the app in a frame (CSP frame-ancestors).")
    public_url: str = Field(
        default="", pattern=r"^(https?://[^\s\"'<>]+)?$",
        description="Address by which readers and programs reach the app, where it is not the one it listens on: behind a proxy.")
    mcp: bool = Field(default=True, description="Offer ask, experiment and list_experiments to assistant programs (MCP).")
    prepare_models: bool = Field(default=True, description="Train missing models in the background when the app starts.")
    feedback: Literal["off", "opt-in", "opt-out"] = Field(
        default="off",
        description="Whether questions and thumbs are kept for the teachers, without names, and the page says so: off, opt-in (of readers "
        "who tick a box), or opt-out (unless they untick it).")
    feedback_database: SecretStr | None = Field(
        default=None,
        description="Where they are kept: the path of an SQLite file, or postgresql://user:password@host/database. Without it, "
        "feedback.sqlite in the cache folder, which then is not safe to delete.")
    feedback_days: int = Field(default=180, ge=1, le=3650, description="Days after which what was kept is deleted.")
    report_password: SecretStr | None = Field(
        default=None,
        description="Password of the page /report on what students ask, at least 12 characters; without it there is no such page.")

    @field_validator("report_password")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value and len(value.get_secret_value()) < SHORTEST_PASSWORD:
            raise ValueError(f"a password has at least {SHORTEST_PASSWORD} characters")
        return value


def settings_table() -> str:
    """Every setting with its default and meaning, as the Markdown table that README holds."""
    rows = [f"| `EXPLAINER_{name.upper()}` | {_default(name, about)} | {about.description} |"
            for name, about in Settings.model_fields.items()]
    return "\n".join(["| variable | default | meaning |", "|---|---|---|", *rows])


def _default(name: str, about: FieldInfo) -> str:
    """A default as one would write it into the variable; the cache folder's differs from machine to machine."""
    if name == "cache_dir":
        return "the user's cache folder"
    value = about.get_default(call_default_factory=True)
    if value in ((), "", None):
        return "none"
    if isinstance(value, tuple | list):
        return ",".join(str(part) for part in value)
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, int | float) else str(value)
