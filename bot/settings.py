"""Every setting of a deployment: EXPLAINER_* variables, read once at start."""

from pydantic import Field

from demos.lab.settings import LabSettings
from knowledge.settings import KnowledgeSettings


class Settings(KnowledgeSettings, LabSettings):
    """Settings of the app; those of knowledge and experiments are included."""

    host: str = Field(default="127.0.0.1", description="Address to listen on; 0.0.0.0 for every interface.")
    port: int = Field(default=7860, ge=1, le=65535, description="Port to listen on.")
    frame_ancestors: str = Field(
        default="*", pattern=r"^[\w*:/.' -]+$", description="Sites that may show the app in a frame (CSP frame-ancestors).")
    prepare_models: bool = Field(default=True, description="Train missing models in the background when the app starts.")
