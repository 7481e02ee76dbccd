"""The bot: joins the articles and the experiments into answers."""

from pathlib import Path

from bot.tutor import Tutor

__all__ = ["Tutor", "article_folders", "build_index", "build_tutor"]


def build_tutor(zoo=None) -> Tutor:
    """A tutor over the bundled articles (and those that the settings add) and the models of the settings.

    Raises knowledge.ArticleError for a faulty article.
    """
    from demos.lab.zoo import default_zoo

    return Tutor(build_index(), zoo or default_zoo())


def build_index():
    """The search index over the bundled articles and those that the settings add. Raises knowledge.ArticleError."""
    from bot.settings import Settings
    from demos import find_demos
    from knowledge import Index, SentenceEmbedder, read_articles

    settings = Settings()
    return Index(read_articles(article_folders(), demos=list(find_demos())), SentenceEmbedder(), settings.cache_dir)


def article_folders() -> tuple[Path, ...]:
    """The bundled folder and those of the settings."""
    from bot.settings import Settings
    from knowledge.library import ARTICLES

    return (ARTICLES, *Settings().knowledge_dirs)
