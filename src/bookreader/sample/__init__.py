"""The sample book: a short story of the project's own, offered on an empty shelf."""

from bookreader.sample.book import build_sample, sample_epub

__all__ = ["build_sample", "sample_epub"]
