"""Charts that a presentation draws and edits itself: the numbers lie in a workbook inside the file."""

from __future__ import annotations

import datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from pptx.chart.chart import Chart
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import (
    XL_CHART_TYPE,
    XL_LABEL_POSITION,
    XL_LEGEND_POSITION,
    XL_MARKER_STYLE,
    XL_TICK_LABEL_POSITION,
)
from pptx.enum.dml import MSO_LINE
from pptx.oxml import parse_xml
from pptx.oxml.ns import nsdecls, qn
from pptx.slide import Slide
from pptx.util import Mm, Pt

from analytics.documents.form_layout import workbook_bytes
from analytics.documents.render import slide_layout as at
from analytics.documents.render.slide_colours import FILLS, outline
from analytics.documents.render.xlsx import as_text
from analytics.documents.slides import Bars, Lines, NativeChart
from analytics.figures.theme import ACCENT, GREY, GRID, INK

LABELS = {
    "base": XL_LABEL_POSITION.INSIDE_BASE, "center": XL_LABEL_POSITION.CENTER, "end": XL_LABEL_POSITION.OUTSIDE_END,
}  # fmt: skip
SIDES = {
    "above": XL_LABEL_POSITION.ABOVE, "below": XL_LABEL_POSITION.BELOW, "right": XL_LABEL_POSITION.RIGHT,
}  # fmt: skip
MARKERS = (XL_MARKER_STYLE.CIRCLE, XL_MARKER_STYLE.SQUARE, XL_MARKER_STYLE.TRIANGLE, XL_MARKER_STYLE.DIAMOND)
DASHES = (MSO_LINE.SOLID, MSO_LINE.DASH, MSO_LINE.ROUND_DOT, MSO_LINE.DASH_DOT)


def add_chart(slide: Slide, content: NativeChart) -> None:
    """Put the chart, with its caption's room above and the lines of its bounds across, into the visual's box."""
    plan = at.plan(content)
    kind = XL_CHART_TYPE.LINE_MARKERS
    if isinstance(content, Bars):
        kind = XL_CHART_TYPE.BAR_STACKED if content.stacked else XL_CHART_TYPE.BAR_CLUSTERED
    box = plan.box
    place = (Mm(box.left), Mm(box.top), Mm(box.width), Mm(box.height))
    frame: Any = slide.shapes.add_chart(kind, *place, _data(content))
    frame.name = "图表"
    frame._element.nvGraphicFramePr.cNvPr.set("descr", content.alt)
    chart = frame.chart
    chart.part.chart_workbook.update_from_xlsx_blob(_workbook(content))
    chart.has_title = False
    chart.font.size = Pt(plan.size)
    chart.font.color.rgb = rgb(INK)
    chart.has_legend = plan.legend
    if plan.legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.BOTTOM, False
    _place_plot(chart, plan)
    if isinstance(content, Bars):
        _dress_bars(chart, content, plan)
    else:
        _dress_lines(chart, content)


def _data(content: NativeChart) -> Any:
    data = CategoryChartData(number_format=_number_format(content.decimals))  # type: ignore[no-untyped-call]
    data.categories = content.categories
    for series in content.series:
        data.add_series(series.name, series.values)  # type: ignore[no-untyped-call]
    return data


def _workbook(content: NativeChart) -> bytes:
    """The chart's workbook as the library lays it out, but no text of it can be a formula, and without a clock."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "Sheet1"
    for row, category in enumerate(content.categories, 2):
        _put(sheet.cell(row, 1), category)
    for column, series in enumerate(content.series, 2):
        _put(sheet.cell(1, column), series.name)
        for row, value in enumerate(series.values, 2):
            cell = sheet.cell(row, column, value)
            cell.number_format = _number_format(content.decimals)
    sheet.column_dimensions["A"].width = 32
    properties = book.properties
    properties.creator, properties.created = None, datetime.datetime(2020, 1, 1, tzinfo=datetime.UTC)
    return workbook_bytes(book)


def _put(cell: Any, text: str) -> None:
    assert isinstance(cell, Cell)
    cell.value = as_text(text)
    cell.data_type, cell.quotePrefix = "s", text[:1] in ("=", "+", "-", "@")


def _number_format(decimals: int) -> str:
    return "0" if not decimals else "0." + "0" * decimals


def _dress_bars(chart: Chart, content: Bars, plan: at.Plan) -> None:
    categories, values = chart.category_axis, chart.value_axis
    categories.reverse_order = True  # else the first category stands at the bottom
    categories.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    categories.has_major_gridlines = False
    categories.format.line.color.rgb = rgb(GREY)
    _no_ticks(categories)
    values.minimum_scale, values.maximum_scale = plan.low, plan.high
    values.has_major_gridlines = values.visible = False
    plot: Any = chart.plots[0]
    plot.gap_width, plot.overlap = 45, 100
    plot.vary_by_categories = False
    for series, content_of in zip(plot.series, content.series, strict=True):
        fill, ink = FILLS[content_of.tone]
        series.invert_if_negative = False
        series.format.fill.solid()
        series.format.fill.fore_color.rgb = rgb(fill)
        series.format.line.color.rgb = rgb(outline(content_of.tone))
        series.format.line.width = Pt(0.75)
        labels = series.data_labels
        labels.show_value, labels.number_format = True, _number_format(content.decimals)
        labels.number_format_is_linked = False
        labels.position = LABELS[plan.labels]
        labels.font.size, labels.font.color.rgb = Pt(plan.size), rgb(INK if plan.labels == "end" else ink)


def _dress_lines(chart: Chart, content: Lines) -> None:
    categories, values = chart.category_axis, chart.value_axis
    categories.format.line.color.rgb = rgb(GREY)
    _no_ticks(categories)
    values.minimum_scale, values.maximum_scale = content.low, content.high
    values.major_gridlines.format.line.color.rgb = rgb(GRID)
    values.format.line.fill.background()
    values.tick_labels.number_format, values.tick_labels.number_format_is_linked = "0", False
    sides = at.label_sides(content)
    plot: Any = chart.plots[0]
    for number, (series, content_of) in enumerate(zip(plot.series, content.series, strict=True)):
        series.smooth = False
        line = series.format.line
        line.color.rgb, line.width, line.dash_style = rgb(ACCENT), Pt(2.25), DASHES[number % len(DASHES)]
        series.marker.style, series.marker.size = MARKERS[number % len(MARKERS)], 8
        series.marker.format.fill.solid()
        series.marker.format.fill.fore_color.rgb = rgb(ACCENT)
        series.marker.format.line.color.rgb = rgb(ACCENT)
        labels = series.data_labels
        labels.show_value, labels.number_format = True, _number_format(content.decimals)
        labels.number_format_is_linked = False
        for place, value in enumerate(content_of.values):
            if value is not None:
                series.points[place].data_label.position = SIDES[sides[number][place]]


def _no_ticks(axis: Any) -> None:
    from pptx.enum.chart import XL_TICK_MARK

    axis.major_tick_mark = XL_TICK_MARK.NONE


def _place_plot(chart: Chart, plan: at.Plan) -> None:
    """Fix the plot area, so that lines drawn over it meet the axis in every program."""
    area = chart._chartSpace.chart.plotArea
    for old in area.findall(qn("c:layout")):
        area.remove(old)
    inner, box = plan.inner, plan.box
    shares = {
        "x": (inner.left - box.left) / box.width, "y": (inner.top - box.top) / box.height,
        "w": inner.width / box.width, "h": inner.height / box.height,
    }  # fmt: skip
    sides = "".join(f'<c:{name} val="{share:.5f}"/>' for name, share in shares.items())
    layout = f'<c:layoutTarget val="inner"/><c:xMode val="edge"/><c:yMode val="edge"/>{sides}'
    area.insert(0, parse_xml(f"<c:layout {nsdecls('c')}><c:manualLayout>{layout}</c:manualLayout></c:layout>"))


def rgb(colour: str) -> RGBColor:
    """A colour of the theme, ``#1f4e79``, as the library wants it."""
    return RGBColor(*bytes.fromhex(colour.lstrip("#")))  # type: ignore[no-untyped-call]
