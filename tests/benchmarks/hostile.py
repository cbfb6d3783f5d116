"""What hostile and monstrous files cost: python tests/benchmarks/hostile.py [part of a name]

Each file is built here, read through the guarded child as an inbox would be, and followed by a tidy one that has to be
read. Printed: size, outcome, seconds, and the child's greatest memory. Exit status 1 when a limit was broken.
"""

from __future__ import annotations

import io
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]

import workbooks  # noqa: E402

from analytics.intake.files.guarded import GuardedReader  # noqa: E402
from analytics.problems import Refused  # noqa: E402

TIDY = workbooks.saved(workbooks.assessment())
SECONDS, MEBIBYTES = 20, 1024  # of work; a busy machine takes longer on the clock
COLUMNS = [bytes([65 + number]) for number in range(26)] + [b"AA"]
CASES: dict[str, tuple[Callable[[], bytes], str]] = {}


def case(outcome: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """Register a builder; ``outcome`` is the code of the refusal, or ``read``."""

    def register(build: Callable[[], bytes]) -> Callable[[], bytes]:
        CASES[build.__name__] = (build, outcome)
        return build

    return register


def swollen(part: str, head: bytes, filling: bytes, times: int, tail: bytes) -> bytes:
    """The tidy workbook with one part replaced by something that packs well."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(TIDY)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if name != part:
                target.writestr(name, source.read(name))
        with target.open(part, "w", force_zip64=True) as out:
            out.write(head)
            for _ in range(times):
                out.write(filling)
            out.write(tail)
    return stream.getvalue()


def sheet(rows: bytes, after: bytes = b"") -> bytes:
    """The tidy workbook with these rows at the end of its sheet, and what follows them."""
    return workbooks.with_part(
        TIDY, workbooks.SHEET, lambda xml: xml.replace(b"</sheetData>", rows + b"</sheetData>" + after)
    )


def strings(xml: bytes) -> bytes:
    """The tidy workbook with a part of shared strings."""
    kind = b"http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"
    relation = b'<Relationship Id="rId77" Type="%s" Target="sharedStrings.xml"/></Relationships>' % kind
    data = workbooks.with_part(
        TIDY, "xl/_rels/workbook.xml.rels", lambda rels: rels.replace(b"</Relationships>", relation)
    )
    stream = io.BytesIO(data)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/sharedStrings.xml", xml)
    return stream.getvalue()


@case("workbook-too-large")
def bomb_of_blanks_1100_mb() -> bytes:
    return swollen(workbooks.SHEET, b"<worksheet>", b" " * 2**20, 1100, b"</worksheet>")


@case("workbook-too-large")
def string_of_1100_mb() -> bytes:
    return swollen("xl/sharedStrings.xml", b"<sst><si><t>", b"a" * 2**20, 1100, b"</t></si></sst>")


@case("workbook-too-large")
def many_parts_of_60_mb() -> bytes:
    stream = io.BytesIO(TIDY)
    with zipfile.ZipFile(stream, "a", zipfile.ZIP_DEFLATED) as archive:
        for number in range(4):
            archive.writestr(f"xl/media/{number}.bin", bytes(60 * 2**20))
    return stream.getvalue()


@case("workbook-too-large")
def parts_without_number() -> bytes:
    stream = io.BytesIO(TIDY)
    with zipfile.ZipFile(stream, "a") as archive:
        for number in range(100_000):
            archive.writestr(f"xl/{number}", b"")
    return stream.getvalue()


@case("read")
def dimension_up_to_the_last_cell() -> bytes:
    return workbooks.with_part(
        TIDY, workbooks.SHEET, lambda xml: xml.replace(b'ref="A1:', b'ref="A1:XFD1048576" x="', 1)
    )


@case("read")
def million_blank_rows() -> bytes:
    return sheet(b"".join(b'<row r="%d"><c r="A%d" s="0"/></row>' % (row, row) for row in range(60, 1_048_577)))


@case("workbook-too-large")
def value_in_the_last_cell() -> bytes:
    return sheet(b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


@case("workbook-too-large")
def blank_text_in_the_last_cell() -> bytes:
    return sheet(b'<row r="1048576"><c r="XFD1048576" t="inlineStr"><is><t> </t></is></c></row>')


@case("workbook-damaged")
def unique_count_4294967295() -> bytes:
    return strings(b'<sst uniqueCount="4294967295"><si><t>x</t></si></sst>')


@case("read")
def blank_texts_800000() -> bytes:
    return sheet(
        b"".join(
            b'<row r="%d"><c r="A%d" t="inlineStr"><is><t> </t></is></c></row>' % (row, row)
            for row in range(60, 800_060)
        )
    )


@case("read")
def not_a_number() -> bytes:
    return sheet(b'<row r="60"><c r="A60"><v>NaN</v></c></row>')


@case("workbook-damaged")
def nested_a_million_deep() -> bytes:
    return sheet(b"<a>" * 1_000_000)


@case("read")
def styles_100000() -> bytes:
    return workbooks.with_part(
        TIDY, "xl/styles.xml", lambda xml: xml.replace(b"</cellXfs>", b'<xf numFmtId="9"/>' * 100_000 + b"</cellXfs>")
    )


@case("read")
def merges_100000() -> bytes:
    merges = b"".join(b'<mergeCell ref="J%d:K%d"/>' % (row, row) for row in range(60, 100_060))
    return workbooks.with_part(
        sheet(b'<row r="20000"><c r="A20000"><v>1</v></c></row>'),
        workbooks.SHEET,
        lambda xml: xml.replace(b"</mergeCells>", merges + b"</mergeCells>"),
    )


@case("workbook-damaged")
def merges_over_each_other() -> bytes:
    merges = b'<mergeCell ref="A1:XFD1048576"/>' * 100_000
    return workbooks.with_part(
        TIDY, workbooks.SHEET, lambda xml: xml.replace(b"</mergeCells>", merges + b"</mergeCells>")
    )


@case("workbook-too-large")
def cells_400000() -> bytes:
    rows = (
        b'<row r="%d">%s</row>' % (row, b"".join(b'<c r="%s%d"><v>5</v></c>' % (c, row) for c in COLUMNS))
        for row in range(60, 15_000)
    )
    return sheet(b"".join(rows))


@case("read")
def cells_up_to_the_limit() -> bytes:
    rows = (
        b'<row r="%d">%s</row>' % (row, b"".join(b'<c r="%s%d"><v>5</v></c>' % (c, row) for c in COLUMNS))
        for row in range(60, 7_400)
    )
    return sheet(b"".join(rows))


@case("workbook-doctype")
def doctype_with_entities() -> bytes:
    doctype = b'<!DOCTYPE x [<!ENTITY a "%s"><!ENTITY b "%s">]>' % (b"x" * 1000, b"&a;" * 1000)
    return workbooks.with_part(TIDY, workbooks.SHEET, lambda xml: doctype + xml)


@case("read")
def format_code_that_backtracks() -> bytes:
    code = b'<numFmts><numFmt numFmtId="200" formatCode="%s"/></numFmts><fonts' % (b"[" * 2_000_000)
    return workbooks.with_part(TIDY, "xl/styles.xml", lambda xml: xml.replace(b"<fonts", code, 1))


@case("workbook-too-large")
def open_document_repeated_without_end() -> bytes:
    cell = b'<table:table-cell table:number-columns-repeated="16384" office:value-type="string"><text:p>x</text:p>'
    return workbooks.with_part(
        workbooks.open_document([["a"]]),
        "content.xml",
        lambda xml: xml.replace(
            b"</table:table>",
            b'<table:table-row table:number-rows-repeated="1048576">%s</table:table-cell></table:table-row>' % cell
            + b"</table:table>",
        ),
    )


@case("text-table-unclear")
def page_of_tables_in_tables() -> bytes:
    return b"<table><tr><td>" * 1_000_000


@case("workbook-too-slow")
def page_of_20_mb() -> bytes:
    return b"<table>" + b"<tr><td>" * 2_300_000 + b"</table>"


@case("text-table-unclear")
def page_of_wide_cells() -> bytes:
    return b"<table><tr><td>a<td>b</tr>" + b"<tr><td colspan=999999999 rowspan=99999>" * 10_000 + b"</table>"


@case("workbook-too-large")
def text_of_20_mb() -> bytes:
    return b"a,b\n" * (5 * 2**20 - 1)


@case("text-table-unclear")
def text_with_one_field_of_20_mb() -> bytes:
    return b'a,"' + b"b" * (19 * 2**20) + b'"\n'


@case("workbook-damaged")
def old_workbook_of_noise() -> bytes:
    data = (workbooks.FILES / "kinds.xls").read_bytes()
    return data[:3000] + b"\xbe\x00\xff\x1f" * 1_000_000


@contextmanager
def peak_of(reader: GuardedReader) -> Iterator[list[int]]:
    """The greatest memory in MiB of the child while it reads, as the system tells it (Linux)."""
    peak, done = [0], threading.Event()

    def watch() -> None:
        while not done.wait(0.01):
            child = reader._child
            status = Path(f"/proc/{child.pid}/status") if child else None
            try:
                lines = status.read_text(encoding="ascii").splitlines() if status else []
            except OSError:
                continue
            peak[0] = max([peak[0], *(int(line.split()[1]) >> 10 for line in lines if line.startswith("VmHWM"))])

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield peak
    done.set()
    watcher.join()


def tried(build: Callable[[], bytes]) -> tuple[int, str, float, int, bool]:
    """Size, outcome, seconds, MiB, and whether the next file was read."""
    data = build()
    with GuardedReader() as reader:
        began = time.monotonic()
        with peak_of(reader) as peak:
            outcome = _outcome(reader, data)
        seconds = time.monotonic() - began
        return len(data), outcome, seconds, peak[0], _outcome(reader, TIDY) == "read"


def _outcome(reader: GuardedReader, data: bytes) -> str:
    try:
        reader.read(data, "表.xlsx", "0" * 64)
    except Refused as refused:
        return refused.problems[0].code
    return "read"


def main() -> int:
    chosen = {name: both for name, both in CASES.items() if not sys.argv[1:] or sys.argv[1] in name}
    failures = 0
    print(f"{'file':42}{'KiB':>8}  {'outcome':24}{'s':>6}{'MiB':>6}  next")
    for name, (build, expected) in chosen.items():
        size, outcome, seconds, peak, next_read = tried(build)
        good = outcome == expected and seconds < 3 * SECONDS + 1 and peak <= MEBIBYTES and next_read
        failures += not good
        mark = "" if good else f"   <- expected {expected}"
        said = "read" if next_read else "LOST"
        print(f"{name:42}{size >> 10:>8}  {outcome:24}{seconds:>6.1f}{peak:>6}  {said}{mark}", flush=True)
    print(f"{len(chosen) - failures} of {len(chosen)} as expected")
    return int(failures > 0)


if __name__ == "__main__":
    sys.exit(main())
