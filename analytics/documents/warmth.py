"""First use of what every brief uses: fonts, templates, styles. Leaves no pyplot figure and no thread behind."""

from __future__ import annotations

import contextlib
from pathlib import Path

from analytics.documents import held
from analytics.documents.content import Brief, Paragraph, Picture, Section, Table
from analytics.documents.render import docx, html, pdf
from analytics.figures.theme import Frame, Imprint, drawn, themed
from analytics.workspace import Workspace


def warm_up() -> None:
    """Pay once what the first brief of a process would pay."""
    with themed():
        figure, (axes,) = Frame(width=60, height=40, left=10, right=5).figure()
        axes.barh(["预热"], [1])
        axes.annotate("1.0", (1, 0))
        chart = drawn(figure, "warm", "预热", "预热", Imprint("来源", "说明"))
    blocks = (
        Paragraph("预热"),
        Table("表", ("甲",), (("乙",),), (1,), ("left",)),
        Picture("图", chart.alt, chart.svg, chart.png),
    )
    brief = Brief("", "预热", 2020, "预热", "", "", (Section("一", blocks),), "", "zh")
    html.draw(brief)
    docx.draw(brief)
    pdf.prepare()  # but not set: that would start threads, which a fork does not copy


def read(workspace: str, year: int, *, draw: bool) -> None:
    """Read what all briefs of the year read. With ``draw`` also draw one: what all units' charts say is laid out then.

    Not as PDF, which would start threads. Refused when the year cannot be read.
    """
    place = Workspace.open(Path(workspace) if workspace else None)
    scored = held.hold(place, year)
    unit = next((card.unit for card in scored.cards), None)
    if unit and draw:
        from analytics.documents.dossier import Dossier

        with contextlib.suppress(Exception):  # a unit that cannot be drawn is nobody's failure here
            dossier = Dossier.open(str(place.root), unit, year)
            for chart in (dossier.waterfall_chart, dossier.theme_chart, dossier.year_chart):
                chart._repr_mimebundle_()
            html.draw(dossier.brief)
            docx.draw(dossier.brief)
