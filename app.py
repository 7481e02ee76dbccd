"""Builds the tutor and opens the window: python app.py [--host HOST] [--port PORT] [--knowledge DIR ...]"""

import os
import socket
import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.settings import Settings


def main(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="Port to listen on.")] = None,
    knowledge: Annotated[list[Path] | None, typer.Option(help="A folder of more articles; may be given several times.")] = None,
) -> None:
    """Serve the chat app."""
    if knowledge:
        os.environ["EXPLAINER_KNOWLEDGE_DIRS"] = ",".join(str(folder) for folder in knowledge)
    settings = Settings()
    host, port = host or settings.host, port or settings.port
    try:
        socket.create_server((host, port)).close()  # before the work of a minute
    except OSError as error:
        sys.exit(f"The app could not listen on port {port} of {host} ({error.strerror}); choose another with --port.")
    print("Frozen or Tuned is starting.", flush=True)
    from bot import article_folders, build_index, build_tutor, chat  # the imports take seconds: say first that something happens
    from bot.consent import FeedbackError, Keeping
    from bot.fresh import keep_fresh
    from demos.lab.prepare import keep_ready
    from knowledge import ArticleError

    try:
        tutor, keeping = build_tutor(), Keeping(settings)
    except (ArticleError, FeedbackError) as error:
        sys.exit(f"The app cannot start: {error}")
    background = keep_ready(tutor.zoo, settings.prepare_models)
    watching = keep_fresh(tutor, article_folders(), build_index)
    try:
        chat.launch(tutor, host, port, keeping)
    finally:
        watching.set()
        background.stop()


if __name__ == "__main__":
    typer.run(main)
