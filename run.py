#!/usr/bin/env python3
# -*- coding: utf-8 -*-
"""Prepare the program and start it. Nothing but Python has to be installed beforehand.

    python run.py                  the main job: the newest year in data/, results in reports/
    python run.py test [...]       the whole test suite; what follows goes to pytest
    python run.py wheelhouse       collect all packages in wheelhouse/, for computers without a network
    python run.py COMMAND [...]    any other command, the same as: python -m analytics COMMAND [...]

The first start makes .venv from requirements.lock, every package checked against its hash, with uv where it is on PATH
and with pip otherwise. When there is a folder wheelhouse/ beside this file, packages come from it and nothing is
downloaded. `wheelhouse` collects for the system and the Python it is run on. For another system, first compile the lock
for it (uv pip compile --python-platform ...) and download that list: `pip download --platform` alone leaves out, in
silence, what only the other system needs.

Standard library only, and in a syntax that Python 2.7 can read (no f-strings, no annotations): so an old Python says
what is wrong instead of "invalid syntax".
"""

import sys

OLDEST, TOO_NEW = (3, 11), (3, 15)  # requires-python in pyproject.toml; a test compares them

if not OLDEST <= sys.version_info[:2] < TOO_NEW:
    wrong_python = (
        "需要 Python {0}.{1} 或更新、但低于 {2}.{3} 的版本，现在用的是 {4}（{5}）。\n"
        "请从 python.org 安装 Python 3.12，再用它启动：Windows 输入 py -3.12 run.py，其他系统输入 python3.12 run.py\n"
        "This program needs Python {0}.{1} or newer, below {2}.{3}; this is {4} ({5}).\n"
        "Install Python 3.12 from python.org and start with it: py -3.12 run.py on Windows, else python3.12 run.py"
    )
    sys.exit(wrong_python.format(*(OLDEST + TOO_NEW + (sys.version.split()[0], sys.executable))))

import contextlib
import hashlib
import importlib.util
import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent
PINS = ROOT / "requirements.lock"
WHEELHOUSE = ROOT / "wheelhouse"
VENV = ROOT / ".venv"
STAMP = VENV / "ready"  # what .venv was made for; written last
PROJECT = ROOT / "pyproject.toml"
BUILDER = ROOT / ".venv.lock"  # held by the start that is building
SPACE_NEEDED = 1500 * 10**6  # bytes: 0.8 GB installed, 0.2 GB downloaded, and room to unpack

# When someone starts us with the python of .venv itself: the one that .venv was made with, which outlives it.
BASE_PYTHON = getattr(sys, "_base_executable", None) or sys.executable

DISK_FULL = (
    "磁盘空间不足：本文件夹所在磁盘和临时文件夹至少要有 1.5 GB 可用空间。"
    "请清理磁盘，或把整个文件夹移到别的磁盘，再启动一次。",
    "Not enough disk space: 1.5 GB must be free on the disk of this folder and of the temporary folder. "
    "Free some, or move the whole folder to another disk, and start again.",
)
WRONG_BYTES = (
    "下载的软件包与 requirements.lock 中的校验值不符，已停止安装。请换一个网络或软件源再试；仍然如此，请告知维护人员。",
    "A downloaded package does not have the hash written in requirements.lock, so nothing was installed. "
    "Try another network or package index; if it happens again, tell the maintainer.",
)
PATH_TOO_LONG = (
    "文件路径太长，系统不接受。请把整个文件夹移到较短的位置（例如 D:\\kaohe），再启动一次。",
    "A file path is too long for this system. Move the whole folder to a shorter place, such as D:\\kaohe, "
    "and start again.",
)
NO_PERMISSION = (
    "没有写入权限，或文件正被占用。请关闭正在使用本文件夹的程序（如 JupyterLab），确认可以在其中新建文件，"
    "或把整个文件夹复制到自己的目录，再启动一次。",
    "This folder cannot be written to, or a file in it is in use. Close programs that use it (such as JupyterLab), "
    "see that you may create files in it, or copy the whole folder to a place of your own, and start again.",
)
WHEELHOUSE_LACKS = (
    "wheelhouse 文件夹里缺少适合本机系统和 Python 版本的软件包。请在系统和 Python 版本相同、能上网的电脑上运行 "
    "python run.py wheelhouse，把生成的 wheelhouse 文件夹复制过来；能上网时也可以删除本机的 wheelhouse 文件夹。",
    "The folder wheelhouse lacks packages for this system and Python. On a connected computer with the same system and "
    "Python run: python run.py wheelhouse, and copy the folder here; or, with a network, delete wheelhouse here.",
)
NO_NETWORK = (
    "下载不了软件包：网络不通，或软件源不可用。请检查网络和代理；"
    "单位有内部软件源的，把环境变量 PIP_INDEX_URL 设为它的地址；"
    "不能上网的，请在另一台电脑上运行 python run.py wheelhouse，把 wheelhouse 文件夹复制到本文件夹，再启动一次。",
    "Packages cannot be downloaded: no network, or the package index does not answer. Check network and proxy; if your "
    "office has its own index, put its address in the environment variable PIP_INDEX_URL; without a network, run "
    "python run.py wheelhouse on another computer, copy the folder wheelhouse here and start again.",
)
NO_PACKAGE = (
    "软件源里没有适合本机的软件包。请确认 Python 是 64 位的；使用镜像源的，镜像可能还没有同步，请换一个软件源再试。",
    "The package index has no package for this computer. See that Python is the 64-bit one; "
    "a mirror may not be up to date yet, so try another index.",
)
NO_VENV_MODULE = (
    "这个 Python 缺少 venv 模块，无法建立运行环境。"
    "Debian、Ubuntu、统信、麒麟请先执行 sudo apt-get install python3-venv 再启动一次。",
    "This Python lacks the venv module. On Debian, Ubuntu and their kin first run "
    "sudo apt-get install python3-venv and start again.",
)
NO_PINS = (
    "找不到 requirements.lock，程序文件不完整。请重新取得整个文件夹，不要只复制 run.py。",
    "requirements.lock is missing, so the program is incomplete. Get the whole folder again, not run.py alone.",
)
UNKNOWN = (
    "建立运行环境失败。请把下面的内容发给维护人员。",
    "The environment could not be made. Please send the lines below to the maintainer.",
)

# What pip, uv and the system say, in the order to look for it: a full disk also breaks connections, and pip warns about
# a connection that it then gets after all.
SYMPTOMS = [
    (r"No space left on device|Errno 28\b|WinError 112\b|Disk quota exceeded", DISK_FULL),
    (r"DO NOT MATCH THE HASHES|Hash mismatch", WRONG_BYTES),
    (r"Long Path|File name too long|WinError 206\b", PATH_TOO_LONG),
    (r"Permission denied|Access is denied|Read-only file system|WinError (5|32)\b", NO_PERMISSION),
    (r"from versions: \w*\d", NO_PACKAGE),
    (r"[Cc]onnection|Could not fetch URL|name resolution|timed out|Proxy|SSLError|CERTIFICATE", NO_NETWORK),
    (r"error sending request|Failed to fetch|Network is unreachable|from versions: none", NO_NETWORK),
]


class CannotStart(Exception):
    """Why the program cannot start and what to do, as a (Chinese, English) pair, and what the installer said."""

    def __init__(self, advice, said=""):
        super(CannotStart, self).__init__(*advice)
        self.said = said

    def __str__(self):
        last_words = self.said.strip().splitlines()[-4:]
        return "\n".join(list(self.args) + ["  | " + line[:300] for line in last_words])


def start(arguments):
    """main(), with every reason not to start in plain words."""
    try:
        return main(arguments)
    except KeyboardInterrupt:
        return 130
    except CannotStart as reason:
        sys.stderr.write("{0}\n".format(reason))
    except OSError as refusal:  # such as a folder that cannot be written to
        sys.stderr.write("{0}\n".format(CannotStart(advice_for(str(refusal)), str(refusal))))
    return 1


def main(arguments):
    """Do what the arguments ask for and return the exit status."""
    if arguments[:1] == ["wheelhouse"]:
        fill_wheelhouse()
        return 0
    prepare()
    if arguments[:1] == ["test"]:
        return run_in_venv(["-m", "pytest"] + arguments[1:], folder=ROOT)
    # No folder: what a user types after a command is relative to where the user is.
    return run_in_venv(["-m", "analytics"] + (arguments or ["run"]))


def prepare():
    """Make .venv unless it is ready."""
    stamp = wanted_stamp()
    if is_ready(stamp):
        register()
        return
    with sole_builder():
        if not is_ready(stamp):  # the start we waited for may have made it
            build(stamp)
        register()


def wanted_stamp():
    """The stamp of a .venv for these pins, this Python and this place: a venv that is moved stops working."""
    if not PINS.is_file():
        raise CannotStart(NO_PINS)
    made_for = ascii((sys.version, sys.platform, str(ROOT)))
    return hashlib.sha256(PINS.read_bytes() + made_for.encode()).hexdigest()


def is_ready(stamp):
    return STAMP.is_file() and STAMP.read_text(encoding="utf-8") == stamp and python_of(VENV).exists()


def build(stamp):
    """Make .venv from nothing. Only its last act makes it count as ready."""
    say("正在建立运行环境，约需一两分钟，以后启动不再需要", "Making the environment: a minute or two, this once")
    started = time.monotonic()
    STAMP.unlink(missing_ok=True)
    remove_venv()
    if shutil.disk_usage(str(ROOT)).free < SPACE_NEEDED:
        raise CannotStart(DISK_FULL)
    install()
    STAMP.write_text(stamp, encoding="utf-8")
    seconds = round(time.monotonic() - started)
    say("运行环境已就绪，用时 {0} 秒".format(seconds), "Ready after {0} s".format(seconds))


def register():
    """Let .venv know this package and its entry points, as installing it would, unless it does or is not ours.

    A line of code in the .pth file, since the encoding of a path there differs by system and version of Python.
    """
    if VENV.is_symlink() or not PROJECT.is_file():
        return
    import sysconfig

    import tomllib

    project = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]
    name, version = project["name"].replace("-", "_"), project["version"]
    packages = Path(sysconfig.get_path("purelib", "venv", {"base": str(VENV), "platbase": str(VENV)}))
    about = "{0}-{1}.dist-info/".format(name, version)
    entries = "".join(
        "[{0}]\n{1}\n".format(group, "\n".join("{0} = {1}".format(*pair) for pair in sorted(points.items())))
        for group, points in sorted(project.get("entry-points", {}).items())
    )
    files = {
        name + ".pth": "import sys; sys.path.append({0})\n".format(ascii(str(ROOT))),
        about + "METADATA": "Metadata-Version: 2.1\nName: {0}\nVersion: {1}\n".format(project["name"], version),
        about + "INSTALLER": "run.py\n",
        about + "entry_points.txt": entries,
    }
    files[about + "RECORD"] = "".join("{0},,\n".format(file) for file in sorted(files) + [about + "RECORD"])
    if all(
        (packages / file).is_file() and (packages / file).read_text(encoding="utf-8") == files[file] for file in files
    ):
        return
    for old in packages.glob(name + "-*.dist-info"):
        shutil.rmtree(str(old))
    for file in files:
        (packages / file).parent.mkdir(parents=True, exist_ok=True)
        (packages / file).write_text(files[file], encoding="utf-8")


def remove_venv():
    if VENV.exists():
        shutil.rmtree(str(VENV))


def install():
    """Fill .venv with uv, or with pip when there is no uv or it fails: uv does not read pip's settings."""
    uv = shutil.which("uv")
    if not uv:
        return install_with_pip()
    try:
        return install_with_uv(uv)
    except CannotStart:
        say("uv 没有装成，改用 pip", "uv did not manage, trying pip")
        remove_venv()
        return install_with_pip()


def install_with_pip():
    make_venv(VENV)
    call_installer(pip(VENV, "install") + package_source())


def install_with_uv(uv):
    call_installer([uv, "venv", "--python", BASE_PYTHON, str(VENV)])
    checks = ["--require-hashes", "--only-binary", ":all:"]
    # Compiled now and once, or else by many kernels at the same time, each for itself.
    target = ["--compile-bytecode", "--python", str(python_of(VENV))]
    call_installer([uv, "pip", "sync"] + checks + target + package_source() + [str(PINS)])


def make_venv(folder):
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise CannotStart(NO_VENV_MODULE)
    call_installer([BASE_PYTHON, "-I", "-m", "venv", str(folder)])


def pip(venv, command):
    """pip's command for the pins, hash-checked, wheels only; -I so that no PYTHON* variable gets in its way."""
    python = [str(python_of(venv)), "-I", "-X", "utf8", "-m", "pip", command]
    return python + ["--no-input", "--require-hashes", "--only-binary=:all:", "-r", str(PINS)]


def python_of(venv):
    return venv / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def package_source():
    return ["--no-index", "--find-links", str(WHEELHOUSE)] if WHEELHOUSE.is_dir() else []


def fill_wheelhouse():
    """Download the wheels of all pins that this system and Python need."""
    wanted_stamp()  # says so when the pins are missing
    passing = ROOT / ".venv.wheelhouse"  # for its pip: .venv has none when uv made it
    say("正在下载软件包到 wheelhouse 文件夹", "Downloading packages into wheelhouse")
    try:
        make_venv(passing)
        call_installer(pip(passing, "download") + ["--dest", str(WHEELHOUSE)])
    finally:
        shutil.rmtree(str(passing), ignore_errors=True)
    sizes = [wheel.stat().st_size for wheel in WHEELHOUSE.glob("*.whl")]
    facts = (len(sizes), round(sum(sizes) / 1e6))
    say("完成：{0} 个软件包，{1} MB".format(*facts), "Done: {0} packages, {1} MB".format(*facts))


def call_installer(command):
    """Run an installer to its end. CannotStart with the advice that fits its words when it fails."""
    environment = dict(os.environ, UV_PYTHON_DOWNLOADS="never", PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_USER="0")
    pipes = dict(stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    said = []
    with subprocess.Popen(command, env=environment, encoding="utf-8", errors="replace", **pipes) as process:
        for line in process.stdout:
            said.append(line)
            show_passing(line)
    show_passing("")
    if process.returncode:
        raise CannotStart(advice_for("".join(said), offline="--no-index" in command), "".join(said))


def show_passing(line):
    """On a terminal, show the line in place of the one before it: a slow network should not look like a halt."""
    if sys.stderr.isatty():
        sys.stderr.write("\r{0:<76.76}\r".format(line.strip()))
        sys.stderr.flush()


def advice_for(said, offline=False):
    """The advice that fits what an installer or the system said. Offline: packages had to come from wheelhouse/."""
    if offline and re.search(r"No matching distribution|No solution found", said):
        return WHEELHOUSE_LACKS
    for symptom, advice in SYMPTOMS:
        if re.search(symptom, said):
            return advice
    return UNKNOWN


@contextlib.contextmanager
def sole_builder():
    """Hold .venv.lock, waiting for a start that is building. The system lets go of it for a process that is killed."""
    with BUILDER.open("ab") as handle:
        if not has_lock(handle):
            say("另一个窗口正在建立运行环境，请稍候", "Another start is making the environment, waiting for it")
            while not has_lock(handle):
                time.sleep(0.5)
        yield


def has_lock(handle):
    """Take the lock on an open file; False while another process has it."""
    try:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(handle.fileno(), msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except (BlockingIOError, PermissionError):
        return False
    except OSError:  # a network drive without locks: better unguarded than not at all
        pass
    return True


def run_in_venv(arguments, folder=None):
    """Run .venv's Python in the folder, by default the user's, and return its exit status, or 130 after Ctrl-C."""
    environment = dict(os.environ, PYTHONUTF8="1", PYTHONPATH=str(ROOT))
    environment.pop("PYTHONHOME", None)  # it would give .venv the library of another Python
    # -P: a folder of the user's that is called analytics, too, is not ours.
    command = [str(python_of(VENV)), "-X", "utf8", "-P"] + arguments
    process = subprocess.Popen(command, env=environment, cwd=folder)
    signal.signal(signal.SIGTERM, lambda *_: process.terminate())
    interrupted = False
    while True:
        try:
            status = process.wait()
        except KeyboardInterrupt:  # the child got it as well; it may be writing a last file, or ask whether to stop
            interrupted = True
        else:
            break
    if interrupted and status:
        return 130
    return status if status >= 0 else 128 - status  # ended by a signal: as a shell counts it


def say(chinese, english):
    """Tell the user, on stderr: stdout belongs to the command, which may print JSON."""
    sys.stderr.write("[准备] {0} / {1}\n".format(chinese, english))
    sys.stderr.flush()


if __name__ == "__main__":
    for stream in (sys.stdout, sys.stderr):
        # UTF-8 like the child, and never an error for a character that the console cannot show.
        stream.reconfigure(encoding="utf-8", errors="replace")
    sys.exit(start(sys.argv[1:]))
