"""Sound files to spoil: forms of the sample, and one of them in every kind of file that is read."""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import workbooks

from analytics.workspace import Workspace

_FORMS = (
    "自评表/甘泉路街道自评表.xlsx",
    "自评表/区体育局自评表最终版.xlsx",
    "自评表/长征镇自评表.xlsx",
    "自评表/区应急局自评表.xls",
    "履职践诺报告书/桃浦镇履职践诺报告书.xlsx",
    "现场巡查/*桃浦镇*.xlsx",
    "专项督查/*.xlsx",
    "统计/*.xlsx",
    "登记/*裁定*.xlsx",
    "登记/*收件*.xlsx",
)
_NAMESPACES = {
    "schemas.openxmlformats.org/spreadsheetml/2006/main": "purl.oclc.org/ooxml/spreadsheetml/main",
    "schemas.openxmlformats.org/officeDocument/2006/relationships": "purl.oclc.org/ooxml/officeDocument/relationships",
}


def of_every_kind(year: int, *, office: bool) -> dict[str, bytes]:
    """Sound files by name; ``office``: also what LibreOffice makes of them, when it is installed."""
    sample = Workspace.open().sample(year)
    paths = [sorted(sample.glob(pattern))[0] for pattern in _FORMS]
    found = {path.name: path.read_bytes() for path in paths}
    book = openpyxl.load_workbook(io.BytesIO(found["甘泉路街道自评表.xlsx"]))
    found["saved.xlsx"] = workbooks.saved(book)
    found["strict.xlsx"] = _in_strict(found["saved.xlsx"])
    rows = workbooks.shown_rows(book)
    found["open.ods"] = workbooks.open_document(rows)
    found["text.csv"] = workbooks.delimited(rows).encode("utf-8-sig")
    found["page.xls"] = workbooks.table(rows, '<meta charset="utf-8">').encode()
    found["of2003.xml"] = workbooks.xml_of_2003(rows).encode()
    found["bundle.zip"] = workbooks.zipped({"甘泉路街道自评表.xlsx": found["甘泉路街道自评表.xlsx"]})
    return found | (_by_office(found["saved.xlsx"]) if office else {})


def _in_strict(data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as source, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = source.read(name)
            for old, new in _NAMESPACES.items():
                content = content.replace(old.encode(), new.encode())
            target.writestr(name, content)
    return stream.getvalue()


def _by_office(data: bytes) -> dict[str, bytes]:
    program = shutil.which("soffice")
    made: dict[str, bytes] = {}
    with tempfile.TemporaryDirectory() as place:
        source = Path(place) / "office.xlsx"
        source.write_bytes(data)
        for kind in ("xls", "ods", "xlsx") if program else ():
            command = [program, f"-env:UserInstallation=file://{place}/profile", "--headless", "--convert-to", kind,
                       "--outdir", f"{place}/out", str(source)]  # fmt: skip
            subprocess.run(command, check=False, capture_output=True, timeout=120)
            if (result := Path(place) / "out" / f"office.{kind}").is_file():
                made[f"office.{kind}"] = result.read_bytes()
    return made
