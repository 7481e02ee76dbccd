"""Experiments: every public module in this folder is one. Its docstring is what readers see; its `run` does the work."""

import importlib
import inspect
import pkgutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import ValidationError, validate_call

from demos.lab.evidence import DemoError, Evidence, NotReady
from demos.lab.zoo import Zoo

__all__ = ["Demo", "DemoError", "Evidence", "NotReady", "Zoo", "find_demos", "run_demo"]


@dataclass(frozen=True)
class Demo:
    """One experiment: its name, title, what it shows, and the parameters that a reader may change."""

    name: str
    title: str
    about: str
    parameters: dict[str, Any]  # name -> default
    run: Callable[..., Evidence]


@cache
def find_demos() -> dict[str, Demo]:
    """All experiments by name."""
    demos = {}
    for module in pkgutil.iter_modules(__path__):
        if module.ispkg or module.name.startswith("_"):
            continue
        loaded = importlib.import_module(f"demos.{module.name}")
        title, _, about = (inspect.getdoc(loaded) or module.name).partition("\n")
        parameters = {name: parameter.default for name, parameter in inspect.signature(loaded.run).parameters.items()
                      if name != "zoo"}
        checked = validate_call(config={"arbitrary_types_allowed": True})(loaded.run)
        demos[module.name] = Demo(module.name, title.rstrip("."), about.strip(), parameters, checked)
    return demos


def run_demo(name: str, zoo: Zoo, **parameters: Any) -> Evidence:
    """Run one experiment; parameters that are None take their defaults.

    Raises DemoError, with one sentence for the reader, for an unknown experiment, parameter or value, and NotReady while
    a model is being trained.
    """
    demos = find_demos()
    if name not in demos:
        raise DemoError(f"There is no experiment “{name[:40]}”; the experiments are {', '.join(demos)}.")
    given = {key: value for key, value in parameters.items() if value is not None}
    unknown = sorted(set(given) - set(demos[name].parameters))
    if unknown:
        allowed = ", ".join(demos[name].parameters) or "none"
        raise DemoError(f"The experiment {name} has no parameter “{unknown[0][:40]}”; it takes: {allowed}.")
    began = time.perf_counter()
    try:
        return demos[name].run(zoo, **given).timed(time.perf_counter() - began)
    except ValidationError as error:
        first = error.errors()[0]
        where = " ".join(str(part) for part in first["loc"])
        raise DemoError(f"The parameter “{where}” does not fit: {first['msg'][0].lower()}{first['msg'][1:]}.") from error
