"""Every format says the same, takes text as text, and is written whole, or not at all, with the same bytes."""

from __future__ import annotations

import errno
import io
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import docx
import pytest
from docx.oxml.ns import qn
from pypdf import PdfReader

from analytics.documents.content import Block, Brief, Paragraph, Picture, Section, Signatures, Table
from analytics.documents.render import FORMATS, printable, render
from analytics.problems import Refused
from tests.test_brief import brief_of, whole_story

HOSTILE = (
    "<script>alert(1)</script>", "</style><b>", "{{ 7*7 }}", "=cmd|'/c calc'!A0", "#import \"x\"", "#panic()", "$x$",
    "]", "*a* _b_ @c <d> `e`", "\\u{41} // ~ -- 1. - +", "http", "https://example.org/x?a=1&b=2", '"quoted" \\',
    "〔2020〕13号①㎡×℃", "喆堃垚婠濛", "第1行\n第2行",
)  # fmt: skip
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><rect width="40" height="10" fill="#1f4e79"/></svg>'


def png() -> bytes:
    """A black picture of 4 by 2 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", 4, 2, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10))) + chunk(b"IEND", b"")


TABLE = Table(
    caption="各项扣分",
    header=("扣分", "考核内容", "事实"),
    rows=(("2", "1. 定期专题研究", "少1次"), ("0.25", "2. 制定方案", "照搬照抄"), ("2.25", "合计", "—")),
    widths=(1, 4, 6),
    align=("right", "left", "left"),
    emphasis=frozenset({2}),
)
PICTURE = Picture("各主题得分率", "五个主题的得分率，最低为“防范遏制事故”87.5%", SVG, png(), 120)
BLOCKS: tuple[Block, ...] = (
    Paragraph("得分93.50分，等级“优秀”", "lead"),
    Paragraph("有1项未核", "caution"),
    Paragraph("失分最多的是第1项。"),
    TABLE,
    Paragraph("不含加分。", "note"),
    PICTURE,
)


def brief(*blocks: Block, sections: tuple[Section, ...] = ()) -> Brief:
    ends = Section("二、确认签字", (Signatures(("考核组组长", "日期")),))
    return Brief(
        unit="ST01",
        unit_name="甲街道",
        year=2020,
        title="2020年度考核简报",
        subtitle="甲街道办事处（街道镇）",
        banner="合成示例数据，非真实考核结果 · 示范细则（非正式文件）",
        sections=sections or (Section("一、结论", blocks or BLOCKS), ends),
        footer="计分批次 2020-0001 · 记录 9f3a9f3a9f3a",
    )


class Page(HTMLParser):
    """What a reader of the page gets: its elements with their attributes, and the text of each table cell."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.rows: list[list[str]] = []
        self._cell = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")
        self._cell = tag in ("td", "th")

    def handle_endtag(self, tag: str) -> None:
        self._cell = False

    def handle_data(self, data: str) -> None:
        if self._cell:
            self.rows[-1][-1] += data

    def tags(self) -> set[str]:
        return {tag for tag, _ in self.elements}


def html_of(content: Brief, folder: Path) -> str:
    render(content, folder / "brief.html")
    return (folder / "brief.html").read_text(encoding="utf-8")


def word_of(content: Brief, folder: Path) -> docx.document.Document:
    render(content, folder / "brief.docx")
    return docx.Document(str(folder / "brief.docx"))


def pages_of(content: Brief, folder: Path) -> list[str]:
    render(content, folder / "brief.pdf")
    return [page.extract_text() for page in PdfReader(folder / "brief.pdf").pages]


def squeezed(text: str) -> str:
    """Without white space: where a line breaks is not part of the text."""
    return re.sub(r"[\s\u200b]", "", text)


def expected_rows(table: Table) -> list[list[str]]:
    return [list(table.header), *map(list, table.rows)]


# -- the same content in each format


def test_text_out_of_the_pdf_is_the_text_that_went_in(tmp_path: Path) -> None:
    text = squeezed("".join(pages_of(brief(), tmp_path)))
    paragraphs = [block.text for block in BLOCKS if isinstance(block, Paragraph)]
    cells = [cell for row in expected_rows(TABLE) for cell in row]
    for wanted in ("2020年度考核简报", "一、结论", TABLE.caption, PICTURE.caption, "考核组组长", *paragraphs, *cells):
        assert squeezed(wanted) in text


def test_table_cells_of_the_page_are_those_of_the_content(tmp_path: Path) -> None:
    assert Page(html_of(brief(), tmp_path)).rows == expected_rows(TABLE)


def test_table_cells_of_the_word_file_are_those_of_the_content(tmp_path: Path) -> None:
    table = word_of(brief(), tmp_path).tables[0]
    assert [[cell.text for cell in row.cells] for row in table.rows] == expected_rows(TABLE)


def test_a_composed_brief_reads_the_same_in_every_format(tmp_path: Path) -> None:
    content = brief_of(*whole_story())
    tables = [block for section in content.sections for block in section.blocks if isinstance(block, Table)]
    rows = [row for table in tables for row in expected_rows(table)]
    signatures = 1
    assert Page(html_of(content, tmp_path)).rows == rows
    in_word = word_of(content, tmp_path).tables[:-signatures]
    assert [[cell.text for cell in row.cells] for table in in_word for row in table.rows] == rows
    text = squeezed("".join(pages_of(content, tmp_path)))
    assert [cell for row in rows for cell in row if squeezed(cell) not in text] == []


@pytest.mark.parametrize("suffix", FORMATS)
def test_two_renders_give_the_same_bytes(suffix: str, tmp_path: Path) -> None:
    first, second = tmp_path / f"first{suffix}", tmp_path / f"second{suffix}"
    render(brief(), first)
    render(brief(), second)
    assert first.read_bytes() == second.read_bytes()


def test_an_unknown_suffix_is_a_mistake_of_the_caller(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'\.rtf'"):
        render(brief(), tmp_path / "brief.rtf")


# -- text is data


def hostile() -> Brief:
    rows = tuple((text, text) for text in HOSTILE)
    table = Table(HOSTILE[0], ("<i>项</i>", "#事实"), rows, (1, 1), ("left", "left"))
    return replace(brief(*map(Paragraph, HOSTILE), table), title="<u>#title</u>", banner="</style><b>$banner$")


def test_hostile_text_is_text_on_the_page(tmp_path: Path) -> None:
    content = hostile()
    page = Page(html_of(content, tmp_path))
    table = content.sections[0].blocks[-1]
    assert isinstance(table, Table)
    assert page.rows == expected_rows(table)
    assert not page.tags() & {"script", "b", "i", "u", "a", "d", "link", "iframe", "base"}


def test_hostile_text_is_text_in_the_word_file(tmp_path: Path) -> None:
    document = word_of(hostile(), tmp_path)
    assert [paragraph.text for paragraph in document.paragraphs][3 : 3 + len(HOSTILE)] == list(HOSTILE)
    assert not [rel for rel in document.part.rels.values() if rel.is_external]
    assert [cell.text for cell in document.tables[0].columns[0].cells][1:] == list(HOSTILE)


def test_hostile_text_is_text_in_the_pdf(tmp_path: Path) -> None:
    text = squeezed("".join(pages_of(hostile(), tmp_path)))
    for wanted in (*HOSTILE, "<u>#title</u>", "</style><b>$banner$"):
        assert text.count(squeezed(wanted)) >= 1, wanted
    assert not any(page.get("/Annots") for page in PdfReader(tmp_path / "brief.pdf").pages)


def test_control_and_bidirectional_characters_are_shown_not_obeyed(tmp_path: Path) -> None:
    content = brief(Paragraph("甲\x07乙\u202e丙\u3000丁\r\n戊\ud800"))
    assert printable(content).sections[0].blocks == (Paragraph("甲\\u0007乙\\u202e丙 丁\n戊\\ud800"),)
    for suffix in FORMATS:
        render(content, tmp_path / f"brief{suffix}")


def test_a_rare_character_the_font_lacks_is_named_and_stops_nothing(tmp_path: Path) -> None:
    content = brief(Paragraph("责任人\U0002a6d6某"), TABLE)
    (note,) = render(content, tmp_path / "brief.pdf")
    assert (note.code, note.severity, note.facts["found"]) == ("glyph-missing", "note", "U+2A6D6")
    text = squeezed(PdfReader(tmp_path / "brief.pdf").pages[0].extract_text())
    assert "责任人〓某" in text
    assert "字库缺字U+2A6D6，以〓代替" in text
    assert "\U0002a6d6" in html_of(content, tmp_path)
    assert word_of(content, tmp_path).paragraphs[3].text == "责任人\U0002a6d6某"


# -- the page


def test_the_page_fetches_nothing_and_forbids_scripts(tmp_path: Path) -> None:
    text = html_of(brief(), tmp_path)
    page = Page(text)
    assert not re.search(r"https?://|//[a-z]|@import|url\(", text)
    policy = next(a["content"] for tag, a in page.elements if tag == "meta" and "http-equiv" in a)
    assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    (picture,) = (a for tag, a in page.elements if tag == "img")
    assert (picture["src"] or "").startswith("data:image/svg+xml;base64,")
    assert picture["alt"] == PICTURE.alt
    assert dict(page.elements)["html"]["lang"] == "zh-CN"
    assert all(a["scope"] == "col" for tag, a in page.elements if tag == "th")


# -- the PDF


def test_every_pdf_page_has_banner_footer_and_number(tmp_path: Path) -> None:
    rows = tuple((str(n), f"第{n}项", "事实" * 40) for n in range(60))
    pages = pages_of(brief(replace(TABLE, rows=rows)), tmp_path)
    assert len(pages) > 2
    for number, text in enumerate(map(squeezed, pages), 1):
        assert squeezed(brief().banner) in text
        assert squeezed(brief().footer) in text
        assert f"第{number}页/共{len(pages)}页" in text
        assert "扣分考核内容事实" in text or number == len(pages)


@pytest.mark.parametrize("lines", range(30, 42, 2))
def test_no_heading_or_introduction_stands_alone_at_the_foot_of_a_page(lines: int, tmp_path: Path) -> None:
    filler = Section("一、结论", (Paragraph("\n".join(["某"] * lines)),))
    pages = pages_of(brief(sections=(filler, Section("二、扣分情况", (Paragraph("共扣2.25分。"), TABLE)))), tmp_path)
    (page,) = (squeezed(text) for text in pages if "二、扣分情况" in text)
    assert "共扣2.25分。各项扣分扣分考核内容事实21.定期专题研究" in page


@pytest.mark.parametrize("lines", range(30, 42, 2))
def test_a_note_that_explains_a_table_stays_with_it_and_with_its_introduction(lines: int, tmp_path: Path) -> None:
    filler = Section("一、结论", (Paragraph("\n".join(["某"] * lines)),))
    section = Section("二、扣分情况", (Paragraph("共扣2.25分。"), Paragraph("底色行为合计。", "note"), TABLE))
    pages = pages_of(brief(sections=(filler, section)), tmp_path)
    (page,) = (squeezed(text) for text in pages if "二、扣分情况" in text)
    assert "共扣2.25分。底色行为合计。各项扣分扣分考核内容事实21.定期专题研究" in page


def test_empty_cells_after_a_heading_row_leave_their_room_to_it(tmp_path: Path) -> None:
    heading = "贯彻落实上级关于安全生产和消防工作的重要部署并研究本地区的具体措施"
    rows = (("2", heading, ""), ("2", "党政主要负责人未研究", "少1次"))
    text = pages_of(brief(replace(TABLE, rows=rows, widths=(1, 6, 5), emphasis=frozenset({0}))), tmp_path)[0]
    assert f"2 {heading}" in text.splitlines()


def test_a_row_longer_than_a_page_and_a_word_without_end_are_printed_whole(tmp_path: Path) -> None:
    rows = (("1", "巨" * 4000, "x"), ("2", "A" * 600, "/data/" * 80), ("密" * 600, "", "行\n" * 100))
    text = squeezed("".join(pages_of(brief(replace(TABLE, rows=rows)), tmp_path)))
    assert text.count("巨") == 4000
    assert text.count("A") == 600
    assert text.count("密") == 600
    assert text.count("行") == 100


def test_the_pdf_says_title_and_language_and_no_date_or_name(tmp_path: Path) -> None:
    render(brief(), tmp_path / "brief.pdf")
    reader = PdfReader(tmp_path / "brief.pdf")
    assert reader.metadata is not None
    assert reader.metadata.title == "甲街道 2020年度考核简报"
    assert reader.metadata.author is None
    assert reader.metadata.creation_date is None
    assert reader.trailer["/Root"]["/Lang"] == "zh-CN"
    assert [float(edge) for edge in reader.pages[0].mediabox[2:]] == pytest.approx([595.28, 841.89], abs=0.1)


def test_pdf_text_is_set_in_the_packaged_font_only(tmp_path: Path) -> None:
    render(brief(), tmp_path / "brief.pdf")
    fonts = PdfReader(tmp_path / "brief.pdf").pages[0]["/Resources"]["/Font"].values()
    assert {font.get_object()["/BaseFont"].split("+")[-1] for font in fonts} == {"NotoSansSC-Regular"}


def test_a_pdf_is_made_without_importing_pyplot_or_pandas() -> None:
    heavy = "{'matplotlib.pyplot', 'pandas'}"
    code = f"import sys, analytics.documents.render.pdf as pdf; pdf._covered(); print({heavy} & {{*sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


# -- the Word file


def test_the_word_file_has_real_headings_repeated_headers_and_alternative_texts(tmp_path: Path) -> None:
    document = word_of(brief(), tmp_path)
    headings = [p.text for p in document.paragraphs if p.style is not None and p.style.name == "Heading 1"]
    assert headings == ["一、结论", "二、确认签字"]
    row = document.tables[0].rows[0]._tr
    assert row.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None
    assert document.inline_shapes[0]._inline.docPr.get("descr") == PICTURE.alt
    assert document.sections[0].header.paragraphs[0].text == brief().banner
    assert "PAGE" in [field.text for field in document.sections[0].footer._element.iter(qn("w:instrText"))]


def test_the_word_file_names_chinese_faces_and_what_may_replace_them(tmp_path: Path) -> None:
    document = word_of(brief(), tmp_path)
    faces = {
        name: document.styles[name].element.rPr.find(qn("w:rFonts")).get(qn("w:eastAsia"))
        for name in ("Normal", "Heading 1", "Title")
    }
    assert faces == {"Normal": "仿宋_GB2312", "Heading 1": "黑体", "Title": "方正小标宋简体"}
    fonts = zipfile.ZipFile(tmp_path / "brief.docx").read("word/fontTable.xml").decode()
    assert 'w:name="仿宋_GB2312"><w:altName w:val="仿宋,FangSong"/>' in fonts


def test_the_word_file_has_no_author_date_or_foreign_thumbnail(tmp_path: Path) -> None:
    render(brief(), tmp_path / "brief.docx")
    with zipfile.ZipFile(tmp_path / "brief.docx") as package:
        assert {member.date_time for member in package.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert not [name for name in package.namelist() if "thumbnail" in name]
        core = package.read("docProps/core.xml").decode()
    assert "python-docx" not in core
    assert "dcterms" not in re.sub(r"xmlns:\w+=\S+", "", core)


# -- whole or not at all


@pytest.mark.parametrize(
    ("error", "code"), [(PermissionError(), "output-open"), (OSError(errno.ENOSPC, "full"), "disk-full")]
)
def test_a_failure_keeps_the_old_file_and_leaves_nothing_half(
    error: OSError, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "brief.html"
    path.write_text("旧", encoding="utf-8")

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(Refused) as refused:
        render(brief(), path)
    assert [problem.code for problem in refused.value.problems] == [code]
    assert path.read_text(encoding="utf-8") == "旧"
    assert [file.name for file in tmp_path.iterdir()] == ["brief.html"]


def test_a_picture_in_the_pdf_is_drawn(tmp_path: Path) -> None:
    with_picture, without = tmp_path / "with.pdf", tmp_path / "without.pdf"
    render(brief(PICTURE), with_picture)
    render(brief(Paragraph(PICTURE.caption)), without)
    drawn = PdfReader(io.BytesIO(with_picture.read_bytes())).pages[0]
    assert "/XObject" in drawn["/Resources"] or with_picture.stat().st_size > without.stat().st_size
