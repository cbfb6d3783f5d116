"""First use of what every brief uses: fonts, templates, styles. No pyplot figure, no thread is left behind."""

from __future__ import annotations

from analytics.figures.theme import Frame, Imprint, drawn, themed


def warm_up() -> None:
    """Pay once what the first brief of a process would pay."""
    with themed():
        figure, (axes,) = Frame(width=60, height=40, left=10, right=5).figure()
        axes.barh(["预热"], [1])
        chart = drawn(figure, "warm", "预热", "预热", Imprint("来源", "说明"))
    if not (chart.png and chart.svg):
        raise RuntimeError("nothing was drawn")
    from analytics.documents.render import docx, html, pdf

    docx.draw  # noqa: B018
    html.draw  # noqa: B018
    pdf._compiler(pdf.TEMPLATE)
