"""A writer that is killed at any step: the store is as before or has the new run whole, and the next one goes on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from test_store import RULES_READ, contents, scored_year

from analytics.store import ScoreStore
from analytics.workspace import REPOSITORY

# Forks a writer for each step and lets it die there by kill -9; prints how many steps there were.
WRITER = """
import os, shutil, signal, sys
from itertools import count
from pathlib import Path
sys.path[:0] = [sys.argv[2], os.path.join(sys.argv[2], "tests")]
from test_store import RULES_READ, scored_year
from analytics.store import ScoreStore

root = Path(sys.argv[1])
year = scored_year(seen=[])

def dies_at(last):
    steps = count(1)
    def dying(operation):
        def call(*arguments, **named):
            if next(steps) == last:
                os.kill(os.getpid(), signal.SIGKILL)
            return operation(*arguments, **named)
        return call
    for owner, name in ((os, "fsync"), (Path, "write_bytes"), (Path, "rename"), (Path, "replace"), (Path, "mkdir")):
        setattr(owner, name, dying(getattr(owner, name)))

for step in range(1, 200):
    folder = Path(shutil.copytree(root / "before", root / f"{step:03d}"))
    writer = os.fork()
    if not writer:
        dies_at(step)
        ScoreStore(folder).append(year, None, RULES_READ)
        os._exit(0)
    if os.waitpid(writer, 0)[1] == 0:
        print(step - 1)
        break
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_writer_killed_at_any_step_loses_nothing(tmp_path: Path) -> None:
    before = ScoreStore(tmp_path / "before").append(scored_year())
    command = [sys.executable, "-c", WRITER, str(tmp_path), str(REPOSITORY)]
    done = subprocess.run(command, capture_output=True, check=True, env=os.environ | {"PYTHONUTF8": "1"})
    steps = int(done.stdout)
    assert steps > 30
    whole = ScoreStore(tmp_path / f"{steps + 1:03d}")
    after = whole.latest(2020)
    assert after.previous == before.sha256
    ends = set()
    for step in range(1, steps + 1):
        store = ScoreStore(tmp_path / f"{step:03d}")
        assert store.verify() == (), step
        ends.add(store.run_folders(2020)[-1].name)
        if step % 5 == 0:  # takes its time
            assert store.append(scored_year(seen=[]), None, RULES_READ) == after, step
            assert contents(store.folder) == contents(whole.folder), step
    assert ends == {before.run_id, after.run_id}  # some died after the new run had its name
