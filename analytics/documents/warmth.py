"""First use of what every brief uses: fonts, templates, styles. Leaves no pyplot figure and no thread behind."""

from __future__ import annotations

import contextlib

from analytics.documents import held
from analytics.documents.content import Brief, Paragraph, Picture, Section, Table
from analytics.documents.render import docx, html, pdf
from analytics.figures.theme import Frame, Imprint, drawn, themed


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


def rehearse() -> None:
    """Draw what a brief draws, for a unit that was given: what all units' charts say is then laid out already.

    Not the PDF, which would start threads. A unit that cannot be drawn is nobody's failure here.
    """
    from analytics.documents.dossier import Dossier

    given = held.first_unit()
    if given is None:
        return
    workspace, year, unit = given
    with contextlib.suppress(Exception):
        dossier = Dossier.open(str(workspace.root), unit, year)
        for chart in (dossier.waterfall_chart, dossier.theme_chart, dossier.year_chart):
            chart._repr_mimebundle_()
        html.draw(dossier.brief)
        docx.draw(dossier.brief)
