"""The bot: joins the articles and the experiments into answers."""

from bot.tutor import Tutor

__all__ = ["Tutor", "build_tutor"]


def build_tutor(zoo=None) -> Tutor:
    """A tutor over the bundled articles (and those that the settings add) and the models of the settings.

    Raises knowledge.ArticleError for a faulty article.
    """
    from bot.settings import Settings
    from demos import find_demos
    from demos.lab.zoo import default_zoo
    from knowledge import Index, SentenceEmbedder, read_articles
    from knowledge.article import ARTICLES

    settings = Settings()
    articles = read_articles((ARTICLES, *settings.knowledge_dirs), demos=list(find_demos()))
    return Tutor(Index(articles, SentenceEmbedder(), settings.cache_dir), zoo or default_zoo())
