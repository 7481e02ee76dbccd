"""A conversation to keep: a zip with one Markdown file, and beside it the figures (SVG) and the numbers (CSV) that it shows.

A zip, since Markdown with figures inside it as data shows them in few places, and files beside it in all of them: editors,
notes, notebooks, GitHub, pandoc.
"""

import datetime
import io
import zipfile
from collections.abc import Sequence

from bot.answer import AGREEMENT
from bot.card import standing_alone, table_csv
from bot.links import experiment_link
from bot.parts import as_text
from bot.turns import Turn
from demos import Evidence, find_demos

NAME = "frozen-or-tuned"
INTRODUCTION = ("The words come from reviewed articles with their sources, the numbers from experiments that ran; no language model "
                "wrote any of it.")


def pack(turns: Sequence[Turn], address: str, now: datetime.datetime | None = None) -> bytes:
    """The zip file. `address`: where the app is, for its links."""
    now = now or datetime.datetime.now(datetime.UTC)
    files: dict[str, str] = {}
    parts = [f"# Frozen or Tuned: a conversation\n\nSaved on {now:%Y-%m-%d} from <{address}>. {INTRODUCTION}"]
    parts += [_turn(number, turn, address, files) for number, turn in enumerate(turns, start=1)]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {"conversation.md": "\n\n".join(parts) + "\n", **files}.items():
            archive.writestr(zipfile.ZipInfo(f"{NAME}/{name}", now.timetuple()[:6]), text, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def _turn(number: int, turn: Turn, address: str, files: dict[str, str]) -> str:
    parts = [f"## {as_text(' '.join(turn['question'].split()))}"] if turn["question"] else []
    parts += [*map(as_text, turn["notes"]), *([turn["words"]] if turn["words"] else [])]
    shown = 0
    for place, item in enumerate(turn["items"]):
        if evidence := turn["evidence"].get(place):
            shown += 1
            parts.append(_evidence(evidence, f"{number}-E{shown}-{evidence.demo}", shown, address, files))
        elif "demo" in item:
            link = address + experiment_link(item["demo"], item["parameters"])
            parts.append(f"[{find_demos()[item['demo']].title}]({link})")
        else:
            parts.append(as_text(item["says"]))
    if turn["cited"]:
        parts.append("**Sources**\n\n" + "\n".join(
            f"- [{source['label']}] {as_text(source['citation'])}" + (f" <{source['url']}>" if source["url"] else "")
            for source in turn["cited"]))
    if turn["link"]:
        parts.append(f"[Ask this again]({address}{turn['link']})")
    return "\n\n".join(parts)


def _evidence(evidence: Evidence, name: str, number: int, address: str, files: dict[str, str]) -> str:
    figure, numbers = f"figures/{name}.svg", f"numbers/{name}.csv"
    files |= {figure: standing_alone(evidence.figure.svg), numbers: table_csv(evidence.table)}
    findings = "".join(f"\n- {as_text(finding.says)} This run {AGREEMENT[finding.holds]}. {as_text(finding.because)}"
                       for finding in evidence.findings)
    again = address + experiment_link(evidence.demo, evidence.parameters)
    return "\n\n".join(filter(None, (
        f"### E{number}. {find_demos()[evidence.demo].title}", as_text(evidence.claim),
        f"![{as_text(' '.join(evidence.figure.alt.split()))}]({figure})",
        f"**Compared with.** {as_text(evidence.baseline)}", f"**Caveat.** {as_text(evidence.caveat)}", findings.strip(),
        f"[Every number]({numbers}) · [Run it again]({again})",
        f"The same numbers from the command line:\n\n```\n{evidence.reproduce.splitlines()[0]}\n```")))
