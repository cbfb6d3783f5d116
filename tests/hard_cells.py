"""Cells that tell a fresh kernel from an imitation, by name. Each runs in a notebook of its neighbours, in this order."""

# What writes past Python's streams then waits a little: a fresh kernel on a busy machine loses what comes late.
SHOWN = {
    "result": "1 + 1",
    "nothing": "import time\nx = 3",
    "result_hidden": "x;",
    "prints": "print('甲')\nprint('乙', end='')\nprint(' 丙')",
    "both_streams": "import sys\nprint('out')\nprint('err', file=sys.stderr)\nprint('out again')",
    "display_between_prints": "print('a')\ndisplay({'text/plain': 'b'}, raw=True)\nprint('c')",
    "display_update": (
        "from IPython.display import display\nh = display('one', display_id='x')\nprint('between')\nh.update('two')"
    ),
    "update_of_an_earlier_cell": "h.update('three')",
    "update_of_nothing": "from IPython.display import update_display\nupdate_display('lost', display_id='none')",
    "clear_at_once": "from IPython.display import clear_output\nprint('gone')\nclear_output()\nprint('kept')",
    "clear_when_something_comes": "print('first')\nclear_output(wait=True)\nprint('second')",
    "clear_and_nothing_comes": "print('stays')\nclear_output(wait=True)",
    "frame": "import pandas as pd\npd.DataFrame({'得分': [1.5, None], 'b': ['x', '<b>']})",
    "html_svg_latex": (
        "from IPython.display import HTML, SVG, Latex, Markdown, JSON\n"
        "display(HTML('<b>x</b>'), SVG('<svg xmlns=\"http://www.w3.org/2000/svg\"/>'), Latex('$x$'), Markdown('# y'))"
    ),
    "mime_bundle": (
        "class Both:\n    def _repr_mimebundle_(self, **_):\n"
        "        return {'text/plain': 'p', 'application/x+json': {'a': [1, None, float('inf') > 1]}}, {'k': 1}\nBoth()"
    ),
    "error": "def f(n):\n    return 1 / n\nf(0)",
    "chained_error": "try:\n    {}['k']\nexcept KeyError as e:\n    raise ValueError('乙') from e",
    "syntax_error": "for",
    "indentation_error": "if 1:\npass",
    "error_in_repr": "class Bad:\n    def __repr__(self):\n        raise RuntimeError('no repr')\nBad()",
    "error_after_output": "print('before')\nraise KeyError('键')",
    "error_group": "raise ExceptionGroup('many', [ValueError(1), TypeError(2)])",
    "system_exit": "import sys\nsys.exit(3)",
    "keyboard_interrupt": "raise KeyboardInterrupt",
    "base_exception": "class Odd(BaseException): pass\nraise Odd('x')",
    "assertion_with_notes": "e = AssertionError('a')\ne.add_note('注')\nraise e",
    "recursion": "import sys\ndef deep(): return deep()\ntry:\n    deep()\nexcept RecursionError as e:\n    print(e)",
    "input_refused": "input('? ')",
    "getpass_refused": "import getpass\ngetpass.getpass()",
    "await_at_the_top": "import asyncio\nawait asyncio.sleep(0.01)\nprint('waited')",
    "async_for": "async def g():\n    yield 1\n    yield 2\n[i async for i in g()]",
    "task_goes_on_between_cells": "seen = []\nasync def later():\n    seen.append(1)\nt = asyncio.create_task(later())",
    "task_has_gone_on": "await asyncio.sleep(0.02)\nseen",
    "run_inside_a_running_loop": "async def one():\n    return 1\nasyncio.run(one())",
    "await_that_fails": "await asyncio.wait_for(asyncio.sleep(5), 0.01)",
    "magic_time_of_nothing": "%who_ls",
    "magic_env": "%env PYTHONIOENCODING",
    "magic_cell_capture": "%%capture got\nprint('inside')",
    "captured": "got.stdout",
    "magic_unknown": "%no_such_magic",
    "run_a_file": "from pathlib import Path\nPath('run_me.py').write_text('y = 7; print(y)')\n%run run_me.py\ny",
    "write_a_file": "%%writefile made.txt\ntext",
    "bash": "%%bash\necho 一\necho err >&2\nprintf 'no newline'",
    "bash_fails": "%%bash\nexit 4",
    "shell_line": "!echo from the shell",
    "shell_result": "lines = !printf 'a\\nb\\n'\nlines",
    "script_magic": "%%script sh\necho script",
    "subprocess_inherits": "import subprocess\nsubprocess.run(['echo', 'child'], check=True)\ntime.sleep(0.5)",
    "subprocess_between_prints": "print('1', flush=True)\nsubprocess.run(['echo', '2'])\ntime.sleep(0.5)\nprint('3')",
    "subprocess_stderr": "subprocess.run(['sh', '-c', 'echo wrong >&2'])\ntime.sleep(0.5)",
    "os_write": "import os\nos.write(1, b'raw out\\n')\nos.write(2, b'raw err\\n')\ntime.sleep(0.5)",
    "os_system": "status = os.system('echo system')\ntime.sleep(0.5)\nstatus",
    "c_printf": "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.puts(b'from C')\nlibc.fflush(None)\ntime.sleep(0.5)",
    "stdout_facts": "(sys.stdout.encoding, sys.stdout.isatty(), sys.stdout.writable(), type(sys.stdin).__name__)",
    "warning_once": "import warnings\ndef w():\n    warnings.warn('mind')\nw()\nw()",
    "warning_deprecated": "warnings.warn('old', DeprecationWarning)",
    "warning_of_numpy": "import numpy as np\nnp.array([1.0]) / 0",
    "logging": "import logging\nlogging.warning('logged')\nlogging.getLogger('x').error('as well')",
    "logging_set_up": "logging.basicConfig(level='INFO', force=True, stream=sys.stdout)\nlogging.info('to stdout')",
    "thread_prints": (
        "import threading\nt = threading.Thread(target=print, args=('in a thread',))\nt.start()\nt.join()\nprint('after')"
    ),
    "thread_fails": (
        "def bad(): raise ValueError('in a thread')\n"
        "threading.excepthook = lambda a: print('hook', a.exc_type.__name__)\n"
        "t = threading.Thread(target=bad)\nt.start()\nt.join()"
    ),
    "thread_pool": (
        "from concurrent.futures import ThreadPoolExecutor\n"
        "with ThreadPoolExecutor(4) as pool:\n    print(sum(pool.map(abs, range(-9, 0))))"
    ),
    "process_pool": (
        "import multiprocessing\nfork = multiprocessing.get_context('fork')\n"
        "def square(n):\n    return n * n\nwarnings.simplefilter('ignore', DeprecationWarning)\n"
        "with fork.Pool(2) as pool:\n    print(pool.map(square, range(5)))"
    ),
    "process_prints": "p = fork.Process(target=print, args=('in a process',), kwargs={'flush': True})\np.start()\np.join()\ntime.sleep(0.5)",
    "fork_by_hand": "pid = os.fork()\nif pid == 0:\n    os._exit(7)\nos.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])",
    "pickle_of_main": "import pickle\nclass Mine:\n    a = 1\npickle.loads(pickle.dumps(Mine())).__class__.__module__",
    "main_module": "(__name__, sys.modules['__main__'].__dict__ is globals(), '__file__' in globals())",
    "dataclass_and_enum": ("from dataclasses import dataclass\n@dataclass\nclass P:\n    a: int\nP(1)"),
    "history_of_inputs": "(len(In), In[1], Out[1], _)",
    "underscores": "_i1",
    "folder": "Path.cwd().name",
    "environment": "{k: os.environ.get(k) for k in ('MPLBACKEND', 'HARD_CELL', 'LANG', 'TERM', 'CLICOLOR')}",
    "time_zone": "import time\ntime.strftime('%z', time.localtime(0))",
    "path_entries": "[p for p in sys.path if not p.startswith('/')]",
    "recursion_limit": "(sys.getrecursionlimit(), threading.current_thread() is threading.main_thread())",
    "signal_handlers": "import signal\n[signal.getsignal(s) for s in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE)]",
    "alarm": "signal.signal(signal.SIGALRM, lambda *_: print('rang'))\nsignal.setitimer(signal.ITIMER_REAL, 0.02)\ntime.sleep(0.05)",
    "blas": "a = np.arange(40000.0).reshape(200, 200)\nfloat((a @ a).sum())",
    "linear_algebra": "np.round(np.linalg.eigvalsh(a + a.T)[-2:], 3)",
    "duckdb": "import duckdb\nduckdb.sql('select 42 as n, range as r from range(3)').fetchall()",
    "duckdb_many": "duckdb.sql('select sum(range) from range(3000000)').fetchone()",
    "decimal": "from decimal import Decimal, getcontext\n(getcontext().prec, Decimal(1) / 3)",
    "locale_and_sort": "import locale\nlocale.setlocale(locale.LC_ALL), sorted('乙甲ab')",
    "widget": "import ipywidgets as widgets\nslider = widgets.IntSlider(value=3, max=9)\nslider",
    "widget_changes": "slider.value = 5\nslider.value",
    "widget_output": "out = widgets.Output()\ndisplay(out)\nwith out:\n    print('inside the widget')\n    display(1)",
    "widget_tabs": "widgets.VBox([widgets.Label('一'), widgets.Dropdown(options=['a', 'b'])])",
    "progress_text": "from rich.console import Console\nConsole(force_jupyter=False, width=20).print('rich')",
    "carriage_return": "for i in range(3):\n    print(f'\\r{i}', end='')",
    "long_output": "print('长' * 40000)",
    "many_lines": "for i in range(3000):\n    print(i)",
    "surrogate": "print('\\udc80 lone')",
    "big_json": "display({'application/json': {'n': 2**70, 'f': 1e300}}, raw=True)",
    "pause_between_streams": "print('o1')\ntime.sleep(0.35)\nprint('e1', file=sys.stderr)\ntime.sleep(0.35)\nprint('o2')",
    "trace_of_imported_code": "import json\njson.loads('{')",
    "redirected": "import io, contextlib\nb = io.StringIO()\nwith contextlib.redirect_stdout(b):\n    print('elsewhere')\nb.getvalue()",
    "audio_and_image_files": "from IPython.display import Image\nImage(data=b'\\x89PNG\\r\\n\\x1a\\n', format='png')",
    "generator_closed": "def gen():\n    try:\n        yield 1\n    finally:\n        print('closed')\ng = gen()\nnext(g)\ndel g",
    "help": "help(len)",
    "question_mark": "len?",
    "pinfo_source": "square??",
    "last_error": "%tb",
    "tasks_left_running": "forever = asyncio.create_task(asyncio.sleep(60))",
    "loop_is_running": "asyncio.get_running_loop().is_running()",
    "extension_loaded": "%load_ext autoreload\n%autoreload 0",
    "timeit_shape": "r = %timeit -n1 -r1 -o -q 1\ntype(r).__name__",
    "comm_opened": "from comm import create_comm\nc = create_comm(target_name='nobody', data={'a': 1})",
}
DRAWN = {
    "figure_implicit": "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3])",
    "figure_shown_and_closed": "fig, ax = plt.subplots(figsize=(3, 2))\nax.bar(['a', 'b'], [1, 2])\nplt.show()\nplt.get_fignums()",
    "figure_two_at_once": "plt.figure(figsize=(2, 1))\nplt.figure(figsize=(1, 2));",
    "figure_as_result": "from matplotlib.figure import Figure\nf = Figure((2, 1))\nf.add_subplot().plot([1, 3])\nf",
    "figure_closed_before": "plt.plot([1])\nplt.close('all')",
    "figure_of_pandas": "pd.Series([1, 3, 2]).plot(title='pandas');",
    "figure_of_seaborn": "import seaborn as sns\nsns.heatmap([[1, 2], [3, 4]]);",
    "figure_retina": "%config InlineBackend.figure_formats = ['retina']\nplt.plot([2, 1]);",
    "figure_svg": "import matplotlib\nmatplotlib.rcParams['svg.hashsalt'] = 'x'\n%config InlineBackend.figure_formats = ['svg']\nplt.plot([1, 2]);",
    "figure_after_inline": "%matplotlib inline\nplt.plot([3, 1]);",
    "figure_fails_midway": "plt.plot([1, 2])\nraise ValueError('half a figure')",
    "figure_with_other_backend": "plt.switch_backend('agg')\nplt.plot([1, 2]);",
}
CHART_OF_OURS = {
    "chart_of_ours": (
        "from analytics.figures.theme import Frame, Imprint, drawn, themed\n"
        "with themed():\n    fig, (ax,) = Frame(width=80, height=40, left=20, right=10).figure()\n"
        "    bars = ax.barh(['甲', '乙'], [3, 5])\n    chart = drawn(fig, 'own', '扣分', '甲3分', Imprint('源', '示例'))\nchart"
    ),
}
# Each needs a notebook of its own: what comes after it does not run.
ENDING = {
    "killed": "print('last words', flush=True)\nimport os, signal\nos.kill(os.getpid(), signal.SIGKILL)",
    "leaves": "import os\nos._exit(3)",
    "segfault": "import ctypes\nctypes.string_at(0)",
    "aborts": "import os\nos.abort()",
    "first_error_stops": "print('one')\n1 / 0",
    "exit": "exit()",
    "too_slow": "import time\nprint('start', flush=True)\ntime.sleep(60)",
    "too_slow_and_deaf": "import signal, time\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\nwhile True:\n    time.sleep(1)",
}
