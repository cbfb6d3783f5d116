"""Received workbooks → observations, decisions, and a Problem for whatever could not be read.

``receive`` reads a year's inbox, ``check_paths`` single files; both give an ``Intake``.
"""

from analytics.intake.receive import check_paths, receive
from analytics.intake.report import Intake

__all__ = ["Intake", "check_paths", "receive"]
