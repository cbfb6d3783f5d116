"""Whatever lies in an inbox gets one line: read, refused with a sentence, or ignored and counted."""

from __future__ import annotations

import os
import time
import zipfile
from pathlib import Path

import pytest
import workbooks
from readings import one, received
from workbooks import assessment, saved, zipped

from analytics.intake.files import bundles
from analytics.intake.inbox import list_inbox, read_again
from analytics.intake.received import Received

AS_ROOT = hasattr(os, "geteuid") and os.geteuid() == 0
TIDY = saved(assessment())


def listed(folder: Path) -> dict[str, str]:
    """What became of each entry, by name: the code of its problem, or ``read``."""
    return {file.source.name: _outcome(file) for file in list_inbox(folder)}


def _outcome(file: Received) -> str:
    problem = file.problem.code if file.problem else ""
    return problem if file.data is None else " ".join(filter(None, ("read", problem)))


@pytest.mark.parametrize(
    "name",
    ["~$自评表.xlsx", ".DS_Store", "Thumbs.db", "desktop.ini", "._自评表.xlsx", ".~lock.自评表.xlsx#", "~WRL0001.tmp"],
)
def test_litter_is_ignored_and_counted(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"x")
    assert listed(tmp_path) == {name: "litter-ignored"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_what_is_no_ordinary_file_is_named_and_never_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "管道.xlsx")
    (tmp_path / "链接.xlsx").symlink_to("/dev/zero")
    (tmp_path / "断链.xlsx").symlink_to(tmp_path / "没有.xlsx")
    began = time.monotonic()
    assert listed(tmp_path) == dict.fromkeys(("断链.xlsx", "管道.xlsx", "链接.xlsx"), "link-ignored")
    assert time.monotonic() - began < 2


def test_a_folder_named_like_a_workbook_is_told_and_its_files_are_read(tmp_path: Path) -> None:
    (tmp_path / "自评表.xlsx" / "子").mkdir(parents=True)
    (tmp_path / "自评表.xlsx" / "子" / "表.xlsx").write_bytes(TIDY)
    assert listed(tmp_path) == {"自评表.xlsx": "folder-named-as-file", "自评表.xlsx/子/表.xlsx": "read"}


@pytest.mark.skipif(AS_ROOT, reason="nothing is unreadable to root")
def test_what_may_not_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "锁.xlsx").write_bytes(TIDY)
    (tmp_path / "锁.xlsx").chmod(0)
    (tmp_path / "夹").mkdir(mode=0)
    assert listed(tmp_path) == dict.fromkeys(("夹", "锁.xlsx"), "file-not-readable")


def test_an_entry_that_may_not_be_opened_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    (tmp_path / "锁.xlsx").write_bytes(TIDY)
    monkeypatch.setattr(os, "open", refuse)
    assert listed(tmp_path) == {"锁.xlsx": "file-not-readable"}


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names")
def test_strange_names_are_told(tmp_path: Path) -> None:
    (tmp_path / "a\n\u202eb.xlsx").write_bytes(TIDY)
    (tmp_path / os.fsdecode("自评".encode("gb18030") + b".xlsx")).write_bytes(TIDY)
    outcomes = listed(tmp_path)
    assert sorted(outcomes.values()) == ["file-name-undecodable", "read file-name-control"]
    for name in outcomes:
        name.encode("utf-8")


@pytest.mark.skipif(os.name == "nt", reason="Windows allows no such names")
def test_a_file_with_control_signs_in_its_name_is_read_with_a_note(tmp_path: Path) -> None:
    submission = one(received(tmp_path, {"甘泉\u200b.xlsx": TIDY}), "甘泉\u200b.xlsx")
    assert submission.outcome == "accepted_with_warning"
    assert [problem.code for problem in submission.problems] == ["file-name-control"]
    assert "\\u200b" in submission.problems[0].message()


def test_a_file_that_is_too_large_is_not_even_read(tmp_path: Path) -> None:
    with (tmp_path / "大.xlsx").open("wb") as file:
        file.truncate(10 * 2**40 if os.name == "posix" else 2**26)
    assert listed(tmp_path) == {"大.xlsx": "workbook-too-large"}


# Archives


def test_every_file_in_an_archive_becomes_a_received_file(tmp_path: Path) -> None:
    files = {
        "甘泉路街道.xlsx": TIDY,
        "石泉/自评表.xls": (workbooks.FILES / "kinds.xls").read_bytes(),
        "石泉/~$自评表.xlsx": b"x",
        "石泉/扫描.pdf": b"%PDF-1.4",
    }
    intake = received(tmp_path, {"归档.zip": zipped(files), "甘泉（重复）.xlsx": TIDY})
    outcomes = {submission.source.name: submission.outcome for submission in intake.submissions}
    assert outcomes == {
        "归档.zip": "ignored",
        "归档.zip/甘泉路街道.xlsx": "accepted",
        "归档.zip/石泉/自评表.xls": "rejected",
        "归档.zip/石泉/~$自评表.xlsx": "ignored",
        "归档.zip/石泉/扫描.pdf": "rejected",
        "甘泉（重复）.xlsx": "ignored",
    }
    accepted = one(intake, "归档.zip/甘泉路街道.xlsx")
    assert accepted.unit == "ST04"
    assert accepted.observations[0].reading.cell.file == "归档.zip/甘泉路街道.xlsx"
    assert sum(intake.as_json()["counts"].values()) == 6


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8"])
def test_names_in_an_archive_are_read_whoever_packed_it(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"区生态环境局/自评表.xlsx": TIDY}, encoding))
    assert listed(tmp_path) == {"a.zip": "archive-unpacked", "a.zip/区生态环境局/自评表.xlsx": "read"}
    assert read_again(tmp_path, "a.zip/区生态环境局/自评表.xlsx") == TIDY
    assert read_again(tmp_path, "a.zip/没有.xlsx") == read_again(tmp_path, "b.zip/x") == b""


def test_an_archive_that_says_its_names_are_utf_8_is_believed(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("自评表.xlsx", TIDY)
    assert "a.zip/自评表.xlsx" in listed(tmp_path)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("../../外面.xlsx", "archive-entry-strange"),
        ("/etc/外面.xlsx", "archive-entry-strange"),
        ("C:\\外面.xlsx", "archive-entry-strange"),
        ("里面.zip", "archive-nested"),
    ],
)
def test_what_an_archive_may_not_hold_is_refused_alone(tmp_path: Path, name: str, code: str) -> None:
    content = zipped({"x.xlsx": TIDY}) if name.endswith(".zip") else TIDY
    inbox = tmp_path / "收件"
    inbox.mkdir()
    (inbox / "a.zip").write_bytes(zipped({name: content, "好.xlsx": TIDY}))
    outcomes = listed(inbox)
    assert outcomes.pop("a.zip/好.xlsx") == "read"
    assert outcomes.pop("a.zip") == "archive-unpacked"
    assert list(outcomes.values()) == [code]
    assert [path.name for path in tmp_path.rglob("*")] == ["收件", "a.zip"]


def test_of_two_files_of_one_name_in_an_archive_neither_counts(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(workbooks.with_part_twice(zipped({"x.xlsx": TIDY}), "x.xlsx"))
    found = [_outcome(file) for file in list_inbox(tmp_path)]
    assert found == ["archive-unpacked", "archive-entry-strange", "archive-entry-strange"]


def test_a_locked_file_in_an_archive_says_so(tmp_path: Path) -> None:
    packed = bytearray(zipped({"x.xlsx": TIDY}))
    packed[6] |= 1
    packed[packed.find(b"PK\x01\x02") + 8] |= 1
    (tmp_path / "a.zip").write_bytes(packed)
    assert listed(tmp_path) == {"a.zip": "archive-unpacked", "a.zip/x.xlsx": "archive-locked"}


def test_a_spoilt_file_in_an_archive_costs_only_itself(tmp_path: Path) -> None:
    packed = bytearray(zipped({"x.xlsx": TIDY, "y.xlsx": TIDY}))
    packed[60] ^= 0xFF
    (tmp_path / "a.zip").write_bytes(packed)
    assert listed(tmp_path) == {
        "a.zip": "archive-unpacked", "a.zip/x.xlsx": "workbook-damaged", "a.zip/y.xlsx": "read",
    }  # fmt: skip


@pytest.mark.parametrize(("data", "code"), [(zipped({}), "archive-empty"), (zipped({"a/": b""}), "archive-empty")])
def test_an_archive_without_files_is_refused(tmp_path: Path, data: bytes, code: str) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    assert listed(tmp_path) == {"a.zip": code}


def test_limits_hold_for_the_whole_archive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({f"{number}.xlsx": bytes(1000) for number in range(10)}))
    assert len(listed(tmp_path)) == 11
    monkeypatch.setattr(bundles, "MOST_BYTES", 9_999)
    assert listed(tmp_path) == {"a.zip": "archive-too-large"}
    monkeypatch.setattr(bundles, "MOST_BYTES", 10_000)
    monkeypatch.setattr(bundles, "MOST_ENTRIES", 9)
    assert listed(tmp_path) == {"a.zip": "archive-too-large"}


def test_a_bomb_in_an_archive_is_not_inflated(tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(zipped({"x.xlsx": bytes(21 * 2**20)}))
    assert (tmp_path / "a.zip").stat().st_size < 100_000
    assert listed(tmp_path)["a.zip/x.xlsx"] == "workbook-too-large"


def test_a_workbook_is_no_archive_of_files() -> None:
    assert not bundles.is_bundle(TIDY)
    assert not bundles.is_bundle(workbooks.open_document([["a"]]))
    assert not bundles.is_bundle(TIDY[:-30])
    assert bundles.is_bundle(zipped({"x.xlsx": TIDY}))
