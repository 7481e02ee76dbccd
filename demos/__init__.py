"""Experiments: every public module in this folder is one. Its docstring is what readers see; its `run` does the work."""

import importlib
import inspect
import pkgutil
import time
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, get_type_hints

from pydantic import TypeAdapter, ValidationError, validate_call

from demos.lab.evidence import DemoError, Evidence, NotReady, Progress
from demos.lab.limit import OutOfTime, limited
from demos.lab.settings import LabSettings
from demos.lab.zoo import Zoo

__all__ = ["Demo", "DemoError", "Evidence", "NotReady", "Progress", "Zoo", "find_demos", "follow_demo", "run_demo"]


@dataclass(frozen=True)
class Demo:
    """One experiment: its name, title, what it shows, and the parameters that a reader may change."""

    name: str
    title: str
    about: str
    parameters: dict[str, Any]  # name -> default
    schema: dict[str, dict]  # name -> JSON schema of what it takes
    long: bool  # whether it takes more than a few seconds, and so reports progress
    run: Callable[..., Evidence | Iterator[Progress | Evidence]]


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
        hints = get_type_hints(loaded.run, include_extras=True)
        schema = {name: TypeAdapter(hints[name]).json_schema() for name in parameters}
        demos[module.name] = Demo(module.name, title.rstrip("."), about.strip(), parameters, schema,
                                  inspect.isgeneratorfunction(loaded.run), checked)
    return demos


def run_demo(name: str, zoo: Zoo, **parameters: Any) -> Evidence:
    """Run one experiment to its end. Parameters, and what is raised: see follow_demo."""
    *_, last = follow_demo(name, zoo, **parameters)
    assert isinstance(last, Evidence)
    return last


def follow_demo(name: str, zoo: Zoo, **parameters: Any) -> Generator[Progress | Evidence]:
    """Run one experiment: Progress as often as a longer one has news, last its Evidence. Closing the iterator stops it.

    Parameters that are None take their defaults. Raises DemoError, with one sentence for the reader, for an unknown
    experiment, parameter or value, and when the time limit of the settings is reached; NotReady while a model that it needs
    is being trained.
    """
    demos = find_demos()
    if name not in demos:
        raise DemoError(f"There is no experiment “{name[:40]}”; the experiments are {', '.join(demos)}.")
    if zoo.experiments is not None and name not in zoo.experiments:
        raise DemoError(f"The experiment {name} is about the bundled models and needs them (EXPLAINER_MODELS=bundled); with these models "
                        f"there are {', '.join(sorted(zoo.experiments))}.")
    given = {key: value for key, value in parameters.items() if value is not None}
    unknown = sorted(set(given) - set(demos[name].parameters))
    if unknown:
        allowed = ", ".join(demos[name].parameters) or "none"
        raise DemoError(f"The experiment {name} has no parameter “{unknown[0][:40]}”; it takes: {allowed}.")
    began, limit, doing = time.perf_counter(), LabSettings().experiment_seconds, ""
    try:
        with limited(began + limit):
            try:
                result = demos[name].run(zoo, **given)
            except ValidationError as error:
                raise DemoError(_misfit(error)) from error
        items = iter([result] if isinstance(result, Evidence) else result)
        while True:
            with limited(began + limit):
                item = next(items, None)
            if item is None:
                return
            seconds = time.perf_counter() - began
            yield item.timed(seconds) if isinstance(item, Evidence) else item
            if isinstance(item, Progress):
                doing = item.doing
                if seconds > limit:
                    raise OutOfTime
    except OutOfTime as error:
        where = f" at “{doing}”" if doing else ""
        raise DemoError(f"The experiment reached its limit of {limit:.0f} s and was stopped{where}; choose fewer models, steps or "
                        "lines.") from error


def _misfit(error: ValidationError) -> str:
    """The first fault in the parameters, in a sentence."""
    first = error.errors()[0]
    where, given = " ".join(str(part) for part in first["loc"]), first["input"]
    if first["type"] == "string_too_long" and len(lines := given.splitlines()) > 1:
        return (f"The parameter “{where}” is too long: {len(lines):,} lines with {len(given):,} characters were given, and at most "
                f"{first['ctx']['max_length']:,} characters are read; give fewer or shorter lines.")
    return f"The parameter “{where}” does not fit: {first['msg'][0].lower()}{first['msg'][1:]}."
