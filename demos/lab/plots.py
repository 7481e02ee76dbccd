"""Figures as inline SVG, in one style that reads on a phone, in light and in dark.

Text and axes take the page's own colour (`currentColor`); every figure has a text alternative.
"""

import hashlib
import io
import re
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure as Canvas
from matplotlib.ticker import MaxNLocator

from demos.lab.evidence import Figure

# Mid tones of Okabe and Ito's colour-blind-safe palette: at least 3:1 against white and against near-black.
COLOURS = ("#0a7fc2", "#d1600d", "#0b8f6a", "#b0588c", "#8a7a00", "#7b6fd6", "#7a7a7a", "#3a8fa8")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
INK = "#010203"  # stands for the page's text colour until the SVG is written
STYLE: Any = {
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 11,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.15,
    "legend.frameon": False,
    "legend.fontsize": 9.5,
    **{name: INK for name in ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color", "grid.color")},
}


def lines(
    series: Mapping[str, Sequence[float]], x: Sequence, xlabel: str, ylabel: str, alt: str, dashed: Sequence[str] = ()
) -> Figure:
    """One line a series over x; the series named in `dashed` are references (a baseline, chance)."""
    with matplotlib.rc_context(STYLE):
        canvas, axes = _axes(xlabel, ylabel, legend_rows=(len(series) + 1) // 2)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        for number, (name, values) in enumerate(series.items()):
            style: dict[str, Any] = {"linestyle": "--", "color": INK, "alpha": 0.65} if name in dashed else {
                "color": COLOURS[number % len(COLOURS)], "marker": MARKERS[number % len(MARKERS)], "markersize": 5}
            axes.plot(x, values, label=name, linewidth=1.8, **style)
        axes.set_ylim(bottom=min(0, *(min(values) for values in series.values())))
        _legend(axes)
        return _figure(canvas, alt)


def curves(series: Mapping[str, Sequence[tuple[float, float, float]]], labels: Sequence[str], xlabel: str, ylabel: str, alt: str,
           line: tuple[str, float] | None = None) -> Figure:
    """One line a series over equally spaced labels; each point is (mean, lowest, highest) and is drawn with its range.

    A series may be shorter than the labels: what is still to come. `line` is a named reference value.
    """
    with matplotlib.rc_context(STYLE):
        canvas, axes = _axes(xlabel, ylabel, legend_rows=(len(series) + 2) // 2)
        for number, (name, points) in enumerate(series.items()):
            places = [place + (number - (len(series) - 1) / 2) * 0.08 for place in range(len(points))]  # ranges side by side
            colour = COLOURS[number % len(COLOURS)]
            axes.plot(places, [mean for mean, _, _ in points], label=name, color=colour, linewidth=1.8,
                      marker=MARKERS[number % len(MARKERS)], markersize=5)
            for place, (_, lowest, highest) in zip(places, points, strict=True):
                axes.plot((place, place), (lowest, highest), color=colour, linewidth=1.2)
        if line:
            axes.axhline(line[1], linestyle="--", color=INK, alpha=0.65, linewidth=1.5, label=line[0])
        axes.set_xticks(range(len(labels)), labels)
        axes.set_ylim(bottom=0)
        _legend(axes)
        return _figure(canvas, alt)


def bars(groups: Mapping[str, Sequence[float]], labels: Sequence[str], ylabel: str, alt: str,
         line: tuple[str, float] | None = None) -> Figure:
    """Grouped bars: one group per label, one bar per entry of `groups`; `line` is a named reference value."""
    with matplotlib.rc_context(STYLE):
        canvas, axes = _axes("", ylabel, legend_rows=(len(groups) + 2) // 2)
        width = 0.8 / len(groups)
        for number, (name, values) in enumerate(groups.items()):
            places = [place + (number - (len(groups) - 1) / 2) * width for place in range(len(labels))]
            axes.bar(places, values, width, label=name, color=COLOURS[number % len(COLOURS)])
        if line:
            axes.axhline(line[1], linestyle="--", color=INK, alpha=0.65, linewidth=1.5, label=line[0])
        axes.set_xticks(range(len(labels)), labels)
        axes.grid(visible=False, axis="x")
        _legend(axes)
        return _figure(canvas, alt)


def lying_bars(groups: Mapping[str, Sequence[float]], labels: Sequence[str], xlabel: str, alt: str) -> Figure:
    """Grouped bars that lie down, the first label on top: many or long labels would run into each other under standing ones."""
    with matplotlib.rc_context(STYLE):
        rows = len(labels) * len(groups)
        canvas = Canvas(figsize=(4.3, 0.9 + 0.21 * ((len(groups) + 1) // 2) + max(0.2 * rows, 0.28 * len(labels))), layout="constrained")
        axes = canvas.subplots()
        axes.set_xlabel(xlabel)
        height = 0.8 / len(groups)
        for number, (name, values) in enumerate(groups.items()):
            places = [place + (number - (len(groups) - 1) / 2) * height for place in range(len(labels))]
            axes.barh(places, values, height, label=name, color=COLOURS[number % len(COLOURS)])
        axes.set_yticks(range(len(labels)), labels)
        axes.invert_yaxis()
        axes.grid(visible=False, axis="y")
        _legend(axes)
        return _figure(canvas, alt)


def heat_map(values: Sequence[Sequence[float]], xlabel: str, ylabel: str, title: str, alt: str) -> Figure:
    """A square grid of values from 0 to 1, counted from 0 along both axes, the number in each cell where there is room."""
    size = len(values)
    with matplotlib.rc_context(STYLE | {"axes.grid": False, "axes.spines.left": False, "axes.spines.bottom": False}):
        canvas = Canvas(figsize=(4.3, 4.0), layout="constrained")
        axes = canvas.subplots()
        axes.pcolormesh(range(size), range(size), values, shading="nearest", cmap="cividis", vmin=0, vmax=1)
        axes.set(aspect="equal", xlabel=xlabel, ylabel=ylabel, xticks=range(size), yticks=range(size))
        axes.set_title(title, fontsize=11)
        axes.tick_params(length=0)
        if size <= 8:
            for row, line in enumerate(values):
                for column, value in enumerate(line):
                    # On the map's own colours, so not in the page's text colour.
                    axes.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=9,
                              color="#000000" if value > 0.5 else "#ffffff")
        return _figure(canvas, alt)


def stacked(figures: Sequence[Figure], alt: str) -> Figure:
    """Figures one below the other as one figure: side by side they would be too small for a phone."""
    boxes = [[float(number) for number in re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', figure.svg)[0]] for figure in figures]
    parts, top = [], 0.0
    for figure, (width, height) in zip(figures, boxes, strict=True):
        place = f'<svg y="{top:g}" width="{width:g}" height="{height:g}"'
        parts.append(re.sub(r'<svg role="img" aria-label="[^"]*"', place, figure.svg, count=1))
        top += height
    return Figure(f'<svg role="img" aria-label="{escape(alt)}" viewBox="0 0 {max(width for width, _ in boxes):g} {top:g}" '
                  f'xmlns="http://www.w3.org/2000/svg">{"".join(parts)}</svg>', alt)


def _axes(xlabel: str, ylabel: str, legend_rows: int) -> tuple[Canvas, Axes]:
    # 4.3 inches wide is 310 points: on a 320 px phone the text is shown at about its own size.
    canvas = Canvas(figsize=(4.3, 2.7 + 0.21 * legend_rows), layout="constrained")
    axes = canvas.subplots()
    axes.set_xlabel(xlabel)
    axes.set_ylabel(ylabel)
    return canvas, axes


def _legend(axes: Axes) -> None:
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, handlelength=1.6, columnspacing=1.2)


def _figure(canvas: Canvas, alt: str) -> Figure:
    # Ids inside the SVG must differ between figures on one page, and be equal for equal figures.
    salt = hashlib.sha256(alt.encode()).hexdigest()[:8]
    with matplotlib.rc_context({"svg.hashsalt": salt}), io.StringIO() as out:
        canvas.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
        svg = out.getvalue()
    svg = svg[svg.index("<svg"):]
    svg = re.sub(r"<metadata>.*?</metadata>", "", svg, flags=re.DOTALL)
    svg = re.sub(r"<!--.*?-->", "", svg, flags=re.DOTALL)
    svg = re.sub(r"font: ([\d.]+px) [^;\"]*", r"font: \1 system-ui, sans-serif", svg)
    svg = re.sub(r' id="(?:figure|axes|text|patch|line2d|matplotlib\.axis|legend|xtick|ytick|QuadMesh)_\d+"', "", svg)
    svg = re.sub(r'<svg [^>]*viewBox="([^"]+)"[^>]*>',
                 rf'<svg role="img" aria-label="{escape(alt)}" viewBox="\1" xmlns="http://www.w3.org/2000/svg" '
                 'xmlns:xlink="http://www.w3.org/1999/xlink">', svg, count=1)
    return Figure(svg.replace(INK, "currentColor"), alt)
