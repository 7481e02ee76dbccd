"""The knowledge base: reviewed, cited articles, and the search that finds the section which answers."""

from knowledge.article import Article, ArticleError, Claim, Section, Source
from knowledge.embedder import Embedder, SentenceEmbedder
from knowledge.index import ClaimHit, Hit, Index
from knowledge.library import read_articles

__all__ = ["Article", "ArticleError", "Claim", "ClaimHit", "Embedder", "Hit", "Index", "Section", "SentenceEmbedder",
           "Source", "read_articles"]
