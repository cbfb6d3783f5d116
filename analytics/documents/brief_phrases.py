"""The words of the brief in Chinese and English. Data (names, facts, clauses) stay as they were read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from analytics.problems import Language

PHRASES: Mapping[str, tuple[str, str]] = {
    # the frame
    "title": ("{year}年度安全生产和消防工作考核简报", "Work-safety and fire-safety assessment {year}: brief"),
    "subtitle": ("{unit}（{kind}）", "{unit} ({kind})"),
    "synthetic": ("合成示例数据，非真实考核结果", "Synthetic sample data, not a real result"),
    "demonstration": ("示范细则（非正式文件）", "Demonstration rubric, not an official document"),
    "footer": ("本单位记录 {record} · 细则 {rubric}", "Record of this unit {record} · rubric {rubric}"),
    "numbered": ("{number}、{title}", "{number}. {title}"),
    "list": ("、", ", "),
    "stop": ("；", "; "),
    "none": ("—", "—"),
    "item": ("第{no}项", "Item {no}"),
    "item_text": ("{no}. {text}", "{no}. {text}"),
    # 1 the result
    "result": ("结论", "Result"),
    "lead": (
        "得分{total}分，等级“{grade}”，在{kind}中列{rank}",
        '{total} points, grade "{grade}", {rank} in the class {kind}',
    ),
    "lead_unranked": ("得分{total}分，等级“{grade}”，不参加排名", '{total} points, grade "{grade}", not ranked'),
    "lead_barred": ("不予参评，没有得分、等级和名次", "Not admitted: no score, no grade, no rank"),
    "lead_waiting": ("有{count}项待裁定", "{count} matters await a decision"),
    "lead_nothing_yet": ("，得分、等级和名次待定", "; score, grade and rank are open"),
    "lead_range": (
        "，裁定后得分在{least}—{most}分之间，等级{word}{grades}",
        "; the score will be from {least} to {most}, the grade {word}{grades}",
    ),
    "may_be": ("可能为", "may be "),
    "will_be": ("为", "will be "),
    "lead_grade_open": (
        "得分{total}分，等级待定（{grades}），在{kind}中列{rank}",
        "{total} points, grade open ({grades}), {rank} in the class {kind}",
    ),
    "lead_grade_open_unranked": (
        "得分{total}分，等级待定（{grades}），不参加排名",
        "{total} points, grade open ({grades}), not ranked",
    ),
    "quoted": ("“{text}”", '"{text}"'),
    "or": ("或", " or "),
    "range": ("{least}—{most}", "{least}–{most}"),
    "grade_open": ("待定", "open"),
    "caution": ("{text}。", "{text}."),
    "open_question": ("待定：{text}。", "Open: {text}."),
    "barred": ("不予参评：{because}（{clause}）。", "Not admitted: {because} ({clause})."),
    "bar": ("不予参评", "not admitted"),
    "quota": (
        "按得分为“{by_points}”；该等级的名额已满，等级为“{grade}”（见计分口径）。",
        'By points: "{by_points}". The places of that grade are taken: "{grade}" (see the settings).',
    ),
    "place": ("为第{best}名", "is {best}"),
    "places": ("可能为第{best}—{worst}名", "may be {best} to {worst}"),
    "rank_open": (
        "名次是现有总分的单位之间的名次；本类还有事项待裁定，全部裁定后本单位{rank}。",
        "The rank is among the units that have a total; once all decisions of the class are taken it {rank}.",
    ),
    "rank_range": (
        "裁定后在{kind}中{rank}。",
        "Once decided, the rank in the class {kind} {rank}.",
    ),
    "rank": ("第{rank}名/{ranked}个", "{rank} of {ranked}"),
    "exact": (
        "等级按未取整的得分{total}分评定，保留{decimals}位小数会跨过等级线，故多列小数位。",
        "The grade follows the exact {total} points; {decimals} decimals would show the next grade,"
        " so more are printed.",
    ),
    "years": ("与上年比较", "Compared with last year"),
    "years_head": ("年度|得分|等级|名次|可比内容得分率", "Year|Points|Grade|Rank|Rate on shared items"),
    "change": ("变化", "Change"),
    "rate_moved": ("{points}个百分点", "{points} percentage points"),
    "rank_up": ("上升{n}位", "up {n}"),
    "rank_down": ("下降{n}位", "down {n}"),
    "rank_same": ("持平", "same"),
    "comparable": (
        "两年的考核内容和分值相同，总分可直接比较。",
        "Both years asked the same items for the same points: totals can be compared directly.",
    ),
    "not_comparable": (
        "两年细则不同，总分仅供参照；可比的是两年都有的{shared}项（本年共{points}分）的得分率，都按本年分值折算。",
        "The rubrics differ, so totals are for orientation only; what compares is the rate on the {shared} shared items"
        " ({points} points this year), both years weighted by this year's points.",
    ),
    "nothing_shared": (
        "两年没有相同的考核内容，总分不可比。",
        "The two years share no item: totals do not compare.",
    ),
    "ranks_differ": (
        "参加排名的单位数由{before}个变为{now}个，名次仅供参照。",
        "The number of ranked units went from {before} to {now}: ranks are for orientation only.",
    ),
    "no_last_year": (
        "没有该单位上年的计分记录，不作比较。",
        "There is no record of the unit for last year, so nothing is compared.",
    ),
    "most_lost": (
        "失分最多的是“{theme}”，扣{points}分，占考核内容全部扣分的{share}；单笔扣分最大为{largest}分（{what}）。",
        'Most was lost under "{theme}": {points} points, {share} of all points lost on items;'
        " the largest single deduction is {largest} ({what}).",
    ),
    "still_open": (
        "检查记录的{count}个问题中，{open}个未销号{overdue}。",
        "Of {count} problems that inspections recorded, {open} are not closed{overdue}.",
    ),
    "of_these_overdue": (
        "（{overdue}个已逾期）",
        " ({overdue} overdue)",
    ),
    "all_closed": (
        "检查记录的{count}个问题均已销号。",
        "All {count} problems that inspections recorded are closed.",
    ),
    "nothing_lost": ("各项考核内容均未扣分。", "No points were lost on any item."),
    "undecided": ("有考核内容待裁定，失分情况尚未确定。", "Some items are undecided, so losses are not final."),
    "effect": (
        "按得分为“{by_points}”；因{because}，{word}（{clause}）。",
        'By points: "{by_points}". Because of {because}: {word} ({clause}).',
    ),
    "cap": ("等级最高为“{grade}”", 'grade at most "{grade}"'),
    "force": ("等级定为“{grade}”", 'grade set to "{grade}"'),
    "lifted": ("已解除", "lifted"),
    "waiting": (
        "待裁定共{count}项、{points}分：{what}。",
        "Awaiting a decision: {count} items, {points} points: {what}.",
    ),
    "self_only": (
        "有{count}项共{points}分未核，按自评计（{what}）。",
        "{count} items with {points} points were not verified and count as self-assessed: {what}.",
    ),
    "not_applicable": (
        "不涉及{count}项共{points}分（{what}），其分值按比例折算到其余各项。",
        "{count} items with {points} points do not apply: {what}; their weight goes to the others in proportion.",
    ),
    "class_mean": (
        "不涉及{count}项共{points}分（{what}），按细则取本类平均分。",
        "{count} items with {points} points do not apply: {what}; by the rubric they get the mean of the class.",
    ),
    # 2 themes
    "themes": ("一级指标得分", "Points by theme"),
    "themes_head": (
        "一级指标|分值|得分|得分率|本类平均得分率|本类最高得分率",
        "Theme|Points|Awarded|Rate|Class mean rate|Class best rate",
    ),
    "total": ("合计", "Total"),
    "themes_note": (
        "合计为考核内容得分，不含加分、百分外扣分和折算。本类指{kind}中得分已定的单位（含本单位），只列汇总数；不足{fewest}个时不列。",
        "The total is that of the items, without bonus, outside deductions and re-weighting. Class: decided {kind},"
        " aggregates only; none are given for fewer than {fewest} units.",
    ),
    "full_themes": ("得满分的一级指标：{what}。", "Themes with full marks: {what}."),
    "full_unverified": ("“{theme}”（其中{count}项未核，按自评计）", '"{theme}" ({count} items of it not verified)'),
    "full_verified": ("“{theme}”", '"{theme}"'),
    "verified_full": (
        "经核查的{verified}项中，{full}项得满分。",
        "Of {verified} verified items, {full} have full marks.",
    ),
    "bonus": ("加分：{what}。", "Bonus: {what}."),
    "bonus_one": ("{because}（+{points}分）", "{because} (+{points})"),
    # 3 deductions
    "losses": ("扣分情况", "Deductions"),
    "sum": (
        "满分{full}分，{count}项考核内容共扣{lost}分{converted}{steps}，得分{total}分。",
        "Of {full} points, {count} items lost {lost}{converted}{steps}, which leaves {total}.",
    ),
    "sum_open": (
        "满分{full}分，{count}项考核内容已定扣{lost}分{converted}{steps}，其余待裁定。",
        "Of {full} points, {count} items lost {lost}{converted} so far{steps}; the rest is undecided.",
    ),
    "unrounded": ("（未取整为{exact}）", " ({exact} unrounded)"),
    "before_conversion": (
        "表中各项扣分是折算前的分数，折算见“总分的组成”。",
        "Points of items are those before conversion; see what the total is made of.",
    ),
    "converted": ("（按所属部分的权重折算后）", " (by the weight of their part)"),
    "rounded": (
        "句中各数四舍五入到4位小数，得分按未取整的数计算。",
        "Numbers here have 4 decimals; the score is computed from the exact ones.",
    ),
    "parts": ("总分的组成", "What the total is made of"),
    "parts_head": (
        "部分|满分|得分|规定权重|在总分中占|计入总分",
        "Part|Full|Awarded|Weight|Worth in the total|Counts",
    ),
    "part_missing": ("没有成绩，权重分给其余部分", "none; its weight goes to the others"),
    "part_open": ("待定", "open"),
    "interest": ("，利益关联见“结论”", "; conflict of interest, see Result"),
    "step": ("，{label}（{points}分）", ", {label} ({points})"),
    "losses_head": (
        "扣分|条款|考核内容及其扣分事实|证据编号|出处",
        "Points|Clause|Item, and its facts|Evidence|Cell",
    ),
    "clause": ("（{no}）", "({no})"),
    "notes": ("（{notes}）", " ({notes})"),
    "self_clause": ("自评", "self"),
    "item_unverified": ("（未核，按自评）", " (not verified)"),
    "decided": ("{id}号裁定，{person}，{date}", "decision {id}, {person}, {date}"),
    "decided_as": ("{id}号裁定", "decision {id}"),
    "clauses_of": (
        "底色行为考核内容及其扣分合计，以下为各笔扣分：（1）指该项第（1）款，“自评”指单位自己扣分。条款均出自{reference}。"
        "出处写作“文件序号 工作表!单元格”，文件序号见“数据来源”。",
        "Shaded rows are items with what they lost, then each deduction: (1) is the item's clause 1, self is the unit's"
        " own deduction. Clauses are those of {reference}. A cell is given as file number, sheet!cell; the numbers are"
        ' those under "Sources".',
    ),
    "also_seen": ("同时查见、已到扣分上限、不再扣分的情形", "Also seen, past the cap, no further deduction"),
    "also_head": ("项|条款|事实|证据编号|出处", "Item|Clause|Fact|Evidence|Cell"),
    "steps": ("考核内容以外的加减分", "Beyond the items"),
    "steps_head": ("分值|类别|事由（依据、裁定）|出处", "Points|Kind|Reason (clause, decision)|Cell"),
    "step_bonus": ("加分", "bonus"),
    "step_outside": ("百分外扣分", "outside deduction"),
    "step_part": ("其他部分", "other part"),
    "step_reweight": ("缺项折算", "re-weighting"),
    "step_limit": ("总分上下限", "limit of the total"),
    # 4 self-assessed and verified
    "gap": ("自评与核定", "Self-assessed and verified"),
    "gap_head": ("考核内容|分值|自评分|核定分|核定减自评", "Item|Points|Self|Verified|Verified − self"),
    "gap_all": (
        "已核定{verified}项中，{same}项与自评一致{differing}。",
        "Of {verified} verified items {same} agree with the self-assessment{differing}.",
    ),
    "gap_below": ("，{count}项低于自评（共{points}分）", ", {count} are lower (by {points} in all)"),
    "gap_above": ("，{count}项高于自评（共{points}分）", ", {count} are higher (by {points} in all)"),
    "gap_none": ("没有同时有自评分和核定分的考核内容。", "No item has both a self-mark and a verified mark."),
    "self_full": ("自评各项均为满分。", "Every self-mark is full."),
    "self_missing": ("{count}项没有可认定的自评分：{what}。", "{count} items have no valid self-mark: {what}."),
    # 5 accidents
    "accidents": ("事故与火灾", "Accidents and fires"),
    "accidents_head": ("指标|本年|上年|增减", "Figure|This year|Last year|Change"),
    "accident_change": ("{label}{value}（上年{before}）", "{label} {value} (last year {before})"),
    "accident_alone": ("{label}{value}", "{label} {value}"),
    "accident_sentence": ("本年度{what}。", "This year: {what}."),
    "accidents_zero": ("其余各项本年和上年均为0", "all else 0 in both years"),
    "accidents_all_zero": ("本年和上年各项均为0。", "All figures are 0 in both years."),
    "small_numbers": ("件数较少，增减不宜单独解读。", "Counts are small; changes should not be read on their own."),
    "restated": (
        "{label}：本年统计表所列上年数为{stated}，上年统计表为{recorded}，以本年统计表为准。",
        "{label}: this year's statistics put last year at {stated}, last year's own at {recorded}; the former is used.",
    ),
    "no_accidents": ("没有该单位的事故与火灾统计数。", "There are no accident statistics for the unit."),
    "effects_head": ("情形|效果|依据", "Circumstance|Effect|Clause"),
    "effects": ("一票否决与等级限制", "Vetoes and caps"),
    "no_effects": ("没有一票否决或限制等级的情形。", "Nothing vetoes or caps the grade."),
    # 6 last year's findings
    "leftovers": ("上年遗留问题", "Open from last year"),
    "leftovers_head": (
        "上年发现的问题|整改期限|责任人|上年状态|本年同项",
        "Found last year|Deadline|Person|State last year|Same item this year",
    ),
    "leftovers_sum": (
        "上年记录中有{count}个问题未销号，其中{again}个所在的考核内容本年再次扣分。",
        "Last year's record leaves {count} problems not closed; in {again} of them the same item lost points again.",
    ),
    "leftovers_once": (
        "上年记录中有{count}个问题未销号，所在的考核内容本年均未再扣分。",
        "Last year's record leaves {count} problems not closed; none of their items lost points again.",
    ),
    "no_leftovers": ("上年记录的问题均已销号。", "Every problem on last year's record was closed."),
    "no_findings_before": ("上年没有对该单位的问题记录。", "Last year's record holds no problem of the unit."),
    "no_record_before": ("没有上年的记录，无法核对遗留问题。", "There is no record of last year to compare with."),
    "again": ("第{no}项，再扣{points}分", "Item {no}: {points} lost again"),
    "not_again": ("第{no}项，未再扣分", "Item {no}: nothing lost"),
    "no_such_item": ("本年细则无此项", "Not in this year's rubric"),
    # 7 problems of this year
    "problems": ("整改台账", "Rectification ledger"),
    "problems_head": (
        "条款|问题|来源|整改期限|责任人|状态、复查",
        "Clause|Problem|Source|Deadline|Person|State, re-check",
    ),
    "problems_sum": (
        "本年检查记录问题{count}个：已销号{closed}个，未销号{left}个（未整改{open}个，未写明{unknown}个）。",
        "This year's inspections recorded {count} problems: {closed} closed, {left} not closed ({open} open,"
        " {unknown} not stated).",
    ),
    "overdue_sum": (
        "截至{as_of}（全部记录中最晚的检查、复查日期），未销号的有{overdue}个逾期。",
        "As of {as_of}, the latest inspection or re-check on record, {overdue} of these are overdue.",
    ),
    "overdue_none": (
        "截至{as_of}（全部记录中最晚的检查、复查日期），未销号的都没有逾期。",
        "As of {as_of}, the latest inspection or re-check on record, none of these is past its deadline.",
    ),
    "rechecked_sum": (
        "已复查{count}个，{failed}个没有通过，算未整改。",
        "{count} were re-checked; {failed} did not pass and count as open.",
    ),
    "rechecked_passed": ("已复查{count}个，都已通过。", "{count} were re-checked, and all passed."),
    "found_again": (
        "有{count}个问题所在的考核内容上年也查出过问题（{what}）。",
        "{count} problems are on items that had one last year as well: {what}.",
    ),
    "problems_closed": (
        "已销号的见“扣分情况”，此处不再列出。",
        "Those closed are told under Deductions and left out here.",
    ),
    "past": ("{standing}，逾期", "{standing}, overdue"),
    "failed": ("{day}复查未通过", "re-check failed {day}"),
    "passed": ("{state}，{day}复查通过", "{state}, re-check passed {day}"),
    "no_result": ("{state}，{day}复查未写结果", "{state}, re-check without result {day}"),
    "by_onsite": ("现场", "on site"),
    "by_special": ("专项", "special"),
    "by_desk": ("资料", "desk"),
    "numbers": ("第{numbers}项", "items {numbers}"),
    "no_problems": ("现场巡查、专项督查和资料核查没有记录问题。", "The inspections recorded no problem."),
    "closed": ("已销号", "closed"),
    "open": ("未整改", "open"),
    "unknown": ("未写明", "not stated"),
    # 8 basis
    "basis": ("计分依据与说明", "Basis and notes"),
    "settings": (
        "计分口径（注“假定”的，通知没有规定，可由考核办公室改定）：",
        "Settings of the scoring (where it says assumed, the notice leaves it open):",
    ),
    "setting": ("{number}. {says}【{source}】。", "{number}. {says} [{source}]."),
    "assumed": ("假定", "assumed"),
    "notice": ("通知{where}", "notice {where}"),
    "slips": (
        "细则原文疑似笔误之处（照原文录入和计分，不作改动，请核对原件）：",
        "What looks like a slip in the rubric (scored as printed, not mended; please check the original):",
    ),
    "assumptions": ("本单位计分中的假定：{what}。", "Assumed in scoring this unit: {what}."),
    "sources": ("数据来源", "Sources"),
    "sources_head": ("序号|文件|SHA-256 前12位", "No.|File|SHA-256, first 12"),
    "run": (
        "细则：{title}（{rubric}）。本单位计分记录 SHA-256 {record}。",
        "Rubric: {title} ({rubric}). Record of this unit: SHA-256 {record}.",
    ),
    "chain": ("存档链：批次{run}，SHA-256 {head}", "record chain: run {run}, SHA-256 {head}"),
    # 9 signatures
    "signatures": ("确认签字", "Signatures"),
    "sign_lead": ("考核组组长", "Head of the inspection group"),
    "sign_unit": ("被考核单位主要负责人", "Head of the assessed unit"),
    "sign_date": ("日期", "Date"),
}

NUMERALS = "一二三四五六七八九十"


class Words:
    """Phrases of one language by key, with their facts filled in. KeyError for an unknown key."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def __call__(self, key: str, **facts: object) -> str:
        return PHRASES[key][0 if self.language == "zh" else 1].format_map(facts)

    def head(self, key: str) -> tuple[str, ...]:
        """A table's header row: its phrase, split at the bars."""
        return tuple(self(key).split("|"))

    def listed(self, texts: list[str]) -> str:
        return self("list").join(texts)

    def either(self, texts: Iterable[str]) -> str:
        """One of the texts, each in quotation marks: “优秀”、“良好”或“合格”."""
        *most, last = (self("quoted", text=text) for text in texts)
        return self("or").join(filter(None, [self.listed(most), last]))

    def sentences(self, texts: list[str]) -> str:
        """Whole sentences, one after another."""
        return ("" if self.language == "zh" else " ").join(texts)

    def circled(self, number: int) -> str:
        """①, ② … ⑳, then (21)."""
        return chr(ord("①") + number - 1) if number <= 20 else f"({number})"

    def numbered(self, number: int, title: str) -> str:
        """A section title with its number: 一、 or 1."""
        shown = NUMERALS[number - 1] if self.language == "zh" else str(number)
        return self("numbered", number=shown, title=title)
