"""Which family of models a run uses: the settings' own, or the other one, where it can be had.

Children of bert-base-uncased come from the Hub. A run may choose them where they are cached; a page that strangers use takes
nothing from the network for that unless the settings let it (EXPLAINER_COMPARE).
"""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field

from demos.lab import hub
from demos.lab.evidence import DemoError
from demos.lab.hub_models import usable_rows
from demos.lab.settings import LabSettings
from demos.lab.zoo import Zoo, embedded_encoder

Family = Annotated[Literal["bundled", "bert-base"] | None, Field(
    description="bundled: trained here; bert-base: bert-base-uncased and its children, from the Hub.")]


def of_family(zoo: Zoo, family: str | None) -> Zoo:
    """The zoo of that family; this one if it is of it, or none is named.

    Raises DemoError if its models are neither on this machine nor may be taken from the Hub.
    """
    if family is None or family == zoo.family:
        return zoo
    if family == "bundled":
        return zoo.remembered.setdefault(("family", family), Zoo(embedded_encoder(), zoo.cache, on_missing=zoo.on_missing))
    from demos.lab.hub_zoo import HubZoo  # huggingface_hub is imported only where it is used

    every = HubZoo(zoo.cache, usable_rows(zoo.cache))
    network, reason = LabSettings().compare in ("hub", "both"), ""
    for key in every.missing():
        try:
            every.fetch(key, network)
        except hub.Unreachable as error:
            reason = str(error)
            if key == "base":  # without which there is nothing to hold the others against
                break
        except DemoError:  # refused, and written down
            continue
    ready = {key: row for key, row in usable_rows(zoo.cache).items() if every.is_ready(key)}
    if "base" not in ready or len(ready) < 2:
        raise DemoError(f"The models of the family {family} are not all on this machine: {reason or 'they were refused.'} "
                        f"`EXPLAINER_MODELS={family} python -m demos prepare` takes them from the Hub, once; the family bundled is here.")
    return zoo.remembered.setdefault(("family", family, *ready), HubZoo(zoo.cache, ready))


def models_of(zoo: Zoo, parameters: Mapping[str, Any]) -> tuple[list[str], bool]:
    """What tells the models of a run from any others (see Zoo.identity), and whether that is all of it.

    It is not where a run opens a checkpoint that its reader names: a folder's files may change, and what an id on the Hub stands
    for is known only when it is asked. Such a result must not be kept.
    """
    family = parameters.get("family")
    if family in (None, zoo.family, "bundled"):
        chosen = of_family(zoo, family)
    else:
        from demos.lab.hub_zoo import HubZoo

        chosen = HubZoo(zoo.cache, usable_rows(zoo.cache))  # asks no network
    known = all(parameters.get(name) in (None, *chosen.rows) for name in ("first", "second"))
    return chosen.identity(), known
