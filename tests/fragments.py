"""The published fragments of ``cases/published/rubrics.yaml`` as rubrics of this package: nothing repaired, what was
not printed assumed aloud.

``converted`` gives the rubric as data, ready to be written as YAML, and what had to be assumed for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

Fragment = dict[str, Any]

# Items whose points the fragments do not show hold what their rules take together.
POINTS_ASSUMED = {
    ("fire_leader_rubric", "宣传教育"): 9,
    ("fire_leader_rubric", "重特大火灾处置"): 3,
    ("street_community", "企业档案"): 2,
    ("street_community", "举报交办查处率100%"): 2,
    ("street_community", "整改复查率100%"): 2,
    ("street_community", "统计报表"): 1,
    ("safety_month_2021", "组织机构"): 5,
}
# Figures that the printed conditions speak of, with the bound where it stands only in words.
MEASURES = {
    "比上年同期每多一起事故": {"measure": "accidents", "baseline": "accidents_last_year"},
    "比上年同期每多死亡一人": {"measure": "deaths", "baseline": "deaths_last_year"},
    "老旧管网改造率<=80%": {"measure": "renewed_percent", "more_than": 80},
}
DONE = {"numerator": "done", "denominator": "planned"}
FIGURES = ("accidents", "accidents_last_year", "deaths", "deaths_last_year", "renewed_percent", "done", "planned")


class Converter:
    """One fragment; ``assumed`` says what is not in print."""

    def __init__(self, fragment: Fragment) -> None:
        self.fragment = fragment
        self.assumed: list[str] = []
        self.vetoes: list[Fragment] = []

    def rubric(self) -> Fragment:
        items = [self.item(n, item) for n, item in enumerate(self.fragment.get("items", []), 1)]
        if not items:
            self.assumed.append("没有条目，设一个100分的条目")
            items = [{"id": "item.1", "no": "1", "theme": "g1", "text": "合计", "full_marks": 100,
                      "rules": [{"id": "1", "kind": "per_occurrence", "on": "每处", "points": 1}]}]  # fmt: skip
        themes = dict.fromkeys(item["theme"] for item in items)
        points = {theme: sum(item["full_marks"] for item in items if item["theme"] == theme) for theme in themes}
        for item in items:  # a rule that empties the whole month empties every other item too
            for rule in item["rules"]:
                if rule.get("also") == "all":
                    rule["also"] = [other["id"] for other in items if other is not item]
        return {
            "year": 2020,
            "id": self.fragment["id"],
            "title": self.fragment["title"],
            "applies_to": ["street_town"],
            "status": "demonstration",
            "reference": self.fragment["title"],
            "full_marks": sum(points.values()),
            "themes": [{"id": theme, "name": theme, "points": p} for theme, p in points.items()],
            "measures": [{"id": m, "label": m, "counted_in": "", "form": "pledge_report"} for m in FIGURES],
            "items": items,
            **self.beside(),
        }

    def beside(self) -> Fragment:
        """The clauses beside the items."""
        fragment = self.fragment
        for veto in [*fragment.get("vetoes", []), *fragment.get("veto", [])]:
            self.veto(veto["on"] if isinstance(veto, dict) else veto)
        granted = [bonus for bonus in fragment.get("bonus", []) if "points" in bonus]
        said = "".join(bonus.get("rule", "") for bonus in fragment.get("bonus", []))
        bonus = {"id": "bonus", "no": "1", "on": "加分", "levels": {b["on"]: b["points"] for b in granted},
                 "document_of_year": "年度内" in said}  # fmt: skip
        return {
            "bonus": [bonus] if granted else [],
            "outside": [self.outside(n, clause) for n, clause in enumerate(fragment.get("outside_deduction", []), 1)],
            "vetoes": self.vetoes,
            "prerequisites": [
                {"id": f"needs{n}", "no": str(n), "on": on} for n, on in enumerate(fragment.get("prerequisites", []), 1)
            ],
        }

    def veto(self, on: str) -> None:
        n = len(self.vetoes) + 1
        self.vetoes.append({"id": f"veto{n}", "no": str(n), "on": on, "effect": "force", "grade": "不合格"})

    def outside(self, n: int, clause: Fragment) -> Fragment:
        points = clause["deduct"]
        if points == "cut_off":
            self.assumed.append(f"“{clause['on']}”的分值被截断，由裁定写明")
            points = 0
        return {"id": f"outside{n}", "no": str(n), "on": clause["on"], "points": points}

    def item(self, number: int, item: Fragment) -> Fragment:
        name = item["item"]
        full = item.get("points")
        if full is None:
            full = POINTS_ASSUMED[self.fragment["id"], name]
            self.assumed.append(f"“{name}”没有印分值，按各款合计设{full}分")
        converted: Fragment = {
            "id": f"item.{number}",
            "no": str(item.get("no", number)),
            "theme": self.theme(item),
            "text": name,
            "full_marks": full,
        }
        parts, rules = [], list(self.rules(name, item.get("rules", [])))
        for n, sub in enumerate(item.get("subitems", []), 1):
            parts.append({"id": f"part{n}", "name": sub.get("name", sub.get("rule", name)), "points": sub["points"]})
            rules += [rule | {"part": f"part{n}"} for rule in self.sub_rules(sub)]
        if not rules:
            self.assumed.append(f"“{name}”没有印扣分办法，由人裁定")
            rules = [{"kind": "discretionary", "on": name}]
        numbered = [{"id": str(n), **rule} for n, rule in enumerate(rules, 1)]
        return converted | {"parts": parts, "rules": numbered}

    def theme(self, item: Fragment) -> str:
        groups = list(dict.fromkeys(other.get("group", "") for other in self.fragment["items"]))
        return f"g{groups.index(item.get('group', '')) + 1}"

    def sub_rules(self, sub: Fragment) -> Iterator[Fragment]:
        """The rules of a part that are printed as one sentence: 未研究装备扣3;未达标酌情扣2-6."""
        if "kind" in sub:
            yield from self.rules(sub["rule"], [sub | {"on": sub["rule"]}])
            return
        text = sub.get("rule", sub.get("name", "评分点"))
        found = []
        for sentence in text.split(";"):
            if ranged := re.fullmatch(r".*酌情扣(\d+)-(\d+)", sentence):
                found.append({"kind": "discretionary", "on": sentence, "least": int(ranged[1]), "most": int(ranged[2])})
            elif fixed := re.fullmatch(r".*扣(\d+)", sentence):
                found.append({"kind": "all_or_nothing", "on": sentence, "points": int(fixed[1])})
        if not found:
            self.assumed.append(f"评分点“{text}”没有印扣多少，由人裁定")
            found = [{"kind": "discretionary", "on": text}]
        yield from found

    def rules(self, name: str, rules: list[Fragment]) -> Iterator[Fragment]:
        for rule in rules:
            on = rule.get("on", rule.get("when", name))
            if rule["kind"] == "veto":
                self.veto(on)
                continue
            yield {"on": on} | getattr(self, rule["kind"])(on, rule)

    # ---- one for each kind of the fragments ----

    def per_case(self, on: str, rule: Fragment) -> Fragment:
        if rule["deduct"] is None:
            self.assumed.append(f"“{on}”没有印扣多少，由人裁定")
            return {"kind": "discretionary"}
        cap = {} if rule.get("cap", "item") == "item" else {"cap": rule["cap"]}
        return {"kind": "per_occurrence", "points": rule["deduct"], **cap}

    def all_or_nothing(self, on: str, rule: Fragment) -> Fragment:
        if rule["deduct"] == "month_total":
            self.assumed.append(f"“{on}”全月不得分：连带其余各项")
            return {"kind": "all_or_nothing", "also": "all"}
        return {"kind": "all_or_nothing", "points": rule["deduct"]}

    def graded_by_severity(self, on: str, rule: Fragment) -> Fragment:
        return {"kind": "by_severity", "levels": rule["deduct"]}

    def threshold(self, on: str, rule: Fragment) -> Fragment:
        self.assumed.append(f"“{on}”所看的指标")
        return {"kind": "threshold", "points": rule["deduct"], **MEASURES[on]}

    def comparison(self, on: str, rule: Fragment) -> Fragment:
        self.assumed.append(f"“{on}”所看的指标")
        return {"kind": "comparison", "points": rule["deduct"], **MEASURES[on]}

    def ratio_range(self, on: str, rule: Fragment) -> Fragment:
        self.assumed.append(f"“{on}”所看的指标")
        least, most = rule["deduct"]
        return {"kind": "ratio_range", "least": least, "most": most, **DONE}

    def discretionary_range(self, on: str, rule: Fragment) -> Fragment:
        if raw := re.search(r"扣(\d+)分", rule.get("raw", "")):  # as printed, though a hyphen is lost: 视情扣14分
            return {"kind": "discretionary", "on": rule["raw"], "most": int(raw[1])}
        if rule["deduct"] is None:
            return {"kind": "discretionary"}
        least, most = rule["deduct"]
        return {"kind": "discretionary", "least": least, "most": most}

    def award(self, on: str, rule: Fragment) -> Fragment:
        return {"kind": "award_on_record", "points": rule["points"]}

    def award_per_unit(self, on: str, rule: Fragment) -> Fragment:
        return {"kind": "award_on_record", "points": rule["points"], "cap": rule["cap"]}

    def late_per_day(self, on: str, rule: Fragment) -> Fragment:
        return {"kind": "lateness", "points": rule["deduct"], "per": "day"}

    def late_per_hour(self, on: str, rule: Fragment) -> Fragment:
        return {"kind": "lateness", "points": rule["deduct"], "per": "hour"}


def converted(fragment: Fragment) -> tuple[Fragment, list[str]]:
    """The fragment as a rubric, and what was assumed for it."""
    converter = Converter(fragment)
    return converter.rubric(), converter.assumed
