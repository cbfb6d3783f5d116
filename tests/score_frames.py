"""Made-up ScoreTables: three years of small rubrics with items renumbered, re-weighted, merged, split and dropped."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from analytics.policy import GradeBand
from analytics.store import ScoreTables

BANDS = tuple(GradeBand(name=n, least=b) for n, b in (("优秀", 90), ("良好", 80), ("合格", 60), ("不合格", 0)))
THEMES = {
    "t1": "明确责任落实", "t2": "深化专项治理", "t3": "完善体制机制", "t4": "强化基础建设", "t5": "防范遏制事故",
}  # fmt: skip
STREETS = (
    "曹杨新村街道", "长风新村街道", "长寿路街道", "甘泉路街道", "石泉路街道",
    "宜川路街道", "万里街道", "真如镇街道", "长征镇", "桃浦镇",
)  # fmt: skip
REGULATORS = (
    "区发改委", "区商务委", "区人社局", "区建管委", "区生态环境局", "区规划资源局", "区卫生健康委", "区体育局",
    "区绿化市容局", "区房管局", "区应急局", "区民防办", "区市场监管局", "区城管执法局",
    "区公安交警支队", "区消防救援支队",
)  # fmt: skip
DEPARTMENTS = ("区教育局", "区民政局", "区文旅局", "区国资委")
NAMES = {"street_town": STREETS, "special_regulator": REGULATORS, "industry_department": DEPARTMENTS}
PREFIX = {"street_town": "ST", "special_regulator": "SR", "industry_department": "ID"}

# item id, theme, text, full marks, formerly
RUBRICS: dict[int, tuple[tuple[str, str, str, float, str], ...]] = {
    2018: (
        ("duty.study", "t1", "党政主要负责人定期专题研究安全生产和消防工作", 12, ""),
        ("duty.letters", "t1", "层层签订安全生产和消防工作责任书", 10, ""),
        ("campaign.plan", "t2", "部署开展安全生产专项整治", 26, ""),
        ("system.meetings", "t3", "安全生产委员会会议制度", 7, ""),
        ("system.reports", "t3", "信息报送制度", 7, ""),
        ("base.training", "t4", "开展宣传教育培训和应急演练", 22, ""),
        ("accident.deaths", "t5", "生产安全事故死亡人数控制", 16, ""),
    ),
    2019: (
        ("duty.study", "t1", "党政主要负责人定期专题研究安全生产和消防工作", 12, ""),
        ("duty.letters", "t1", "层层签订安全生产和消防工作责任书", 10, ""),
        ("campaign.plan", "t2", "部署开展安全生产专项整治", 20, ""),
        ("campaign.hazards", "t2", "隐患排查治理闭环，重大隐患挂牌督办", 6, ""),
        ("system.running", "t3", "安委会运转和信息报送", 14, "system.meetings system.reports"),
        ("base.training", "t4", "开展宣传教育培训和应急演练", 22, ""),
        ("accident.deaths", "t5", "生产安全事故死亡人数控制", 16, ""),
    ),
    2020: (
        ("duty.study", "t1", "党政主要负责人定期专题研究安全生产和消防工作，班子成员落实一岗双责", 12, ""),
        ("duty.leaders", "t1", "领导班子成员带队检查", 10, ""),
        ("campaign.plan", "t2", "部署开展安全生产专项整治三年行动", 18, ""),
        ("campaign.hazards", "t2", "隐患排查治理闭环，重大隐患挂牌督办", 8, ""),
        ("system.running", "t3", "安委会运转和信息报送", 14, ""),
        ("base.lectures", "t4", "开展宣传教育培训", 12, "base.training"),
        ("base.drills", "t4", "组织应急演练，微型消防站拉动", 10, "base.training"),
        ("accident.deaths", "t5", "生产安全事故死亡人数控制", 16, ""),
    ),
}  # fmt: skip
COLUMNS = {
    "cards": [
        "unit", "unit_name", "kind", "year", "total", "grade", "grade_by_points", "rank", "ranked", "synthetic",
        "barred", "limited",
    ],
    "marks": [
        "unit", "unit_name", "kind", "year", "item", "no", "item_text", "theme", "theme_name", "full_marks",
        "self_mark", "verified_mark", "awarded", "status", "rate",
    ],
    "losses": [
        "unit", "unit_name", "kind", "year", "item", "no", "item_text", "theme", "theme_name", "rule", "clause",
        "points", "channel", "because", "evidence", "cell", "decision",
    ],
    "items": ["year", "rubric", "kind", "item", "no", "text", "theme", "theme_name", "full_marks", "formerly"],
}  # fmt: skip
LOSS = {
    "rule": "1", "clause": "（1）", "channel": "onsite", "because": "发现问题", "evidence": "",
    "cell": "现场.xlsx › 表!F5", "decision": "",
}  # fmt: skip


def made_up(
    kinds: Iterable[str] = ("street_town",),
    years: Iterable[int] = (2018, 2019, 2020),
    undecided: str = "",
    seed: int = 7,
) -> ScoreTables:
    """Score tables of whole classes. The unit named ``undecided`` awaits a decision on an item in the newest year."""
    draw = np.random.default_rng(seed)
    rows: dict[str, list[dict[str, Any]]] = {name: [] for name in COLUMNS}
    years = tuple(years)
    for kind in kinds:
        for year in years:
            rows["items"] += [item | {"year": year, "kind": kind, "rubric": kind} for item in _items(year)]
            cards = [
                _unit(draw, rows, f"{PREFIX[kind]}{n:02d}", name, kind, year, name == undecided and year == max(years))
                for n, name in enumerate(NAMES[kind], 1)
            ]
            rows["cards"] += _ranked(cards)
    frames = {name: pd.DataFrame(found, columns=COLUMNS[name]) for name, found in rows.items()}
    return ScoreTables(**frames, figures=pd.DataFrame(), claims=pd.DataFrame(), findings=pd.DataFrame())


def _items(year: int) -> list[dict[str, Any]]:
    names = ("item", "theme", "text", "full_marks", "formerly")
    return [
        dict(zip(names, row, strict=True)) | {"no": str(number), "theme_name": THEMES[row[1]]}
        for number, row in enumerate(RUBRICS[year], 1)
    ]


def _unit(
    draw: np.random.Generator,
    rows: dict[str, list[dict[str, Any]]],
    unit: str,
    name: str,
    kind: str,
    year: int,
    open_: bool,
) -> dict[str, Any]:
    level = draw.uniform(0.2, 1.6)
    total = 0.0
    who = {"unit": unit, "unit_name": name, "kind": kind, "year": year}
    for place, item in enumerate(_items(year)):
        what = {k: item[k] for k in ("item", "no", "theme", "theme_name")} | {"item_text": item["text"]}
        full = item["full_marks"]
        lost = min(full, round(draw.exponential(level * full / 12) * 4) / 4)
        waits, verified = open_ and place == 3, place % 3 != 2
        self_mark = min(full, full - lost + round(draw.exponential(0.4) * 4) / 4)
        awarded = float("nan") if waits else full - lost
        status = "awaiting_decision" if waits else "verified" if verified else "self_only"
        checked = awarded if verified else float("nan")
        rows["marks"].append(
            who | what | {"full_marks": full, "self_mark": self_mark, "verified_mark": checked, "awarded": awarded,
                          "status": status, "rate": awarded / full}
        )  # fmt: skip
        if lost and not waits:
            rows["losses"].append(who | what | LOSS | {"points": lost})
        total += awarded
    return who | {"total": total, "synthetic": True, "barred": False, "limited": False}


def _ranked(cards: list[dict[str, Any]]) -> list[dict[str, Any]]:
    totals = [card["total"] for card in cards if card["total"] == card["total"]]
    done = []
    for card in cards:
        total = card["total"]
        known = total == total
        grade = next(band.name for band in BANDS if total >= float(band.least)) if known else None
        rank = float(1 + sum(other > total for other in totals)) if known else float("nan")
        done.append(card | {"grade": grade, "grade_by_points": grade, "rank": rank, "ranked": len(totals)})
    return done


CLAIM = {
    "unit": "ST01", "unit_name": "曹杨新村街道", "kind": "street_town", "year": 2020, "item": "duty.study", "no": "1",
    "item_text": "党政主要负责人定期专题研究安全生产和消防工作", "mark": 12.0, "reason": "", "evidence": "",
    "cell": "自评表.xlsx › 自评表!F6",
}  # fmt: skip


def with_claims(tables: ScoreTables, *claims: dict[str, Any]) -> ScoreTables:
    """``tables`` with these claims, each ``CLAIM`` but for what it names; ``unit_name`` alone names a unit."""
    ids = {name: f"{PREFIX[kind]}{n:02d}" for kind, names in NAMES.items() for n, name in enumerate(names, 1)}
    rows = [CLAIM | {"unit": ids[given.get("unit_name", CLAIM["unit_name"])]} | given for given in claims]
    frames = vars(tables) | {"claims": pd.DataFrame(rows, columns=list(CLAIM))}
    return ScoreTables(**frames)
