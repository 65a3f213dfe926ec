"""The pictures of the page: SVG that is readable on a light and on a dark background."""

import math
from html import escape

LIGHT = {"ground": "#ffffff", "text": "#1f2328", "grid": "#d1d9e0", "ours": "#0969da", "peer": "#8c959f", "limit": "#bc4c00", "third": "#1a7f37"}
DARK = {"ground": "#0d1117", "text": "#e6edf3", "grid": "#3d444d", "ours": "#4493f8", "peer": "#7d8590", "limit": "#f0883e", "third": "#3fb950"}
SHAPES = """text { font: 13px system-ui, sans-serif; }
.title { font-weight: 600; font-size: 15px; }
.small { font-size: 12px; }
.heading, .strong { font-weight: 600; }
path.ours, path.limit, path.third { fill: none; stroke-width: 2.5; }
path.limit { stroke-dasharray: 7 4; }"""


def colours(palette):
    """The rules for one background. They name each colour, because not every viewer knows CSS variables."""
    rules = [f".ground {{ fill: {palette['ground']}; }}", f"text {{ fill: {palette['text']}; }}", f".grid {{ stroke: {palette['grid']}; }}"]
    for name in ("ours", "peer", "limit", "third"):
        rules.append(f"rect.{name}, circle.{name}, text.{name} {{ fill: {palette[name]}; }} path.{name} {{ stroke: {palette[name]}; }}")
    return "\n".join(rules)


STYLE = f"{SHAPES}\n{colours(LIGHT)}\n@media (prefers-color-scheme: dark) {{\n{colours(DARK)}\n}}"


LEAST_TIMES, MOST_TIMES = 0.8, 200


def summary(lines):
    """Bars of how many times as long as hookseal each peer takes, on a logarithmic scale that begins at hookseal."""
    panels = [
        (f"{line.work.language.capitalize()}: {line.work.name}", [peer for peer in line.peers if "parses only" not in peer[0]])
        for line in lines
        if line.work.pictured
    ]
    left, right, width, row_height, top = 324, 60, 900, 23, 70
    height = top + sum(44 + row_height * len(bars) for _, bars in panels) + 4

    def x(ratio):
        part = math.log(min(max(ratio, LEAST_TIMES), MOST_TIMES) / LEAST_TIMES) / math.log(MOST_TIMES / LEAST_TIMES)
        return left + part * (width - left - right)

    parts = [
        '<text class="title" x="16" y="26">How many times as long as hookseal others take</text>',
        '<text class="small" x="16" y="46">A bar to the right: hookseal is faster. The scale is logarithmic.</text>',
        f'<text class="ours strong" x="{x(1):.1f}" y="{top - 6}" text-anchor="middle">hookseal = 1</text>',
    ]
    scale = (2, 5, 10, 20, 50, 100)
    parts += [f'<text class="small" x="{x(ratio):.1f}" y="{top - 6}" text-anchor="middle">{ratio} ×</text>' for ratio in scale[1:]]
    y = top
    for title, bars in panels:
        parts.append(f'<text class="heading" x="16" y="{y + 22}">{escape(title)}</text>')
        y += 32
        end = y + row_height * len(bars)
        parts += [f'<path class="grid" d="M{x(ratio):.1f} {y}V{end}"/>' for ratio in scale]
        for name, _, ratio in bars:
            first, last = sorted((x(1), x(ratio)))
            parts.append(f'<text x="{left - 10}" y="{y + 15}" text-anchor="end">{escape(name)}</text>')
            parts.append(f'<rect class="{"peer" if ratio >= 1 else "limit"}" x="{first:.1f}" y="{y + 3}" width="{last - first:.1f}" height="{row_height - 6}"/>')
            parts.append(f'<text class="strong" x="{last + 7:.1f}" y="{y + 16}">{times(ratio)}</text>')
            y += row_height
        parts.append(f'<path class="ours" d="M{x(1):.1f} {end - row_height * len(bars)}V{end}"/>')
        y += 12
    return svg(width, height, "How many times as long as hookseal others take, on a logarithmic scale", parts)


def peers(results):
    """Bars of the time per request, with a panel for each case. Every bar begins at zero."""
    panels = [
        ("Rust: receive a Benji webhook, all fields read", of_case(results, "rust", "receive a Benji webhook")),
        ("Rust: authenticate 65 bytes", of_case(results, "rust", "authenticate 65 B")),
        ("Rust: receive 1,000 Bento events", of_case(results, "rust", "receive 1,000 Bento events")),
    ]
    for language in ("python", "node"):
        for case in dict.fromkeys(row["case"] for row in results.get(language, [])):
            panels.append((f"{language.capitalize()}: {case}", of_case(results, language, case)))
    panels = [(title, rows) for title, rows in panels if rows]

    left, width, row_height, head = 230, 860, 24, 44
    height = 16 + sum(head + row_height * len(rows) + 14 for _, rows in panels)
    parts, y = [], 16
    for title, rows in panels:
        parts.append(f'<text class="title" x="16" y="{y + 18}">{escape(title)}</text>')
        y += head - 8
        scale = (width - left - 110) / max(row["median_ns"] for row in rows)
        for row in rows:
            length = max(row["median_ns"] * scale, 1.5)
            parts.append(f'<text x="{left - 8}" y="{y + 14}" text-anchor="end">{escape(row["peer"])}</text>')
            parts.append(f'<rect class="{kind(row["peer"])}" x="{left}" y="{y + 2}" width="{length:.1f}" height="{row_height - 7}" rx="2"/>')
            parts.append(f'<text class="small" x="{left + length + 7:.1f}" y="{y + 14}">{shown(row["median_ns"])}</text>')
            y += row_height
        y += 22
    return svg(width, height, "Time per request, each case on a scale of its own from zero: shorter is better", parts)


def size(results):
    """Lines of the time against the size of the body, on logarithmic scales."""
    curves = (
        ("size: limit", "limit", "the limit: SHA-256 blocks alone"),
        ("size: Benji", "ours", "hookseal: Benji, signed"),
        ("size: Bento", "third", "hookseal: Bento, not signed"),
    )
    width, height, left, right, top, bottom = 860, 500, 80, 236, 46, 56
    points = {
        case: sorted((int(row["peer"]), row["median_ns"]) for row in results["rust"] if row["case"] == case)
        for case, _, _ in curves
    }
    times = [time for curve in points.values() for _, time in curve]
    if not times:
        return svg(width, 60, "Not measured", [])
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))

    def x(bytes_):
        return left + (math.log2(bytes_) - 6) / 16 * (width - left - right)

    def y(time):
        return height - bottom - (math.log10(time) - low) / (high - low) * (height - top - bottom)

    parts = ['<text class="title" x="16" y="26">Time per request against the size of its body</text>']
    for power in range(low, high + 1):
        parts.append(f'<path class="grid" d="M{left} {y(10**power):.1f}H{width - right}"/>')
        parts.append(f'<text x="{left - 8}" y="{y(10**power) + 4:.1f}" text-anchor="end">{shown(10**power, 0)}</text>')
    for power in range(6, 23, 2):
        bytes_ = 2**power
        name = f"{bytes_} B" if bytes_ < 1024 else f"{bytes_ >> 10} KiB" if bytes_ < 1 << 20 else f"{bytes_ >> 20} MiB"
        parts.append(f'<path class="grid" d="M{x(bytes_):.1f} {top}V{height - bottom}"/>')
        parts.append(f'<text class="small" x="{x(bytes_):.1f}" y="{height - bottom + 20}" text-anchor="middle">{name}</text>')
    ends = []
    for case, class_, name in curves:
        curve = points[case]
        if not curve:
            continue
        steps = "L".join(f"{x(bytes_):.1f} {y(time):.1f}" for bytes_, time in curve)
        parts.append(f'<path class="{class_}" d="M{steps}"/>')
        if class_ != "limit":
            parts += [f'<circle class="{class_}" cx="{x(bytes_):.1f}" cy="{y(time):.1f}" r="3.5"/>' for bytes_, time in curve]
        ends.append((y(curve[-1][1]), class_, name))
    # Each name is beside the end of its line. No two names overlap.
    lowest = -math.inf
    for end, class_, name in sorted(ends):
        lowest = max(end + 4, lowest + 20)
        parts.append(f'<text class="{class_}" x="{width - right + 10}" y="{lowest:.1f}">{escape(name)}</text>')
    return svg(width, height, "Time per request against the size of the body, both on logarithmic scales", parts)


def of_case(results, language, case):
    rows = [row for row in results.get(language, []) if row["case"] == case and row["median_ns"]]
    return sorted(rows, key=lambda row: row["median_ns"])


def kind(peer):
    return "limit" if peer == "limit" else "ours" if peer.startswith("hookseal") else "peer"


def shown(nanoseconds, digits=None):
    """A time with three digits and its unit."""
    for unit in ("ns", "µs", "ms"):
        if nanoseconds < 1000 or unit == "ms":
            if digits is not None:
                return f"{nanoseconds:.{digits}f} {unit}"
            return f"{nanoseconds:.3g} {unit}" if nanoseconds < 1000 else f"{nanoseconds:,.0f} {unit}"
        nanoseconds /= 1000


def times(ratio):
    """A ratio with two digits, or with all digits before the point."""
    return f"{ratio:.0f} ×" if ratio >= 10 else f"{ratio:.1f} ×"


def svg(width, height, title, parts):
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img">\n'
        f"<title>{escape(title)}</title>\n<style>\n{STYLE}\n</style>\n"
        f'<rect class="ground" width="{width}" height="{height}" rx="6"/>\n{body}\n</svg>\n'
    )
