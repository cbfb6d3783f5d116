"""Faults for a batch: each is played on a small batch in a process of its own, then what is left is checked.

``python tests/benchmarks/faults.py`` plays all of them; ``test_faults`` plays a few.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
UNITS = 5
SICK = 2  # the number of the unit whose cell is faulty
STOP_SECONDS = 10  # in which a batch that is told to end has to be gone
FILES = ("brief.html", "brief.pdf", "brief.docx")

# What the faulty cell does, and what has to stand in the sentence that names the failure.
CELLS: dict[str, tuple[str, str]] = {
    "an error": ("1 / 0", "ZeroDivisionError"),
    "an error whose text cannot be had": (
        "class E(Exception):\n    def __str__(self): raise ValueError\nraise E",
        "没有做成",
    ),
    "sys.exit(1)": ("import sys; sys.exit(1)", "SystemExit"),
    "os._exit(0)": ("import os; os._exit(0)", "中途退出"),
    "kill -9 of itself": ("import os; os.kill(os.getpid(), 9)", "signal 9"),
    "SIGTERM to itself": ("import os; os.kill(os.getpid(), 15)", "中途退出"),
    "segmentation fault": ("import ctypes; ctypes.string_at(0)", "signal 11"),
    "abort": ("import os; os.abort()", "signal 6"),
    "stack overflow": (
        "import sys; sys.setrecursionlimit(10**8)\nclass A: pass\nx = []\n"
        "for _ in range(10**7): x = [x]\nrepr(x)\ndel x",
        "没有做成",
    ),
    "hang": ("import time; time.sleep(600)", "秒仍未完成"),
    "hang that ignores SIGINT": (
        "import signal, time; signal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True: time.sleep(1)",
        "秒仍未完成",
    ),
    "hang in C": ("sum(range(10**13))", "秒仍未完成"),
    "stopped by SIGSTOP": ("import os; os.kill(os.getpid(), 19)", "秒仍未完成"),
    "a lock taken twice": ("import threading; k = threading.Lock(); k.acquire(); k.acquire()", "秒仍未完成"),
    "many slow cells": ("slow", "整个笔记本超过"),
    "4 GiB of Python objects": ("x = [bytearray(2**24) for _ in range(256)]", "MemoryError"),
    "4 GiB in one array": ("import numpy; numpy.ones(2**29)", "Memory"),
    "100 MB of output at once": ("print('x' * 10**8)", "输出超过"),
    "output without end": ("while True: print('x' * 10**5, flush=True)", "输出超过"),
    "a picture of 40 MB": ("display({'image/png': 'A' * 4 * 10**7}, raw=True)", "输出超过"),
    "a file that is not written": ("names = names[:2]", "没有写出"),
    "an empty file": ("Path(folder, names.pop()).touch()", "没有写出"),
    "a PDF cut off": ("pdf = '%PDF-1.7 ...'", "PDF"),
    "a page cut off": ("html = html[:-8]", "cut off"),
    "another unit's page": ("html = html.replace(name, '别的单位')", "没有“"),
    "another total": ("html = html.replace('90.15', '91.15')", "没有“90.15”"),
    "a Word file that is no zip": ("docx = b'PK nonsense'", "brief.docx"),
    "a Word file with a damaged part": ("docx = docx.replace(b'document', b'dokument', 1)", "brief.docx"),
    "its folder removed": ("import shutil; shutil.rmtree(folder)", "没有做成"),
    "its working folder gone": ("import os; os.chdir('/proc/self'); os.chdir('/nowhere')", "FileNotFoundError"),
    "every file descriptor closed": ("import os; os.closerange(3, 512)", "没有做成"),
    "a converter that fails": ("import subprocess; subprocess.run(['false'], check=True)", "CalledProcessError"),
    "a font that is missing": (
        "import importlib.util as u; u.find_spec = lambda *a: None\n"
        "from analytics.figures import theme; theme.chinese_face.cache_clear(); theme.chinese_face()",
        "font",
    ),
    "processes left behind": (
        "import subprocess\nfor _ in range(3): subprocess.Popen(['sleep', '600'], start_new_session=True)\n1 / 0",
        "ZeroDivisionError",
    ),
    "a thread that never ends": (
        "import threading, time; threading.Thread(target=time.sleep, args=(600,)).start(); 1 / 0",
        "ZeroDivisionError",
    ),
    "a syntax error": ("for", "SyntaxError"),
    "input()": ("input()", "StdinNotImplementedError"),
    "signals to its parent's group": ("import os; os.killpg(0, 9)", "signal 9"),
}
ON_FULL_DISKS = {
    "a disk of 600 kB": "size=600k",
    "a disk of 300 kB": "size=300k",
    "a disk of 64 kB": "size=64k",
    "a disk with 20 inodes": "nr_inodes=20",
    "a disk with 12 inodes": "nr_inodes=12",
}
WRITE = """\
import io, zipfile
from pathlib import Path
names = ["brief.html", "brief.pdf", "brief.docx"]
name = f"街道{int(unit[2:])}"
html = f"<html>{name} 90.15 {'字' * 20000}</html>"
pdf = "%PDF-1.7\\n" + "x" * 60000 + "\\n%%EOF"
package = io.BytesIO()
with zipfile.ZipFile(package, "w") as parts:
    parts.writestr(zipfile.ZipInfo("word/document.xml"), f"<w:document>{name}</w:document>" + " " * 50000)
docx = package.getvalue()
"""
FAULT = "fault = Path(workspace, f'{unit}.py')\nif fault.is_file(): get_ipython().run_cell(fault.read_text(encoding='utf-8')).raise_error()"
SLOW = "import time\ntime.sleep(3 if fault.is_file() and fault.read_text(encoding='utf-8') == 'slow = 1' else 0)"
PUT = """\
for name, content in zip(names, (html.encode(), pdf.encode(), docx)):
    Path(folder, name).write_bytes(content)
"""
PARAMETERS = 'unit = "ST01"  # 单位编号\nworkspace = "."\nfolder = "."'
JUMPING = """\
import time
told, now = time.time, lambda: told() + 86400 * int(open({clock!r}).read() or 0)
time.time, time.time_ns = now, lambda: int(1e9 * now())
"""  # what a clock that is set shows; the monotonic one, which is never set, goes on
BATCH = """\
import json, sys
from functools import partial
from pathlib import Path
sys.path[:0] = [sys.argv[1], str(Path(sys.argv[1], "tests"))]
from batch_faults import tasks_in
from analytics.batch import fresh_workers, local_workers, run_tasks
from analytics.batch.notebook import Limits, run_notebook
from analytics.batch.run import Done, Failed
from analytics.cli import _end_like_ctrl_c
from analytics.problems import Refused

def main(base, engine):
    _end_like_ctrl_c()
    limits = Limits(cell_seconds=6, notebook_seconds=8, record_bytes=2**20, memory_bytes=2**30)
    start, work = (local_workers if engine == "warm" else fresh_workers), partial(run_notebook, limits=limits, engine=engine)
    heard = []
    try:
        results = run_tasks(tasks_in(base), base / "reports", 2, heard.append, start, work)
    except KeyboardInterrupt:
        print(json.dumps({"stopped": len(heard)}))
        return 130
    except Refused as refused:
        print(json.dumps({"refused": str(refused)}))
        return 1
    made = [r.task.name for r in results if isinstance(r, Done) and not r.skipped]
    failed = {r.task.name: r.problem.message() for r in results if isinstance(r, Failed)}
    print(json.dumps({"made": made, "failed": failed}))
    return int(bool(failed))

if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[2]), sys.argv[3]))
"""


def prepare(base: Path) -> Path:
    """A folder with the notebook and the program that runs the batch."""
    cells = [PARAMETERS, WRITE, FAULT, SLOW, SLOW, SLOW, PUT]
    content = {
        "cells": [
            {
                "cell_type": "code", "id": f"c{n}", "source": source, "outputs": [], "execution_count": None,
                "metadata": {} if n else {"tags": ["parameters"]},
            }
            for n, source in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }  # fmt: skip
    base.mkdir(parents=True, exist_ok=True)
    (base / "brief.ipynb").write_text(json.dumps(content), encoding="utf-8")
    (base / "batch.py").write_text(BATCH, encoding="utf-8")
    return base


def tasks_in(base: Path) -> list[object]:
    """The batch: five units, one notebook."""
    from analytics.batch.plan import Task

    return [
        Task(
            name=f"街道{number}",
            notebook=base / "brief.ipynb",
            parameters={"unit": f"ST{number:02d}", "workspace": str(base)},
            target=f"briefs/ST{number:02d}-街道{number}",
            record="brief.ipynb",
            files=FILES,
            key="k",
            shows=(f"街道{number}", "90.15"),
        )
        for number in range(1, UNITS + 1)
    ]


@dataclass
class Outcome:
    """How a run of the batch ended: exit status, what it said on its last line, and how long it took."""

    status: int
    said: dict[str, object] = field(default_factory=dict)
    seconds: float = 0.0


@contextlib.contextmanager
def started(base: Path, engine: str = "warm", **told: str) -> Iterator[subprocess.Popen[str]]:
    """The batch, as a process group of its own, whose processes can be told by their TMPDIR."""
    passing = base / "passing"
    passing.mkdir(exist_ok=True)
    environment = {k: v for k, v in os.environ.items() if k != "PYTEST_CURRENT_TEST"} | told | {"TMPDIR": str(passing)}
    command = [sys.executable, str(base / "batch.py"), str(REPOSITORY), str(base), engine]
    with subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, start_new_session=True
    ) as process:
        yield process


def ended(process: subprocess.Popen[str], seconds: float = 240) -> Outcome:
    began = time.monotonic()
    said, _ = process.communicate(timeout=seconds)
    lines = said.strip().splitlines()
    return Outcome(process.returncode, json.loads(lines[-1]) if lines else {}, time.monotonic() - began)


def played(base: Path, engine: str = "warm") -> Outcome:
    with started(base, engine) as process:
        return ended(process)


def left_running(base: Path, seconds: float = STOP_SECONDS) -> list[str]:
    """Processes of the batch that still run after a while; by what they inherit, also if they left their group."""
    deadline = time.monotonic() + seconds
    while (found := _of(base)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


def _of(base: Path) -> list[str]:
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            state = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            if state != "Z" and str(base / "passing").encode() in (entry / "environ").read_bytes():
                found.append(entry.name)
    return found


def torn(base: Path, whole: dict[str, bytes]) -> list[str]:
    """What stands under a final name and is not what a clean run makes."""
    briefs = base / "reports" / "briefs"
    found = {p.relative_to(briefs).as_posix(): p for p in briefs.rglob("*") if p.is_file()} if briefs.is_dir() else {}
    wrong = [name for name, path in found.items() if not name.startswith(".") and path.read_bytes() != whole.get(name)]
    folders = {name.split("/")[0] for name in found if not name.startswith(".")}
    return wrong + [f for f in folders if {n for n in whole if n.startswith(f)} - set(found)]


def whole_briefs(base: Path) -> dict[str, bytes]:
    """What a clean run makes, by name."""
    outcome = played(prepare(base))
    if outcome.status:
        raise RuntimeError(f"the clean run failed: {outcome}")
    briefs = base / "reports" / "briefs"
    return {p.relative_to(briefs).as_posix(): p.read_bytes() for p in sorted(briefs.rglob("*")) if p.is_file()}


def faults_of(base: Path, whole: dict[str, bytes], outcome: Outcome, expected: set[int]) -> list[str]:
    """What is wrong after a fault: torn results, processes left, a rerun that does not make just what is missing."""
    wrong = [f"torn: {name}" for name in torn(base, whole)]
    if running := left_running(base):
        wrong.append(f"left running: {running}")
    if outcome.status not in expected:
        wrong.append(f"status {outcome.status}, expected {sorted(expected)}")
    there = {path.name for path in (base / "reports" / "briefs").glob("ST*")}
    unwritten = dict(outcome.said.get("failed", {}))  # type: ignore[call-overload]
    there -= {name for name in there if name.partition("-")[2] in unwritten}  # in place, but not in the ledger
    for fault in base.glob("ST*.py"):
        fault.unlink()
    again = played(base)
    made = {f"ST{int(str(name)[2:]):02d}-{name}" for name in again.said.get("made", ())}  # type: ignore[attr-defined]
    if again.status or (made & there and outcome.status != -9):
        wrong.append(f"rerun: {again.status} {again.said} over {sorted(there)}")
    if torn(base, whole) or len(list((base / "reports" / "briefs").glob("ST*"))) != UNITS:
        wrong.append("rerun did not make everything")
    if left := [p.name for p in (base / "reports").rglob(".new-*")] + [
        p.name for p in (base / "reports").rglob(".old-*")
    ]:
        wrong.append(f"left lying: {left}")
    return wrong


def play_cell(base: Path, whole: dict[str, bytes], name: str, engine: str = "warm") -> list[str]:
    """A faulty cell in one unit: that unit is named with the cause, the others are done, the rerun makes the one."""
    source, said = CELLS[name]
    (prepare(base) / f"ST{SICK:02d}.py").write_text("slow = 1" if source == "slow" else source, encoding="utf-8")
    outcome = played(base, engine)
    failed = dict(outcome.said.get("failed", {}))  # type: ignore[call-overload]
    wrong = []
    if list(failed) != [f"街道{SICK}"]:
        wrong.append(f"failed: {failed}, {outcome.said}")
    elif said not in failed[f"街道{SICK}"]:
        wrong.append(f"said: {failed[f'街道{SICK}']}")
    if len(outcome.said.get("made", ())) != UNITS - 1:  # type: ignore[arg-type]
        wrong.append("not all others were made")
    kept = list((base / "reports" / "failed").rglob("brief.ipynb"))
    if not kept and "removed" not in name:
        wrong.append("no notebook was kept")
    return wrong + faults_of(base, whole, outcome, {1})


def play_signal(base: Path, whole: dict[str, bytes], how: signal.Signals, to: str, draw: random.Random) -> list[str]:
    """A signal at a random moment, to the batch, its whole group, one of its workers, or the process that is forked."""
    prepare(base)
    with started(base) as process:
        time.sleep(draw.uniform(0.2, 6))
        if to == "group":
            for pid in _of(base):
                with contextlib.suppress(OSError):
                    os.kill(int(pid), how)
        elif to == "batch":
            process.send_signal(how)
        else:
            with contextlib.suppress(OSError):
                for pid in _named(base, to)[:1]:
                    os.kill(int(pid), how)
        outcome = ended(process)
    gentle = how in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) and to == "batch"
    wrong = [f"took {outcome.seconds:.0f} s to stop"] if gentle and outcome.seconds > STOP_SECONDS else []
    expected = {130, 0} if gentle else {-9, 0} if to in ("batch", "group") else {0, 1}
    if gentle and outcome.status < 0:  # before the program could say what it wants to do with signals
        expected.add(outcome.status)
    return wrong + faults_of(base, whole, outcome, expected)


def _named(base: Path, part: str) -> list[str]:
    found = []
    for pid in _of(base):
        with contextlib.suppress(OSError):
            if part in Path(f"/proc/{pid}/cmdline").read_bytes().decode("utf-8", "replace"):
                found.append(pid)
    return found


def play_two_at_once(base: Path, whole: dict[str, bytes], offset: float) -> list[str]:
    """A second batch in the same folder waits, and then finds all done or says that the folder is busy."""
    prepare(base)
    with started(base) as first:
        time.sleep(offset)
        with started(base) as second:
            outcomes = [ended(second), ended(first)]
    made = [name for outcome in outcomes for name in outcome.said.get("made", ())]  # type: ignore[attr-defined]
    wrong = [] if sorted(made) == sorted(set(made)) else [f"made twice: {made}"]
    busy = [o for o in outcomes if "refused" in o.said]
    if any("另一个程序" not in str(o.said["refused"]) for o in busy):
        wrong.append(f"refused: {busy}")
    return wrong + faults_of(base, whole, Outcome(outcomes[1].status), {0, 1})


def play_disk(base: Path, whole: dict[str, bytes], options: str) -> list[str]:
    """The reports on a small disk: every failure says that there is no room, and after it has grown all is made."""
    reports = prepare(base) / "reports"
    reports.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(reports)], check=True)
    try:
        outcome = played(base)
        failed = {str(v) for v in dict(outcome.said.get("failed", {})).values()}  # type: ignore[call-overload]
        failed |= {str(outcome.said["refused"])} if "refused" in outcome.said else set()
        silent = [said for said in failed if "空间" not in said and "No space" not in said and "写入" not in said]
        wrong = [f"said: {silent}"] if silent else []
        subprocess.run(["mount", "-o", "remount,rw,size=64m,nr_inodes=10000", str(reports)], check=True)
        return wrong + faults_of(base, whole, outcome, {1})
    finally:
        subprocess.run(["umount", "-l", str(reports)], check=True)


def play_clock(base: Path, whole: dict[str, bytes], days: int) -> list[str]:
    """The clock of every process jumps while the batch is at work, and jumps back: nobody notices."""
    prepare(base)
    clock = base / "clock"
    clock.write_text("0", encoding="utf-8")
    (base / "sitecustomize.py").write_text(JUMPING.format(clock=str(clock)), encoding="utf-8")
    with started(base, PYTHONPATH=str(base)) as process:
        for jump in (days, 0, days):
            time.sleep(1)
            clock.write_text(str(jump), encoding="utf-8")
        outcome = ended(process)
    made = outcome.said.get("made", ())
    wrong = [] if len(made) == UNITS else [f"made: {outcome.said}"]  # type: ignore[arg-type]
    return wrong + faults_of(base, whole, outcome, {0})


def damage(base: Path, what: str) -> None:
    """One thing wrong with reports that are done."""
    reports = base / "reports"
    ledger, brief = reports / "ledger.jsonl", reports / "briefs" / f"ST{SICK:02d}-街道{SICK}"
    if what == "ledger cut off":
        ledger.write_bytes(ledger.read_bytes()[:-40])
    elif what == "ledger removed":
        ledger.unlink()
    elif what == "ledger is nonsense":
        ledger.write_bytes(b"\xff\x00{}\n[]\n" + ledger.read_bytes()[:100])
    elif what == "a file altered":
        (brief / "brief.pdf").write_bytes(b"%PDF torn")
    elif what == "a file removed":
        (brief / "brief.docx").unlink()
    elif what == "a folder replaced by a file":
        shutil.rmtree(brief)
        brief.write_text("x", encoding="utf-8")
    elif what == "leftovers of a killed batch":
        for name in (".new-1-1", ".old-2-2"):
            (reports / "briefs" / name).mkdir()
            (reports / "briefs" / name / "brief.pdf").write_text("half", encoding="utf-8")
    elif what == "a lock of a dead process":
        (reports / ".lock").write_text("1", encoding="utf-8")


DAMAGES = (
    "ledger cut off", "ledger removed", "ledger is nonsense", "a file altered", "a file removed",
    "a folder replaced by a file", "leftovers of a killed batch", "a lock of a dead process",
)  # fmt: skip


def play_damage(base: Path, whole: dict[str, bytes], what: str) -> list[str]:
    """A plain rerun mends it, and makes nothing that was right, as far as the ledger still says so."""
    first = played(prepare(base))
    damage(base, what)
    again = played(base)
    made = set(again.said.get("made", ()))  # type: ignore[call-overload]
    wrong = [] if not first.status and not again.status else [f"status {first.status}, {again.status}"]
    most = {"a file altered": 1, "a file removed": 1, "a folder replaced by a file": 1, "ledger cut off": 1}
    if len(made) > most.get(what, 0 if "le" not in what.split()[0] else UNITS):
        wrong.append(f"made again: {made}")
    return wrong + faults_of(base, whole, again, {0})


Play = Callable[[Path, dict[str, bytes]], list[str]]
