"""The environment: what is declared, pinned and installed agrees, and run.py makes it or says why it cannot."""

from __future__ import annotations

import ast
import importlib
import importlib.metadata
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from collections import namedtuple
from pathlib import Path

import pytest
import yaml
from packaging.markers import Marker
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

import run

ROOT = Path(__file__).resolve().parent.parent
RUN = ROOT / "run.py"
PINS = ROOT / "requirements.lock"
PYPI_NAME = {"matplotlib-base": "matplotlib", "python-duckdb": "duckdb", "typst-py": "typst"}  # from conda-forge's

posix_only = pytest.mark.skipif(os.name == "nt", reason="stands in for .venv with a symbolic link")


def declared() -> dict[str, SpecifierSet]:
    """Name and bounds of every package in pyproject.toml, those for the tests included."""
    project = project_table()
    lines = project["dependencies"] + project["optional-dependencies"]["test"]
    return {canonicalize_name(r.name): r.specifier for r in map(Requirement, lines)}


def project_table() -> dict:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def conda() -> dict[str, SpecifierSet]:
    """Name on PyPI and bounds of everything in environment.yml, python included, its section for pip too."""
    lines = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    from_pip = [name for line in lines if isinstance(line, dict) for name in line["pip"]]
    requirements = map(Requirement, [line for line in lines if isinstance(line, str)] + from_pip)
    return {canonicalize_name(PYPI_NAME.get(r.name, r.name)): r.specifier for r in requirements}


Pin = namedtuple("Pin", "name version marker hashes")


def pins() -> list[Pin]:
    """Every pin of requirements.lock with the system it is for and its hashes."""
    lines = PINS.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    found = []
    for line in lines:
        requirement, *hashes = re.split(r"\s+--hash=", line.strip())
        name, version, marker = re.fullmatch(r"([\w.-]+)==([\w.]+)(?:\s*;\s*(.+))?", requirement).groups()
        found.append(Pin(canonicalize_name(name), version, marker, hashes))
    return found


# What is declared, for pip and for conda, and what is pinned


def test_environment_yml_names_the_packages_of_pyproject_with_the_same_bounds():
    offered = conda()
    del offered["python"], offered["pip"]
    assert offered == declared()


def test_python_range_is_the_same_in_pyproject_environment_yml_and_run_py():
    wanted = SpecifierSet(project_table()["requires-python"])
    assert conda()["python"] == wanted
    assert SpecifierSet(">={}.{},<{}.{}".format(*run.OLDEST, *run.TOO_NEW)) == wanted


def test_every_declared_package_is_pinned_within_its_bounds():
    for name, bounds in declared().items():
        versions = [pin.version for pin in pins() if pin.name == name]
        assert versions, f"{name} is not in requirements.lock"
        assert all(version in bounds for version in versions), f"{name}: {versions} are not all {bounds}"


def test_every_pin_has_sha256_hashes():
    for pin in pins():
        assert pin.hashes, f"{pin.name} has no hash"
        assert all(re.fullmatch("sha256:[0-9a-f]{64}", digest) for digest in pin.hashes)


@pytest.mark.parametrize("python", ["3.11.2", "3.12.0", "3.13.0", "3.14.0"])
@pytest.mark.parametrize(("system", "name"), [("win32", "nt"), ("darwin", "posix"), ("linux", "posix")])
def test_no_package_is_pinned_twice_for_one_system_and_python(python, system, name):
    here = {
        "sys_platform": system,
        "os_name": name,
        "python_full_version": python,
        "python_version": python[:4],
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    applying = [pin.name for pin in pins() if pin.marker is None or Marker(pin.marker).evaluate(here)]
    assert len(applying) == len(set(applying))
    assert declared().keys() <= set(applying)


def test_pins_name_no_host_no_path_and_no_index():
    text = PINS.read_text(encoding="utf-8")
    without_hashes = re.sub(r"--hash=\S+", "", text)
    assert not re.search(r"://|@|--|(^|\s)-\w|[/~]|\\(?!\n)", without_hashes)


def test_what_runs_the_tests_is_what_is_pinned():
    if Path(sys.prefix, "conda-meta").exists():
        pytest.skip("conda chooses its own versions within the bounds")
    pinned = {pin.name: pin.version for pin in pins() if pin.marker is None or Marker(pin.marker).evaluate()}
    assert {name: importlib.metadata.version(name) for name in declared()} == {
        name: pinned[name] for name in declared()
    }


# run.py as a file


def run_tree() -> ast.Module:
    return ast.parse(RUN.read_text(encoding="utf-8"), feature_version=(3, 6))


def test_run_py_imports_only_the_standard_library():
    imported = set()
    for node in ast.walk(run_tree()):
        if isinstance(node, ast.Import):
            imported |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            imported.add(node.module.partition(".")[0])
    assert imported <= sys.stdlib_module_names


def test_run_py_has_no_syntax_that_python_2_7_cannot_read():
    too_new = (
        ast.JoinedStr,
        ast.AnnAssign,
        ast.NamedExpr,
        ast.Nonlocal,
        ast.AsyncFunctionDef,
        ast.Await,
        ast.YieldFrom,
    )
    for node in ast.walk(run_tree()):
        line = getattr(node, "lineno", 0)
        assert not isinstance(node, too_new), line
        if isinstance(node, ast.FunctionDef):
            newer = [node.args.kwonlyargs, node.args.posonlyargs, node.returns]
            assert not any(newer + [argument.annotation for argument in node.args.args]), line
        assert not (isinstance(node, ast.Raise) and node.cause), line
        assert not (isinstance(node, (ast.List, ast.Tuple)) and any(isinstance(e, ast.Starred) for e in node.elts)), (
            line
        )


def test_functions_of_run_py_stay_short():
    for node in ast.walk(run_tree()):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < 40, node.name


# run.py when it cannot start


@pytest.fixture
def folder(tmp_path):
    """A copy of run.py and its pins in a folder as offices name them."""
    folder = tmp_path / "普陀 试用"
    folder.mkdir()
    shutil.copy(RUN, folder)
    shutil.copy(PINS, folder)
    return folder


@pytest.fixture
def here(folder, monkeypatch):
    """run.py's functions, working in that folder."""
    for name, path in {
        "ROOT": folder,
        "PINS": folder / "requirements.lock",
        "WHEELHOUSE": folder / "wheelhouse",
        "VENV": folder / ".venv",
        "STAMP": folder / ".venv" / "ready",
        "BUILDER": folder / ".venv.lock",
        "PROJECT": folder / "pyproject.toml",
    }.items():
        monkeypatch.setattr(run, name, path)
    return run


def start(folder: Path, *arguments: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(folder / "run.py"), *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, encoding="utf-8", timeout=60, check=False)


@pytest.mark.parametrize("bounds", ["(9, 0), (9, 9)", "(3, 0), (3, 1)"], ids=["too old", "too new"])
def test_a_python_out_of_range_is_told_which_one_to_install(folder, bounds):
    text = RUN.read_text(encoding="utf-8")
    (folder / "run.py").write_text(text.replace("(3, 11), (3, 15)", bounds, 1), encoding="utf-8")
    refused = start(folder)
    assert refused.returncode == 1
    assert "需要 Python" in refused.stderr
    assert "Install Python" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_missing_pins_are_named_and_nothing_is_made(folder):
    (folder / "requirements.lock").unlink()
    refused = start(folder)
    assert refused.returncode == 1
    assert refused.stderr.startswith("找不到 requirements.lock")
    assert "Traceback" not in refused.stderr
    assert not (folder / ".venv").exists()


def test_a_full_disk_is_noticed_before_anything_is_installed(here, monkeypatch, capsys):
    usage = namedtuple("usage", "total used free")(10**12, 10**12 - 10**9, 10**9)
    monkeypatch.setattr(here.shutil, "disk_usage", lambda path: usage)
    monkeypatch.setattr(here, "install", lambda: pytest.fail("installed on a full disk"))
    assert here.start([]) == 1
    shown = capsys.readouterr().err
    assert "磁盘空间不足" in shown
    assert "Not enough disk space" in shown


def test_a_folder_that_cannot_be_written_to_is_explained_without_traceback(here, monkeypatch, capsys):
    def refuse(stamp):
        raise PermissionError(13, "Permission denied", str(here.VENV))

    monkeypatch.setattr(here, "build", refuse)
    assert here.start([]) == 1
    assert "没有写入权限" in capsys.readouterr().err


def test_a_python_without_venv_is_told_the_package_that_brings_it(here, monkeypatch, capsys):
    monkeypatch.setattr(here.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(here.shutil, "which", lambda name: None)
    assert here.start([]) == 1
    assert "apt-get install python3-venv" in capsys.readouterr().err


# Said by pip 23 and 26, uv 0.13 and Windows when each was made to fail.
WORDS = {
    "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device": run.DISK_FULL,
    "[WinError 112] 磁盘空间不足。": run.DISK_FULL,
    "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.": run.WRONG_BYTES,
    "  cause: Hash mismatch for `rfc3986-validator==0.1.1`": run.WRONG_BYTES,
    "HINT: This error might have occurred since this system does not have Windows Long Path support": run.PATH_TOO_LONG,
    "[WinError 5] 拒绝访问。: '.venv\\\\Scripts\\\\python.exe'": run.NO_PERMISSION,
    "[WinError 32] 另一个程序正在使用此文件，进程无法访问。": run.NO_PERMISSION,
    "Failed to establish a new connection: [Errno 111] Connection refused": run.NO_NETWORK,
    "Temporary failure in name resolution": run.NO_NETWORK,
    "error: Failed to fetch: <address>\n  cause: error sending request for url": run.NO_NETWORK,
    "ERROR: Could not find a version that satisfies the requirement x==2 (from versions: none)": run.NO_NETWORK,
    "ERROR: Could not find a version that satisfies the requirement x==2 (from versions: 0.9, 1.0)": run.NO_PACKAGE,
    "something never seen before": run.UNKNOWN,
}


@pytest.mark.parametrize("said", WORDS)
def test_words_of_an_installer_become_the_advice_that_fits(said):
    assert run.advice_for(said) == WORDS[said]


def test_a_full_disk_outweighs_the_connections_it_breaks():
    both = (
        "WARNING: Retrying after connection broken by 'NewConnectionError'\nOSError: [Errno 28] No space left on device"
    )
    assert run.advice_for(both) == run.DISK_FULL


@pytest.mark.parametrize(
    "said",
    [
        "ERROR: Could not find a version that satisfies the requirement x==2 (from versions: none)\n"
        "ERROR: No matching distribution found for x==2",
        "error: No solution found when resolving dependencies\n"
        "  cause: Because x was not found in the provided package locations",
    ],
)
def test_a_package_missing_from_the_wheelhouse_is_not_taken_for_a_missing_network(said):
    assert run.advice_for(said, offline=True) == run.WHEELHOUSE_LACKS


def test_every_advice_says_it_in_chinese_and_then_in_english():
    for advice in [advice for _, advice in run.SYMPTOMS] + list(WORDS.values()) + [run.NO_PINS, run.NO_VENV_MODULE]:
        chinese, english = advice
        assert re.search("[\u4e00-\u9fff]", chinese)
        assert english.isascii()


def test_a_failing_installer_is_quoted_by_its_last_words(here):
    program = "import sys; print('first'); print('[Errno 28] No space left on device'); sys.exit(2)"
    with pytest.raises(run.CannotStart) as stopped:
        here.call_installer([sys.executable, "-c", program])
    assert stopped.value.args == run.DISK_FULL
    assert str(stopped.value).endswith("  | [Errno 28] No space left on device")


# run.py and .venv


def pretend_ready(run_py) -> None:
    """A .venv that run.py takes for ready; its Python is the one running the tests."""
    python = run_py.python_of(run_py.VENV)
    python.parent.mkdir(parents=True)
    python.symlink_to(sys.executable)
    run_py.STAMP.write_text(run_py.wanted_stamp(), encoding="utf-8")


@posix_only
def test_a_stamped_venv_is_ready(here):
    pretend_ready(here)
    assert here.is_ready(here.wanted_stamp())


@posix_only
def test_a_moved_folder_needs_a_new_venv(here, monkeypatch):
    pretend_ready(here)
    monkeypatch.setattr(here, "ROOT", here.ROOT.parent / "搬到这里")
    assert not here.is_ready(here.wanted_stamp())


@posix_only
def test_changed_pins_need_a_new_venv(here):
    pretend_ready(here)
    here.PINS.write_text("other==1.0\n", encoding="utf-8")
    assert not here.is_ready(here.wanted_stamp())


@posix_only
def test_another_python_needs_a_new_venv(here, monkeypatch):
    pretend_ready(here)
    monkeypatch.setattr(here.sys, "version", "3.14.0 (another one)")
    assert not here.is_ready(here.wanted_stamp())


@posix_only
def test_a_venv_whose_python_was_uninstalled_is_not_ready(here):
    pretend_ready(here)
    python = here.python_of(here.VENV)
    python.unlink()
    python.symlink_to("/uninstalled/python")
    assert not here.is_ready(here.wanted_stamp())


@posix_only
def test_a_build_that_stops_halfway_leaves_no_stamp(here, monkeypatch):
    pretend_ready(here)

    def stop_halfway():
        here.VENV.mkdir()
        raise KeyboardInterrupt

    monkeypatch.setattr(here, "install", stop_halfway)
    here.PINS.write_text("other==1.0\n", encoding="utf-8")
    assert here.start([]) == 130
    assert here.VENV.exists()
    assert not here.STAMP.exists()


def test_pip_takes_over_when_uv_fails(here, monkeypatch):
    asked = []

    def call_installer(command):
        asked.append(command)
        if command[0] == "/bin/uv":
            raise run.CannotStart(run.NO_NETWORK)

    monkeypatch.setattr(here.shutil, "which", lambda name: "/bin/uv")
    monkeypatch.setattr(here, "call_installer", call_installer)
    here.install()
    assert [command[0] for command in asked] == ["/bin/uv", run.BASE_PYTHON, str(here.python_of(here.VENV))]


@pytest.mark.parametrize("uv", ["/bin/uv", None])
def test_packages_come_hash_checked_as_wheels_and_from_the_wheelhouse_where_there_is_one(here, monkeypatch, uv):
    asked = []
    monkeypatch.setattr(here.shutil, "which", lambda name: uv)
    monkeypatch.setattr(here, "call_installer", asked.append)
    here.install()
    assert "--no-index" not in asked[-1]
    here.WHEELHOUSE.mkdir()
    here.install()
    assert {"--require-hashes", "--no-index", str(here.WHEELHOUSE), str(here.PINS)} <= set(asked[-1])
    assert "--only-binary :all:" in " ".join(asked[-1]).replace("=", " ")


def test_a_second_start_waits_for_the_one_that_builds(here):
    with here.sole_builder(), here.BUILDER.open("ab") as second:
        assert not here.has_lock(second)
    with here.BUILDER.open("ab") as second:
        assert here.has_lock(second)


def test_a_killed_builder_stops_nobody(here, folder):
    program = "import run, time\nwith run.sole_builder():\n    print('held', flush=True)\n    time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", program], cwd=folder, stdout=subprocess.PIPE) as builder:
        assert builder.stdout.readline().strip() == b"held"
        with here.BUILDER.open("ab") as second:
            assert not here.has_lock(second)
            builder.kill()
            builder.wait()
            assert here.has_lock(second)


# What run.py tells .venv about this package


@pytest.fixture
def registered(here, folder):
    """The folder with the package and a .venv that holds nothing but what run.py writes there of it."""
    shutil.copy(ROOT / "pyproject.toml", folder)
    (folder / "analytics").mkdir()
    (folder / "analytics" / "__init__.py").write_text("said = '考核'", encoding="utf-8")
    made = subprocess.run([sys.executable, "-m", "venv", "--without-pip", here.VENV], check=False)
    assert made.returncode == 0
    here.register()
    return here.python_of(here.VENV)


ENTRIES = """\
import importlib.metadata as m
import analytics
print(analytics.said, m.version("safety-assessment-analytics"), *m.entry_points(group="papermill.engine"))
"""


def test_the_package_and_its_engine_are_known_anywhere_in_the_environment(here, registered, tmp_path):
    project = project_table()
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"} | {"PYTHONUTF8": "1"}
    asked = [registered, "-c", ENTRIES]
    told = subprocess.run(
        asked, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=True
    ).stdout
    value = project["entry-points"]["papermill.engine"]["warm"]
    assert told == f"考核 {project['version']} EntryPoint(name='warm', value='{value}', group='papermill.engine')\n"
    module, _, engine = value.partition(":")
    importlib.import_module("papermill")  # which imports the engines itself, and is half done when they come first
    assert hasattr(importlib.import_module(module), engine)


def test_a_new_version_takes_the_place_of_the_old_one(here, registered, folder):
    changed = (folder / "pyproject.toml").read_text(encoding="utf-8").replace('version = "', 'version = "9.')
    (folder / "pyproject.toml").write_text(changed, encoding="utf-8")
    here.register()
    (found,) = here.VENV.rglob("safety_assessment_analytics-*.dist-info")
    assert found.name.startswith("safety_assessment_analytics-9.")
    before = {path: path.stat().st_mtime_ns for path in found.iterdir()}
    here.register()
    assert {path: path.stat().st_mtime_ns for path in found.iterdir()} == before


# run.py and the program it starts

TELLS_HOW_IT_WAS_STARTED = """\
import json, os, sys
print(json.dumps({"arguments": sys.argv[1:], "cwd": os.getcwd(), "utf8": sys.flags.utf8_mode}))
sys.exit(7)
"""


@pytest.fixture
def ready(here, folder):
    """The folder with a .venv that counts as ready and a package `analytics` that tells how it was started."""
    pretend_ready(here)
    (folder / "analytics").mkdir()
    (folder / "analytics" / "__main__.py").write_text(TELLS_HOW_IT_WAS_STARTED, encoding="utf-8")
    return folder


@posix_only
@pytest.mark.parametrize(
    ("typed", "given"),
    [([], ["run"]), (["brief", "长寿路街道"], ["brief", "长寿路街道"]), (["--help"], ["--help"])],
)
def test_arguments_and_exit_status_pass_through(ready, typed, given):
    ended = start(ready, *typed)
    assert json.loads(ended.stdout)["arguments"] == given
    assert ended.returncode == 7
    assert ended.stderr == ""


@posix_only
def test_a_command_runs_in_the_users_folder_and_in_utf8(ready, tmp_path):
    elsewhere = tmp_path / "收件箱"
    (elsewhere / "analytics").mkdir(parents=True)
    (elsewhere / "analytics" / "__main__.py").write_text("raise SystemExit('the wrong analytics')", encoding="utf-8")
    told = json.loads(start(ready, "check", "a.xlsx", cwd=elsewhere).stdout)
    assert told == {"arguments": ["check", "a.xlsx"], "cwd": str(elsewhere), "utf8": 1}


@posix_only
def test_the_tests_run_in_the_repository_with_what_was_typed(ready, tmp_path):
    (ready / "pytest.py").write_text(TELLS_HOW_IT_WAS_STARTED, encoding="utf-8")
    told = json.loads(start(ready, "test", "-k", "一个", cwd=tmp_path).stdout)
    assert told == {"arguments": ["-k", "一个"], "cwd": str(ready), "utf8": 1}


@posix_only
def test_ctrl_c_waits_for_the_program_and_ends_with_130(ready):
    program = (
        "import time\n"
        "try:\n    print('working', flush=True); time.sleep(60)\n"
        "except KeyboardInterrupt:\n    time.sleep(0.5); print('tidied up', flush=True); raise SystemExit(1)\n"
    )
    (ready / "analytics" / "__main__.py").write_text(program, encoding="utf-8")
    started = subprocess.Popen(
        [sys.executable, str(ready / "run.py")],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        start_new_session=True,
        # A suite started in the background ignores Ctrl-C, and so would its children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    assert started.stdout.readline() == "working\n"
    os.killpg(started.pid, signal.SIGINT)  # as a terminal does: to run.py and to the program
    output, errors = started.communicate(timeout=30)
    assert (started.returncode, output, errors) == (130, "tidied up\n", "")


@posix_only
def test_a_second_start_takes_less_than_three_seconds(ready):
    (ready / "analytics" / "__main__.py").write_text("", encoding="utf-8")
    began = time.monotonic()
    start(ready)
    assert time.monotonic() - began < 3
