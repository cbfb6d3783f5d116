"""What the made-up years are about: where each unit ends, what happened, how findings are worded. All invented."""

from __future__ import annotations

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

CLEAN = "未发现问题"
NOTE = "合成示例数据，非真实考核结果"
YEARS = (2018, 2019, 2020)
RECHECKS_SINCE = 2020  # the forms before had no columns for them
LAST_RECHECK = datetime.date(2020, 11, 20)  # by then the year's decisions are taken

# Where each unit ends in 2018, 2019 and 2020. Streets lie wide apart but often within 0.3 of the next; departments
# bunch high, as in published results. 2020: ST06 and ST08 tie, SR05 and SR07 tie, ST04 misses 90 by 0.1, SR08 passes.
TOTALS: dict[str, tuple[str, str, str]] = {
    "ST01": ("89.95", "91.40", "92.85"),
    "ST02": ("91.30", "92.05", "92.80"),
    "ST03": ("88.60", "87.35", "90.15"),
    "ST04": ("86.20", "88.10", "89.90"),
    "ST05": ("87.45", "86.90", "86.15"),
    "ST06": ("90.10", "90.85", "91.20"),
    "ST07": ("92.40", "93.15", "94.35"),
    "ST08": ("85.30", "87.80", "91.20"),
    "ST09": ("90.75", "89.60", "92.65"),
    "ST10": ("78.95", "83.40", "85.05"),
    "SR01": ("96.40", "96.75", "97.35"),
    "SR02": ("94.60", "95.30", "95.85"),
    "SR03": ("97.10", "96.90", "97.30"),
    "SR04": ("92.35", "93.40", "94.10"),
    "SR05": ("95.45", "95.90", "96.55"),
    "SR06": ("95.70", "96.20", "96.50"),
    "SR07": ("94.15", "94.85", "96.55"),
    "SR08": ("93.20", "92.60", "79.80"),
    "SR09": ("91.30", "93.05", "93.60"),
    "SR10": ("91.85", "92.70", "93.15"),
    "SR11": ("97.60", "97.95", "98.40"),
    "SR12": ("93.90", "94.30", "94.05"),
    "SR13": ("95.05", "95.60", "96.10"),
    "SR14": ("92.80", "92.95", "93.10"),
    "SR15": ("94.90", "95.25", "95.80"),
    "SR16": ("96.85", "97.20", "97.90"),
    "ID01": ("95.35", "96.05", "96.80"),
    "ID02": ("92.45", "93.70", "94.75"),
    "ID03": ("93.85", "94.40", "94.70"),
    "ID04": ("94.55", "95.10", "95.40"),
}


def total(unit: str, year: int) -> Decimal:
    """Where the unit ends in ``year``."""
    return Decimal(TOTALS[unit][YEARS.index(year)])


@dataclass(frozen=True, slots=True)
class Event:
    """A decision beyond the findings. ``effect``: what it does to the total; ``clause``: a clause's id in the rubric.

    ``matter`` names what a bonus is for; ``points`` is what the register says, where that differs from ``effect``.
    """

    kind: str
    reason: str
    effect: Decimal = Decimal(0)
    clause: str = ""
    matter: str = ""
    points: Decimal | None = None


def _event(kind: str, reason: str, effect: str = "0", clause: str = "", matter: str = "", points: str = "") -> Event:
    return Event(kind, reason, Decimal(effect), clause, matter, Decimal(points) if points else None)


_GRID = "“一网统管”消防网格试点"
EVENTS: dict[tuple[int, str], tuple[Event, ...]] = {
    (2018, "ST02"): (_event("加分", "区级表彰文件为据", "0.5", "bonus.award", "119消防先进集体", "0.5"),),
    (2018, "ST10"): (
        _event("百分外扣分", "仓库火灾处置不力，受区政府通报批评", "-1", "outside.criticism", "", "1"),
        _event("逾期扣分", "自评表逾期2日报送", "-1", "outside.late", "", "1"),
    ),
    (2018, "SR09"): (_event("否决", "下属养护单位一起伤人事故隐瞒不报，经查实", "0", "veto.concealment"),),
    (2018, "SR16"): (_event("复核", "单位补充提供原始记录，复核后调整核定分", "0.2"),),
    (2018, "ID03"): (_event("不涉及", "本单位当年无此项职责"),),
    (2019, "ST02"): (_event("解除", "经调查认定为非生产安全责任事故", "0", "veto.deaths"),),
    (2019, "ST06"): (_event("复核", "巡查组复看原始记录，认定部分问题当场已整改", "0.2"),),
    (2019, "ST09"): (_event("百分外扣分", "市级暗访通报", "-1", "outside.criticism", "", "1"),),
    (2019, "SR11"): (_event("加分", "经验材料被市级简报推广", "2", "bonus.practice", "执法与服务联动机制", "2"),),
    (2019, "SR12"): (_event("逾期扣分", "自评表逾期1日报送", "-1", "outside.late", "", "1"),),
    (2019, "ID04"): (_event("虚报加倍", "该项上报情况与台账不符"),),
    (2020, "ST05"): (_event("复核", "单位申诉并补充材料，复核后调整核定分", "0.2"),),
    (2020, "ST07"): (
        _event("加分", "区级现场会交流", "0", "bonus.practice", _GRID, "1"),
        _event("加分", "市级推广，同一事项只计最高一级", "2", "bonus.practice", _GRID, "2"),
    ),
    (2020, "ST08"): (_event("加分", "区级表彰文件为据", "0.5", "bonus.award", "安全社区创建先进单位", "0.5"),),
    (2020, "ST10"): (_event("逾期扣分", "自评表、报告书逾期2日报送", "-2", "outside.late", "", "2"),),
    (2020, "SR08"): (
        _event("虚报加倍", "该项填报的记录经核对系事后补写"),
        _event("百分外扣分", "两项自查材料与事实不符", "-2", "outside.false_report", "", "2"),
        _event("百分外扣分", "受区政府通报批评1次", "-1", "outside.criticism", "", "1"),
    ),
    (2020, "SR01"): (_event("不涉及", "本单位无此项监管对象"),),
    (2020, "SR16"): (
        _event("加分", "有效处置高层住宅火情，受市级通报表扬", "2", "bonus.rescue", "高层住宅火灾扑救", "2"),
    ),
}

# Accidents, deaths, fires, fire deaths where the story needs them: (year, unit) → figures; the rest is drawn.
ACCIDENTS: dict[tuple[int, str], dict[str, int]] = {
    (2018, "SR04"): {"accidents": 3, "deaths": 1},
    (2019, "SR04"): {"accidents": 2, "deaths": 0},
    (2018, "ST02"): {"deaths": 0, "accidents": 1},
    (2019, "ST02"): {"deaths": 1, "accidents": 1},
    (2020, "ST02"): {"deaths": 0, "accidents": 1},
    (2019, "ST09"): {"deaths": 0, "accidents": 2},
    (2020, "ST09"): {"deaths": 1, "accidents": 2},
}

# Late units: the register has the self-assessment (and in 2020 the report) so many days after the deadline.
LATE: dict[tuple[int, str], int] = {(2018, "ST10"): 2, (2019, "SR12"): 1, (2020, "ST10"): 2}


@dataclass(frozen=True, slots=True)
class Campaign:
    """A special inspection: its name, who led it, and its first and last day."""

    name: str
    lead: str
    first: datetime.date
    last: datetime.date


_EXPO = {2018: "首届", 2019: "第二届", 2020: "第三届"}


def campaigns(year: int) -> tuple[Campaign, ...]:
    """The three special inspections of a year."""
    day = datetime.date
    return (
        Campaign(f"{year}年春节和两会期间安全生产专项督查", "区安委办", day(year, 1, 8), day(year, 1, 19)),
        Campaign(
            f"{year}年汛期和高温季节安全生产专项督查", "区安委办、区消防救援支队", day(year, 6, 10), day(year, 6, 21)
        ),
        Campaign(f"{_EXPO[year]}进博会安全保障专项督查", "区安委办", day(year, 9, 16), day(year, 9, 27)),
    )


# Items that most units get wrong a little, by the start of their id.
COMMON_FAULTS = (
    "campaign.ebike", "campaign.high_rise", "campaign.rental", "base.micro_station", "system.ledger", "base.drills",
    "system.annual_plan", "duty.leaders_inspect", "hazards.recheck", "duty.enterprise", "venues.exits", "works.sites",
)  # fmt: skip

PLACES = (
    "示例小区3号楼", "示例花园12号", "示例商务楼", "示例农贸市场", "示例养老院", "示例仓库",
    "示例沿街商铺", "示例幼儿园", "示例工业园", "示例工地", "示例居民区", "示例宾馆",
    "示例医院门诊楼", "示例地下车库", "示例加工厂", "示例培训机构",
)  # fmt: skip
PERSONS = (
    "张启明", "李文博", "王立新", "陈志远", "刘海波", "赵国梁", "周晓峰", "吴建平", "徐红梅", "孙丽华",
    "朱永刚", "胡春燕", "高振宇", "林雅琴", "何俊杰", "郭秀英", "马晓东", "罗志强", "梁静怡", "宋卫国",
)  # fmt: skip
DECIDERS = ("沈国栋（示例）", "钱敏（示例）", "陆文杰（示例）")

# More natural wording for often-seen conditions, by the condition as the rubric has it; {n} occurrences at {place}.
FACTS: dict[str, tuple[str, ...]] = {
    "抽查发现楼道内停放充电，每处": (
        "{place}楼道内停放电动自行车并拉线充电{n}处",
        "{place}底层门厅违规停放充电{n}处，未见劝阻记录",
    ),
    "抽查发现消防车通道、疏散通道堵塞占用，每处": (
        "{place}疏散楼梯间堆放杂物{n}处",
        "{place}消防车通道被车辆占用{n}处",
    ),
    "抽查发现消防设施损坏停用，每处": ("{place}消火栓无水或缺件{n}处", "{place}火灾自动报警系统故障点{n}处未修复"),
    "企业档案缺失，每少1家": ("抽看企业档案，缺{n}家小微企业的检查记录和联系方式",),
    "检查记录不完整、未告知整改要求，每份": ("抽查检查记录，{n}份没有被检查人签字或整改要求",),
    "带队检查无记录或记录不规范，每次": ("查阅领导带队检查记录，{n}次缺检查时间或问题清单",),
    "复查记录缺失或与现场不符，每处": ("隐患复查台账中{n}处没有复查照片，与现场不符",),
    "器材配备不足或不能使用，每站每缺1种": ("{place}微型消防站缺{n}种器材（空气呼吸器、破拆工具等）",),
    "拉动测试未在规定时间到场，每次": ("{place}微型消防站拉动测试{n}次超过5分钟到场",),
    "抽查场所疏散通道、安全出口堵塞或锁闭，每处": ("{place}安全出口上锁或被货物遮挡{n}处",),
    "抽查作业现场存在一般隐患，每处": ("{place}临边防护、临时用电不规范{n}处",),
    "演练走过场、无评估总结": ("应急演练只有方案和照片，没有评估总结",),
    "台账内容不完善": ("工作台账缺季度小结，部分月份内容重复",),
}

# Marks that no program may read as a number, on items that nobody else looked at: each gets a 补定分数.
ODD_MARKS: dict[tuple[int, str], Literal["blank", "range"]] = {
    (2018, "ST03"): "blank",
    (2019, "SR06"): "range",
    (2020, "ST04"): "blank",
    (2020, "SR13"): "range",
}
# A blank self-mark on an item that an inspection has looked at: no decision is needed.
BLANK_BUT_SEEN = {(2019, "ST01"), (2020, "ST02"), (2020, "SR07")}
# A figure that the office left unchecked: the rule stays blind, and says so.
UNCHECKED: dict[tuple[int, str], str] = {(2020, "SR14"): "tips_handled"}
