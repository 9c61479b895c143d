"""Draws what was measured: what each endpoint costs, and how that grows."""

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402
from matplotlib.ticker import LogLocator  # noqa: E402

# A card of its own colour, so that it is legible on a light page and on a dark one.
CARD, INK, FAINT = "#ffffff", "#24292f", "#d0d7de"
COLOURS = ["#0969da", "#cf222e", "#1a7f37", "#8250df", "#bf8700", "#0f766e", "#bc4c8a", "#57606a"]
MARKS = "osD^vPX*"
STYLE = {
    # The text stays text: small, and found by a search.
    "svg.fonttype": "none", "svg.hashsalt": "spreed-serverless", "font.size": 10,
    "font.sans-serif": ["DejaVu Sans", "Verdana", "sans-serif"], "text.color": INK, "axes.labelcolor": INK, "axes.edgecolor": FAINT,
    "xtick.color": INK, "ytick.color": INK, "axes.facecolor": CARD, "figure.facecolor": CARD, "axes.spines.top": False,
    "axes.spines.right": False, "grid.color": FAINT, "grid.linewidth": 0.6, "axes.axisbelow": True, "legend.frameon": False,
}
AXES = {"rooms": "rooms of the caller", "people": "people in the room", "messages": "messages in the room"}


def draw(usual, figures, docs):
    with plt.rc_context(STYLE):
        draw_endpoints(usual, docs / "performance-endpoints.svg")
        for what in AXES:
            draw_growth(what, [figure for figure in figures if figure.what == what], docs / f"performance-{what}.svg")


def draw_endpoints(usual, file):
    figure, axes = plt.subplots(figsize=(8, 0.34 * len(usual) + 0.8), layout="constrained")
    values = [shown.cost.milliseconds for shown in usual]
    bars = axes.barh([f"{shown.endpoint}, {shown.size} {shown.what}" for shown in usual], values, 0.66, color=COLOURS[0])
    axes.bar_label(bars, [f"{value:.2f}" for value in values], padding=4)
    axes.set_xlabel("milliseconds of a processor for one request")
    axes.grid(axis="x")
    axes.tick_params(length=0)
    save(figure, file)


def draw_growth(what, figures, file):
    lines = {}
    for shown in figures:
        lines.setdefault(shown.endpoint, []).append((shown.size, shown.cost.milliseconds))
    figure, axes = plt.subplots(figsize=(8, 3.8), layout="constrained")
    # The legend lists the lines as they end, the highest first.
    ranked = sorted(lines.items(), key=lambda line: -line[1][-1][1])
    for (endpoint, points), colour, mark in zip(ranked, COLOURS, MARKS):
        axes.loglog(*zip(*points), color=colour, marker=mark, markersize=5, linewidth=1.6, label=endpoint)
    axes.set_xlabel(f"{AXES[what]} (logarithmic)")
    axes.set_ylabel("milliseconds of a processor\nfor one request (logarithmic)")
    sizes = sorted({shown.size for shown in figures})
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes], minor=False)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(lambda value, _: f"{value:g}")
    axes.minorticks_off()
    axes.grid()
    axes.tick_params(length=0)
    axes.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    save(figure, file)


def save(figure, file):
    figure.savefig(file, metadata={"Date": None})
    plt.close(figure)
