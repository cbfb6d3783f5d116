"""How `python run.py lab` sets up Jupyter's server; each can be overruled on the command line."""

from pathlib import Path

c = get_config()  # noqa: F821  (Jupyter's, there when it reads this file)

c.ServerApp.root_dir = str(Path(__file__).resolve().parents[2])  # data, reports and notebooks are all within reach
c.ServerApp.answer_yes = True  # Ctrl-C ends it, without a question in English
c.ServerApp.log_level = "ERROR"
c.ServerApp.contents_manager_class = "analytics.cli.lab_contents.Contents"  # our notebooks are templates
