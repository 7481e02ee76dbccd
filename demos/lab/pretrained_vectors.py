"""Word vectors that others trained on much text, through gensim's downloader.

Two traps of that downloader are avoided. `gensim.downloader.load` runs Python that comes with the data; here it only fetches, and
the file is read as word2vec's own format, never as pickle. And it has no time limit; here it runs as a process that is ended.
"""

import json
import os
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import gensim.downloader
from gensim.models import KeyedVectors

from demos.lab.evidence import DemoError
from demos.lab.settings import LabSettings

IMPORTS = "import json, sys, gensim.downloader as d\n"
INFORM = "print(json.dumps(d.info(sys.argv[1])))"
DOWNLOAD = "d.load(sys.argv[1], return_path=True)"  # with return_path it does not run what it fetched


@dataclass(frozen=True)
class PretrainedVectors:
    """One row: the name in gensim's list, and the name for readers. Its file must be in word2vec's text format."""

    key: str
    name: str


GLOVE = PretrainedVectors("glove-wiki-gigaword-100", "GloVe (Wikipedia and news)")


def is_cached(row: PretrainedVectors) -> bool:
    """Whether the file has been fetched. gensim moves it to its place when it is whole and its checksum right."""
    return _path(row).is_file()


def fetch_vectors(row: PretrainedVectors) -> None:
    """Download the file unless it is cached (in gensim's own folder, GENSIM_DATA_DIR).

    Raises DemoError if it is larger, or the download takes longer, than the settings allow, or it cannot be had.
    """
    if is_cached(row):
        return
    settings = LabSettings()
    megabytes = json.loads(_gensim(INFORM, row.key, settings.download_minutes))["file_size"] / 1e6
    if megabytes > settings.download_megabytes:
        raise DemoError(f"The vectors {row.key} have {megabytes:,.0f} MB, more than the {settings.download_megabytes:,g} MB that "
                        "EXPLAINER_DOWNLOAD_MEGABYTES allows.")
    _gensim(DOWNLOAD, row.key, settings.download_minutes)


@cache
def read_vectors(row: PretrainedVectors) -> KeyedVectors:
    """The vectors from the cache, read once per process. Raises DemoError if they are not there or damaged."""
    if not is_cached(row):
        raise DemoError(f"The vectors {row.key} have not been downloaded; `python -m demos prepare` does that with "
                        "EXPLAINER_MODELS=bert-base.")
    try:
        return KeyedVectors.load_word2vec_format(_path(row))
    except (OSError, EOFError, ValueError) as error:
        raise DemoError(f"The file of the vectors {row.key} is damaged ({type(error).__name__}); delete its folder in gensim-data, and "
                        "it is downloaded again.") from error


def _path(row: PretrainedVectors) -> Path:
    return Path(gensim.downloader.BASE_DIR) / row.key / f"{row.key}.gz"


def _gensim(code: str, key: str, minutes: float) -> str:
    """Run gensim's downloader, with a folder for its unfinished files that goes away with it."""
    base = Path(gensim.downloader.BASE_DIR)
    try:
        base.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=base, prefix=".unfinished-") as unfinished:
            environment = {**os.environ, "TMPDIR": unfinished, "GENSIM_DATA_DIR": str(base)}
            ran = subprocess.run([sys.executable, "-c", IMPORTS + code, key], env=environment, capture_output=True, text=True,
                                 timeout=60 * minutes, check=True)
    except subprocess.TimeoutExpired as error:
        raise DemoError(f"The download of the vectors {key} took longer than the {minutes:g} minutes that EXPLAINER_DOWNLOAD_MINUTES "
                        "allows and was ended.") from error
    except (OSError, subprocess.CalledProcessError) as error:
        raise DemoError(f"The vectors {key} could not be downloaded: gensim's list or file cannot be reached, or did not arrive whole; "
                        "try again with a network.") from error
    return ran.stdout
