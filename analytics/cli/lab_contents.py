"""The files as JupyterLab may change them: the notebooks that the reports are made with are templates."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import Any

from jupyter_server.services.contents.largefilemanager import AsyncLargeFileManager
from tornado.web import HTTPError

TEMPLATES = "notebooks"
OWN = "notebooks/own"  # in no report and not in git
FORBIDDEN = 403


class Contents(AsyncLargeFileManager):
    """Jupyter's own, except that a notebook right under ``notebooks/`` can be run and tried out, but not be changed.

    What an analyst does to it changes no report and nothing in git. A copy of it, or a new notebook made beside it,
    goes into ``notebooks/own``.
    """

    async def get(self, path: str, *args: Any, **options: Any) -> dict[str, Any]:
        """A file or folder as JupyterLab sees it."""
        model: dict[str, Any] = await super().get(path, *args, **options)  # type: ignore[no-untyped-call]
        return model | {"writable": False} if is_template(path) else model

    async def save(self, model: dict[str, Any], path: str = "") -> Any:
        """Save, unless it is a template."""
        _refuse(path)
        return await super().save(model, path)  # type: ignore[no-untyped-call]

    async def rename_file(self, old_path: str, new_path: str) -> Any:
        """Rename or move, unless it is a template."""
        _refuse(old_path)
        _refuse(new_path)
        return await super().rename_file(old_path, new_path)  # type: ignore[no-untyped-call]

    async def delete_file(self, path: str) -> Any:
        """Delete, unless it is a template."""
        _refuse(path)
        return await super().delete_file(path)  # type: ignore[no-untyped-call]

    async def new_untitled(self, path: str = "", type: str = "", ext: str = "") -> Any:  # noqa: A002  (Jupyter's name)
        """A new file; one that is wanted among the templates goes into ``notebooks/own``."""
        return await super().new_untitled(_own(path), type, ext)  # type: ignore[no-untyped-call]

    async def copy(self, from_path: str, to_path: str | None = None) -> Any:
        """A copy; that of a template goes into ``notebooks/own``."""
        target = str(PurePosixPath(from_path).parent) if to_path is None else to_path
        return await super().copy(from_path, _own(target))  # type: ignore[no-untyped-call]


def is_template(path: str) -> bool:
    """Whether the path, relative to the root, is that of a notebook that comes with the package."""
    place = PurePosixPath(path.strip("/"))
    return place.suffix == ".ipynb" and str(place.parent) == TEMPLATES


def _own(folder: str) -> str:
    return OWN if folder.strip("/") == TEMPLATES else folder


def _refuse(path: str) -> None:
    if is_template(path):
        raise HTTPError(FORBIDDEN, f"{TEMPLATES} 里的笔记本是模板，不能改动；自己的请放在 {OWN} 文件夹")
