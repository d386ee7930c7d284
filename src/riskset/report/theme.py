"""Colours, type and the style sheet: one place, so that page and figures agree.

No font is loaded: figures and tables use what is metrically Arial everywhere, prose a book face of the system. Figures
are drawn in the light colours; in the dark the style sheet exchanges each colour for its dark partner, so a figure is
one file.
"""

from __future__ import annotations

from importlib.resources import files

from riskset.plain import Plain
from riskset.report.catalogue import english_figures as english
from riskset.report.catalogue.english_supplement import estimates_shown

SANS = "Arial, 'Liberation Sans', Helvetica, sans-serif"
SERIF = "Charter, 'Bitstream Charter', 'Iowan Old Style', 'Palatino Linotype', 'Liberation Serif', Georgia, serif"
MONO = "ui-monospace, 'DejaVu Sans Mono', 'Liberation Mono', Menlo, Consolas, monospace"

COLOURS = {
    "paper": ("#ffffff", "#14181d"),
    "raised": ("#f5f7f9", "#1d232a"),
    "ink": ("#1b222a", "#e8ebee"),
    "quiet": ("#55606c", "#a4afba"),
    "line": ("#d5dbe1", "#37414c"),
    "strong": ("#1b4b72", "#8fc1ea"),
    "crude": ("#66717c", "#9aa6b2"),
    "adjusted": ("#0b5fa5", "#6db3f2"),
    "mutual": ("#7b3f98", "#c79be0"),
    "other": ("#3d6b35", "#9bcf90"),
    "planted": ("#00755a", "#4fd1ac"),
    "published": ("#a84f00", "#f0a35e"),
    "warn": ("#9a1b1b", "#ff9d9d"),
    "band": ("#b9cfe2", "#2f506d"),
}
"""Each colour for light and for dark paper, text colours with a contrast of at least 4.5 to 1 on both papers."""


FONT = SANS.replace("'", "")
SIZE = 12
"""The font of figures, and the size of what is of no other, in pixels."""


def colour(name: str) -> str:
    """A colour as figures are drawn, for light paper."""
    return COLOURS[name][0]


def figure_config() -> dict[str, Plain]:
    """The look of every chart, as a Vega-Lite configuration."""
    ink, quiet, line = colour("ink"), colour("quiet"), colour("line")
    return {
        "background": colour("paper"),
        "font": FONT,
        "view": {"stroke": None},
        "axis": {
            "labelColor": quiet,
            "titleColor": ink,
            "titleFontWeight": "normal",
            "titleFontSize": SIZE,
            "labelFontSize": SIZE,
            "gridColor": line,
            "domainColor": quiet,
            "tickColor": quiet,
        },
        "text": {"color": ink, "fontSize": SIZE},
        "title": {"color": ink, "fontSize": 13},
        "header": {"titleColor": ink, "labelColor": ink},
        "legend": {
            "labelColor": ink,
            "titleColor": quiet,
            "labelFontSize": SIZE,
            "titleFontSize": SIZE,
            "symbolSize": 70,
            "labelLimit": 0,
        },
    }


def style_sheet(stamp: str) -> str:
    """The page's CSS for screen (light, dark, narrow) and print, with the stamp in the margin of every sheet."""
    light = "".join(f"--{name}:{pair[0]};" for name, pair in COLOURS.items())
    dark = "".join(f"--{name}:{pair[1]};" for name, pair in COLOURS.items())
    exchanged = "\n".join(
        f'  figure svg [{what}="{shown}"] {{ {what}: var(--{name}); }}'
        for name, (shown, _) in COLOURS.items()
        for what in ("fill", "stroke")
    )
    css = files("riskset.report").joinpath("templates/style.css").read_text(encoding="utf-8")
    css = css.replace("SANS", SANS).replace("SERIF", SERIF).replace("MONO", MONO)
    css = css.replace("LIGHT", light).replace("DARK", dark).replace("EXCHANGED", exchanged)
    for name, word in (("FIGURE", english.FIGURE), ("TABLE", english.TABLE), ("SCROLL", english.SCROLL)):
        css = css.replace(name, _css_text(word))
    return css.replace("STAMP", _css_text(stamp))


def script() -> str:
    """The supplement's script, which it is whole without."""
    code = files("riskset.report").joinpath("templates/supplement.js").read_text(encoding="utf-8")
    return code.replace("SHOWN", estimates_shown("${number(count)}", "${number(every.length)}"))


def front_style_sheet(*, stamp: str, notice: str, foot: str) -> str:
    """The front's CSS, with what stands in the margins of every printed sheet.

    Parameters
    ----------
    stamp, notice, foot : right and left at the head, and left at the foot; a notice may be empty
    """
    return _printed_sheets("front.css", "front_sections.css", stamp=stamp, notice=notice, foot=foot)


def public_style_sheet(*, stamp: str, notice: str, foot: str) -> str:
    """The public's page's CSS: that of the front, with what is larger or plainer on one sheet."""
    return _printed_sheets("front.css", "public.css", stamp=stamp, notice=notice, foot=foot)


def _printed_sheets(*parts: str, stamp: str, notice: str, foot: str) -> str:
    templates = files("riskset.report").joinpath("templates")
    css = "".join(templates.joinpath(part).read_text(encoding="utf-8") for part in parts)
    for name, text in (("NOTICE", notice), ("STAMP", stamp), ("FOOT", foot)):
        css = css.replace(name, _css_text(text))
    return css


def _css_text(text: str) -> str:
    """A CSS string: everything but letters, digits and a few marks as an escape, so that nothing ends it."""
    return "".join(c if c.isalnum() or c in " ,.:-" else f"\\{ord(c):x} " for c in text)
