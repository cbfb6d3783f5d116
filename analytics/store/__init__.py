"""The scored years, append-only: what was received, what was seen, what was scored, and a chain of hashes over it."""

from analytics.store.manifest import Correction, Manifest
from analytics.store.rule_files import rule_files
from analytics.store.run_diff import RunDiff, compare_runs
from analytics.store.run_folder import content_sha256, extract_sha256
from analytics.store.score_store import ScoreStore
from analytics.store.scored_year import NamedUnit, PrintedSetting, ScoredItem, ScoredYear, score_received
from analytics.store.tables import ScoreTables

__all__ = [
    "Correction", "Manifest", "NamedUnit", "PrintedSetting", "RunDiff", "ScoreStore", "ScoreTables", "ScoredItem",
    "ScoredYear", "compare_runs", "content_sha256", "extract_sha256", "rule_files", "score_received",
]  # fmt: skip
