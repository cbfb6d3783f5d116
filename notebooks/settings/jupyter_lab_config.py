"""How `python run.py lab` sets up JupyterLab: it opens the start page, and asks no host outside for anything."""

c = get_config()  # noqa: F821  (Jupyter's, there when it reads this file)

c.LabApp.default_url = "/lab/tree/notebooks/00_start.ipynb"
c.LabApp.log_level = "ERROR"
c.LabApp.news_url = None
c.LabApp.check_for_updates_class = "jupyterlab.NeverCheckForUpdate"
c.LabApp.extension_manager = "readonly"  # the other one lists what PyPI has
