"""Which workbook is untidy in which way, year by year. generate.py writes this list into README.md with the cells."""

from __future__ import annotations

from data.sample import untidiness as do
from data.sample.untidiness import Mess

_EXACT = "读作同一个数，不改变得分"
_UNIT = "认作同一单位"
_DATE = "读作同一日期"
_ODD = "不能认定，待裁定；登记表中有“补定分数”"

MESSES: tuple[Mess, ...] = (
    # ---- 2020 ----
    Mess("分数用全角数字", 2020, "ST01", "self_assessment", _EXACT, do.mark(1, do.wide)),
    Mess("日期用年月日书写", 2020, "ST01", "self_assessment", _DATE, do.date_as("{y}年{m}月{d}日")),
    Mess("分数带“分”字", 2020, "ST02", "self_assessment", _EXACT, do.mark(0, lambda m: f"{m}分")),
    Mess("分数和“分”字之间有空格", 2020, "ST02", "self_assessment", _EXACT, do.mark(4, lambda m: f"{m} 分")),
    Mess("单位写俗称", 2020, "ST03", "self_assessment", _UNIT, do.label("单位", "长寿街道")),
    Mess("数字存成文本", 2020, "ST03", "self_assessment", _EXACT, do.mark(2, lambda m: m)),
    Mess("日期用点分隔", 2020, "ST04", "self_assessment", _DATE, do.date_as("{y}.{m}.{d}")),
    Mess("印出的合计与各项之和不符", 2020, "ST05", "self_assessment", "按各项分数计，提示合计不符", do.wrong_total),
    Mess("扣分原因里有换行", 2020, "ST05", "self_assessment", "原文保留", do.reason_with_break),
    Mess("条目顺序打乱", 2020, "ST06", "self_assessment", "按序号认条目，结果不变", do.rows_reordered),
    Mess("多出一列“备注2”", 2020, "ST07", "self_assessment", "列入未读内容，不影响得分", do.extra_column),
    Mess("合计公式没有算过", 2020, "ST07", "self_assessment", "按各项分数计，不比较合计", do.total_never_calculated),
    Mess("表头有空格和换行", 2020, "ST08", "self_assessment", "认得出表头", do.headings_spaced),
    Mess("单位名称中间有空格", 2020, "ST08", "self_assessment", _UNIT, do.label("单位", " 真如镇　街道 ")),
    Mess("隐藏行", 2020, "ST09", "self_assessment", "照读，并提示该行是隐藏的", do.hidden_row),
    Mess("插入空行", 2020, "ST09", "self_assessment", "跳过空行", do.blank_row),
    Mess("日期是8位数字的文本", 2020, "ST10", "self_assessment", _DATE, do.date_as("{y}{m:02d}{d:02d}")),
    Mess("单位写公章全称", 2020, "SR01", "self_assessment", _UNIT, do.label("单位", "上海市普陀区发展和改革委员会")),
    Mess("多出一张工作表“说明”", 2020, "SR02", "self_assessment", "列入未读内容", do.extra_sheet),
    Mess("有隐藏的工作表", 2020, "SR02", "self_assessment", "不用，并提示", do.hidden_sheet),
    Mess("分数写“满分”", 2020, "SR03", "self_assessment", "读作该项分值", do.mark(3, lambda m: "满分")),
    Mess("佐证材料单元格合并", 2020, "SR04", "self_assessment", "分数照读，不受影响", do.merged_evidence),
    Mess("日期是Excel天数", 2020, "SR05", "self_assessment", _DATE, do.date_as_serial),
    Mess(
        "单位写旧名（已过期一年）",
        2020,
        "SR06",
        "self_assessment",
        "认作同一单位，提示名称已变",
        do.label("单位", "区规土局"),
    ),
    Mess("数字带单位", 2020, "ST06", "pledge_report", _EXACT, do.figure(lambda f: f"{f}次")),
    Mess("数字用全角数字", 2020, "SR09", "pledge_report", _EXACT, do.figure(do.wide)),
    Mess(
        "条款括号用半角",
        2020,
        "ST04",
        "onsite_record",
        "认作同一款",
        do.first_finding("rule", lambda t: t.replace("（", "(").replace("）", ")")),
    ),
    Mess(
        "整改期限写作中文日期",
        2020,
        "ST08",
        "onsite_record",
        _DATE,
        do.first_finding("deadline", lambda t: "{}年{}月{}日".format(*map(int, t.split("-")))),
    ),
    # ---- 2019 ----
    Mess("单位写旧名（在用期内）", 2019, "SR11", "self_assessment", _UNIT, do.label("单位", "区安监局")),
    Mess("单位写旧名（在用期内）", 2019, "SR05", "self_assessment", _UNIT, do.label("单位", "区环保局")),
    Mess("日期用年月日书写", 2019, "ST04", "self_assessment", _DATE, do.date_as("{y}年{m}月{d}日")),
    Mess("分数带“分”字", 2019, "ST07", "self_assessment", _EXACT, do.mark(2, lambda m: f"{m}分")),
    Mess("印出的合计与各项之和不符", 2019, "SR14", "self_assessment", "按各项分数计，提示合计不符", do.wrong_total),
    Mess("合计公式没有算过", 2019, "ID02", "self_assessment", "按各项分数计，不比较合计", do.total_never_calculated),
    Mess("序号存成文本", 2019, "ST10", "self_assessment", "认作同一条目", do.number_as_text),
    Mess("插入空行", 2019, "SR13", "self_assessment", "跳过空行", do.blank_row),
    # ---- 2018 ----
    Mess("单位写旧名（在用期内）", 2018, "SR07", "self_assessment", _UNIT, do.label("单位", "区卫计委")),
    Mess("单位写旧名（在用期内）", 2018, "SR16", "self_assessment", _UNIT, do.label("单位", "区公安消防支队")),
    Mess("分数写“满分”", 2018, "ST01", "self_assessment", "读作该项分值", do.mark(1, lambda m: "满分")),
    Mess("表头有空格和换行", 2018, "ST06", "self_assessment", "认得出表头", do.headings_spaced),
    Mess("日期是Excel天数", 2018, "SR02", "self_assessment", _DATE, do.date_as_serial),
    Mess("多出一张工作表“说明”", 2018, "ID01", "self_assessment", "列入未读内容", do.extra_sheet),
)
