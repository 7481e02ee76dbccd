"""Articles that change while the app runs: live within seconds; a faulty one, or a folder that vanishes, changes nothing."""

import shutil
import time

import pytest

from bot import Tutor
from bot.fresh import keep_fresh
from knowledge import Index, read_articles


class Embedder:
    """Stands for the sentence encoder: counts letters."""

    name = "letters"

    def __call__(self, texts):
        import numpy as np

        counts = np.array([[text.lower().count(letter) + 0.1 for letter in "abcdefghijklmnopqrstuvwxyz"] for text in texts], np.float32)
        return counts / np.linalg.norm(counts, axis=1, keepdims=True)


def until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "nothing changed"
        time.sleep(0.1)


@pytest.fixture
def course(tmp_path, tiny_zoo):
    folder = tmp_path / "course"
    folder.mkdir()
    (folder / "week-1.md").write_text("# Week one\n\nFrozen features first.\n\n## When is the exam?\nIn May.\n", encoding="utf-8")

    def build():
        return Index(read_articles([folder]), Embedder(), None)

    tutor = Tutor(build(), tiny_zoo)
    stop = keep_fresh(tutor, [folder], build)
    time.sleep(1)
    yield folder, tutor
    stop.set()


def text(tutor):
    return " ".join(section.text for article in tutor.index.articles for section in article.sections)


def test_a_changed_a_broken_and_a_mended_file(course):
    folder, tutor = course
    (folder / "week-1.md").write_text("# Week one\n\n## When is the exam?\nIn June.\n", encoding="utf-8")
    until(lambda: "In June." in text(tutor))
    (folder / "week-2.md").write_text("---\ntitle: [broken\n---\n", encoding="utf-8")
    until(lambda: "week-2.md" in tutor.fault and "YAML" in tutor.fault)
    assert "In June." in text(tutor)
    (folder / "week-2.md").write_text("# Week two\n\nTuning.\n", encoding="utf-8")
    until(lambda: len(tutor.index.articles) == 2 and not tutor.fault)


def test_a_folder_that_vanishes_and_comes_back(course):
    folder, tutor = course
    kept = shutil.copytree(folder, folder.parent / "kept")
    shutil.rmtree(folder)
    until(lambda: "no folder" in tutor.fault)
    assert "In May." in text(tutor)
    kept.rename(folder)
    until(lambda: not tutor.fault)
