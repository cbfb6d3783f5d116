"""README.md of the sample: what it is, where each unit should end, and every untidiness with its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from data.sample.plan import UnitYear

_HEAD = """\
# 合成示例数据

**合成示例数据，非真实考核结果。** 三年（2018—2020）的报表全部由程序编造：单位名称是真实的，分数、事故、事项、
文号和人名都是虚构的，人名后面都注明“（示例）”，地点都叫“示例……”。每个工作簿第3行也写明“合成示例数据”。
细则本身也是示范（`data/rubrics`）。

Everything here is made up by a program with fixed seeds. To write it again, byte for byte, in the repository:

```
python -m data.sample.generate
```

`stories.py` 写明各单位的去向和大事，`draw.py` 据此编出自评分、问题、数据和裁定，`filled.py` 填入 `analytics` 的空白表，
`messes.py` 和 `untidiness.py` 再把其中一部分弄乱。改了细则或表头以后重新生成即可。

- 每年：30 份自评表和履职践诺报告书、10 份现场巡查记录、3 份专项督查清单、1 份事故和火灾统计表、裁定和收件登记表各1份。
- 自评分普遍偏高（多数在 98 分以上，有的全满分），核定以后街道镇约 79—94 分，部门约 91—98 分；名次常常只差 0.1—0.3 分。
- 2020 年：宜川路街道与真如镇街道并列，区生态环境局与区卫生健康委并列；长征镇按分数是优秀，因死亡事故定为良好；
  甘泉路街道差 0.1 分不到优秀；区体育局因虚报加倍和百分外扣分只得合格；桃浦镇逾期2日。
- 2019 年长风新村街道的死亡事故封顶已由裁定解除。
- 2018 年区绿化市容局瞒报被一票否决，区建管委因死亡事故定为良好，桃浦镇只得合格。
- 同一项的扣分常常连年出现；年底仍有问题没有整改完，可以查下一年要“回头看”什么。
- 2020 年的巡查记录和督查清单多了复查日期、复查结果两栏，到期的问题有一部分复查过，有几个写了已整改却没有通过。

## 各单位应得的总分

由编造数据时的计划算出，没有经过 `analytics.scoring`，可以用来核对。等级未列：一票否决和封顶见上文。
有“不涉及”裁定的按比例折算，四舍五入到2位。

"""


@dataclass(frozen=True, slots=True)
class Listed:
    """A line of the table of untidinesses."""

    year: int
    kind: str
    file: str
    where: str
    expected: str


def compose_readme(listed: Sequence[Listed], plans: Mapping[int, Mapping[str, UnitYear]]) -> str:
    """The whole text."""
    years = sorted(plans)
    totals = [_row("单位", *map(str, years)), _row(*["---"] * (len(years) + 1))]
    for unit_id, plan in plans[years[-1]].items():
        cents = (f"{plans[year][unit_id].total.quantize(Decimal('0.01'))}" for year in years)
        totals.append(_row(plan.unit.name, *cents))
    kinds = len({line.kind for line in listed})
    messes = [_row("年度", "情形", "文件", "位置", "应当怎样处理"), _row(*["---"] * 5)]
    messes += [_row(str(x.year), x.kind, x.file, x.where, x.expected) for x in listed]
    text = (
        f"\n\n## 哪些报表不整齐\n\n共{kinds}种、{len(listed)}处，其余报表都是整齐的。被退回的后面都有一份有效的。\n\n"
    )
    return _HEAD + "\n".join(totals) + text + "\n".join(messes) + "\n"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
