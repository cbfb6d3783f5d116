"""The engines for papermill. Only papermill imports this module: it does so while it is itself being imported."""

from __future__ import annotations

from typing import Any

from nbclient.exceptions import DeadKernelError
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine
from papermill.log import logger

MOST_BYTES = 1 << 40


class FreshEngine(NBClientEngine):
    """A new kernel for each notebook, anywhere. ``witness`` hears of the notebook, which is lost when a kernel dies."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **given: Any) -> Any:
        given.pop("limits", None)
        given.pop("most_bytes", None)
        if (witness := given.pop("witness", None)) is not None:
            witness.append(nb_man)
        return super().execute_managed_notebook(nb_man, kernel_name, **given)


class WarmEngine(FreshEngine):
    """A process forked from one that has imported what notebooks share; on systems that cannot, a fresh kernel.

    ``limits``: names of RLIMIT_* with numbers, for the forked process; ``most_bytes``: what it may send us.
    """

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: Any,
        kernel_name: str,
        start_timeout: float = 60,
        execution_timeout: float | None = None,
        **given: Any,
    ) -> Any:
        from analytics.batch.warm.manager import SUPPORTED, WarmManager

        own = nb_man.nb.metadata.get("kernelspec", {}).get("language", "python") == "python"
        if not SUPPORTED or not own:
            given |= {"start_timeout": start_timeout, "execution_timeout": execution_timeout}
            return super().execute_managed_notebook(nb_man, kernel_name, **given)
        limits, most_bytes = given.pop("limits", {}), given.pop("most_bytes", MOST_BYTES)
        if (witness := given.pop("witness", None)) is not None:
            witness.append(nb_man)
        timeout = execution_timeout or given.get("timeout")
        options = {name: value for name, value in given.items() if name not in ("input_path", "timeout", "config")}
        manager = WarmManager(limits, most_bytes)
        client = PapermillNotebookClient(
            nb_man, km=manager, timeout=timeout, startup_timeout=start_timeout, kernel_name=kernel_name, log=logger,
            **options,
        )  # fmt: skip
        try:
            done = client.execute()
            manager.close(in_peace=True)
        except DeadKernelError as error:
            raise DeadKernelError(f"{error} ({_ended(manager)})") from None
        finally:
            manager.close()
        return done


def _ended(manager: Any) -> str:
    """How the process ended: ``exit 3``, ``signal 11``."""
    if manager.link and manager.link.fault:
        return str(manager.link.fault)
    status = manager.link.exit if manager.link else None
    if status is None:
        return "?"
    return f"signal {-status}" if status < 0 else f"exit {status}"
