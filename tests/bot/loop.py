"""An event loop of one's own: Playwright leaves its loop running in the thread in which browser tests ran before."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any


def in_a_loop_of_its_own(coroutine: Coroutine) -> Any:
    """The coroutine's result."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()
