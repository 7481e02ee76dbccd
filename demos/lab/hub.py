"""Takes a model from the Hugging Face Hub: the few files that an encoder needs, in formats that cannot run code.

They lie in the Hub's own cache folder (HF_HOME), where a Space's `preload_from_hub` puts them too, and are used from
there when the Hub cannot be reached or HF_HUB_OFFLINE is set. No account's token is ever sent: a reader who may name an
id must not get at the private models of whoever runs the app.
"""

import re
import threading
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import httpx2  # what huggingface_hub speaks HTTP with; its errors come through
from huggingface_hub import HfApi, snapshot_download
from huggingface_hub.errors import (
    HfHubHTTPError,
    HFValidationError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    XetDownloadError,
)
from huggingface_hub.utils import disable_progress_bars, validate_repo_id

from demos.lab.evidence import DemoError
from demos.lab.settings import LabSettings

WEIGHTS = "model.safetensors"
FILES = ["config.json", WEIGHTS, "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt",
         "vocab.json", "merges.txt"]
ANSWER_SECONDS = 10  # to list a model's files


class Unreachable(DemoError):
    """The model could not be had this time; another time it may."""


@dataclass(frozen=True)
class Snapshot:
    """A model's files as they were at one commit, in the Hub's cache folder."""

    repo: str
    commit: str
    folder: Path


def fetch(repo: str, revision: str = "main") -> Snapshot:
    """The files of a public model, downloaded unless they are cached. A full commit hash that is cached needs no network.

    Raises DemoError if the id is malformed, the Hub has no such model or revision, or the model is too large or only there
    as pickle; Unreachable if the download breaks off or takes longer than the settings allow, or the Hub is away and nothing
    is cached.
    """
    try:
        return start(repo, revision).result(timeout=60 * LabSettings().download_minutes)
    except TimeoutError as error:
        raise too_slow(repo) from error


def cached(repo: str, revision: str = "main") -> Snapshot:
    """The files of a public model from the Hub's cache on this machine. Raises Unreachable if they are not there."""
    try:
        return _cached(repo, revision)
    except LocalEntryNotFoundError as error:
        raise Unreachable(f"“{repo}” is not in this machine's cache of the Hub.") from error


def start(repo: str, revision: str = "main") -> "Future[Snapshot]":
    """`fetch` in a thread of its own, so that the caller can tell how it goes and give up.

    huggingface_hub limits the silence between two bytes, not the whole; only waiting elsewhere does. A thread that was
    given up ends with the process at the latest, and what it finishes is cached for the next time.
    """
    future: Future[Snapshot] = Future()

    def work() -> None:
        try:
            future.set_result(_fetch(repo, revision))
        except Exception as error:  # raised again by whoever waits
            future.set_exception(error)

    threading.Thread(target=work, daemon=True, name=f"fetch {repo[:40]}").start()
    return future


def too_slow(repo: str) -> Unreachable:
    """What is said when the time limit of the settings is reached."""
    return Unreachable(f"The download of “{repo}” took longer than the {LabSettings().download_minutes:g} minutes that "
                       "EXPLAINER_DOWNLOAD_MINUTES allows and was given up; try again, or raise the limit.")


def check_id(repo: str) -> None:
    """Raise DemoError unless this has the form of a Hub id; asks neither disk nor network."""
    try:
        validate_repo_id(repo)
    except HFValidationError as error:
        raise DemoError(f"“{repo[:60]}” is not a Hub id; ids look like owner/name, with letters, digits, “-”, “_” and “.”.") from error


def _fetch(repo: str, revision: str) -> Snapshot:
    check_id(repo)
    disable_progress_bars()
    if re.fullmatch(r"[0-9a-f]{40}", revision):  # a commit never changes: what is cached is right
        try:
            return _cached(repo, revision)
        except LocalEntryNotFoundError:
            pass
    try:
        info = HfApi(token=False).model_info(repo, revision=revision, files_metadata=True, timeout=ANSWER_SECONDS)
    except RevisionNotFoundError as error:
        raise DemoError(f"The Hub's model “{repo}” has no revision “{revision}”.") from error
    except RepositoryNotFoundError as error:
        raise DemoError(f"The Hub has no public model “{repo}”: the id may be misspelt, or the model private or gated.") from error
    except (HfHubHTTPError, httpx2.TransportError, OfflineModeIsEnabled) as error:
        return _cached_or_error(repo, revision, error)
    _check_files(repo, {file.rfilename: file.size for file in info.siblings or []})
    try:
        folder = Path(snapshot_download(repo, revision=revision, allow_patterns=FILES, token=False))
    except (OSError, httpx2.HTTPError, XetDownloadError) as error:
        raise Unreachable(f"The download of “{repo}” broke off ({type(error).__name__}); files that had arrived whole are kept, "
                          "so try again.") from error
    return Snapshot(repo, folder.name, folder)


def _check_files(repo: str, sizes: dict[str, int | None]) -> None:
    """From the list of files alone, before any is downloaded: is there a model that may be taken?"""
    if WEIGHTS not in sizes:
        if any(name.endswith((".bin", ".pt", ".pth", ".ckpt", ".pkl")) for name in sizes):
            raise DemoError(f"“{repo}” offers its weights only pickled, in a format that can run code when it is opened, so it is "
                            f"refused; a model with {WEIGHTS} is needed.")
        raise DemoError(f"“{repo}” has no {WEIGHTS}, so there are no weights to read.")
    megabytes = sum(sizes[name] or 0 for name in FILES if name in sizes) / 1e6
    limit = LabSettings().download_megabytes
    if megabytes > limit:
        raise DemoError(f"“{repo}” has {megabytes:,.1f} MB, more than the {limit:,g} MB that EXPLAINER_DOWNLOAD_MEGABYTES allows.")


def _cached(repo: str, revision: str) -> Snapshot:
    """Raises LocalEntryNotFoundError if the files are not in the cache, or not all of them."""
    folder = Path(snapshot_download(repo, revision=revision, allow_patterns=FILES, local_files_only=True))
    if not (folder / WEIGHTS).exists():
        raise LocalEntryNotFoundError(f"{WEIGHTS} is not cached")
    return Snapshot(repo, folder.name, folder)


def _cached_or_error(repo: str, revision: str, error: Exception) -> Snapshot:
    try:
        return _cached(repo, revision)
    except LocalEntryNotFoundError:
        reason = "HF_HUB_OFFLINE is set" if isinstance(error, OfflineModeIsEnabled) else type(error).__name__
        raise Unreachable(f"The Hugging Face Hub cannot be reached ({reason}), and “{repo}” is not in this machine's cache; "
                          "try again with a network, or use the bundled models.") from error
