"""Writes what was measured into docs/: the figures for programs, tables for people, and the plots."""

import json
import os
import re
from dataclasses import asdict, dataclass
from pathlib import Path

import plots
from stand_ins import SHARE, Cost

# The size that stands for all where a table has one row for each endpoint.
USUAL = {"rooms": 50, "people": 10, "messages": 100}
TABLES = re.compile(r"(<!-- what was measured[^\n]*-->\n).*?(<!-- end -->)", re.DOTALL)


@dataclass(frozen=True)
class Figure:
    """What an endpoint costs at one size."""

    endpoint: str
    what: str
    size: int
    cost: Cost


def write(figures, docs):
    lines = ",\n".join("    " + json.dumps(flat(figure), ensure_ascii=False) for figure in figures)
    machine = json.dumps(processor())
    (docs / "performance.json").write_text(f'{{\n  "processor": {machine},\n  "figures": [\n{lines}\n  ]\n}}\n')
    document = docs / "performance.md"
    tables = f"Measured on {processor()}.\n\n{costs(figures)}\n\n{growths(figures)}\n"
    document.write_text(TABLES.sub(lambda found: found[1] + tables + found[2], document.read_text()))
    plots.draw(usual(figures), figures, docs)


def flat(figure):
    numbers = {name: round(value, 3) for name, value in asdict(figure.cost).items()}
    return {"endpoint": figure.endpoint, "what": figure.what, "size": figure.size, **numbers}


def processor():
    names = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    return f"{os.cpu_count()} processors of the model {names[0] if names else 'that the system does not name'}"


def usual(figures):
    """One figure for each endpoint."""
    shown = {}
    for figure in figures:
        if figure.size == USUAL[figure.what]:
            shown[figure.endpoint] = figure
    return sorted(shown.values(), key=lambda figure: figure.cost.milliseconds)


def costs(figures):
    head = ["| | with | ms of a processor | ms with 256 MB, computed | requests | round trips | units read | units written |",
            "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    return "\n".join(head + [
        f"| `{figure.endpoint}` | {figure.size} {figure.what} | {figure.cost.milliseconds:.2f} | "
        f"{figure.cost.milliseconds / SHARE:.0f} | {figure.cost.requests:.0f} | {figure.cost.round_trips:.0f} | "
        f"{figure.cost.read_units:g} | {figure.cost.written_units:g} |" for figure in usual(figures)])


def growths(figures):
    sizes = sorted({figure.size for figure in figures})
    rows = {}
    for figure in figures:
        rows.setdefault((figure.endpoint, figure.what), {})[figure.size] = figure.cost.milliseconds
    head = [f"| | ms of a processor with | {' | '.join(f'{size:,}' for size in sizes)} |", "| --- " * (len(sizes) + 2) + "|"]
    return "\n".join(head + [
        f"| `{endpoint}` | {what} | {' | '.join(f'{row[size]:.2f}' if size in row else '' for size in sizes)} |"
        for (endpoint, what), row in rows.items()])
