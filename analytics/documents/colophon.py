"""What stands at the end of a notebook and under a chart: where its numbers come from, and what was assumed."""

from __future__ import annotations

from collections.abc import Sequence

from analytics.analysis.wording import Sentence
from analytics.documents.labels import banner, setting_source, speaker
from analytics.figures.theme import Imprint
from analytics.store import PrintedSetting, ScoredYear, extract_sha256
from analytics.units import Unit

SHORT_HASH = 12


def imprint_of(scored: ScoredYear, unit: Unit | None = None) -> Imprint:
    """What stands under every chart of a scored year; one about a single unit names that unit's part of the record."""
    if unit:
        source = f"来源：{scored.year}年度{unit.name}计分记录{extract_sha256(scored, unit.id)[:SHORT_HASH]}"
    else:
        source = f"来源：{scored.year}年度计分批次{scored.run_id}，记录{scored.sha256[:SHORT_HASH]}"
    return Imprint(source, banner(speaker("zh"), synthetic=scored.synthetic, status=scored.status))


def closing(imprint: Imprint, settings: Sequence[PrintedSetting], assumptions: Sequence[str] = ()) -> Sentence:
    """Source and assumptions as Markdown."""
    say = speaker("zh")
    lines = [f"{imprint.source}。", f"**{imprint.banner}**" if imprint.banner else ""]
    told = [f"- {setting.says}（{setting_source(say, setting)}）" for setting in settings]
    told += [f"- {assumed}（本单位）" for assumed in assumptions]
    return Sentence("\n\n".join([*filter(None, lines), "计分口径与假定：\n\n" + "\n".join(told)]))
