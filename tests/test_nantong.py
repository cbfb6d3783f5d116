"""A real published table, from workbook to ranks: Nantong, August 2017, 20 streets, weights 40, 40 and 20.

Source: 8月份南通市区城市长效综合管理考核通报, data/published/nantong_2017_08/source.yaml.
"""

from decimal import Decimal
from itertools import pairwise

from analytics.intake.components import read_component_table
from analytics.policy import Weighted
from analytics.scoring import competition_ranks
from analytics.scoring.combination import weigh
from analytics.workspace import REPOSITORY

TABLE = read_component_table(REPOSITORY / "data" / "published" / "nantong_2017_08" / "得分表.xlsx")
WEIGHTS = Weighted(kind="weighted", weights=TABLE.weights)
TOTALS = {row.unit: weigh({name: part.value for name, part in row.components.items()}, WEIGHTS) for row in TABLE.rows}
RANKS = competition_ranks(TOTALS)
PRINTED = {row.unit: row for row in TABLE.rows}


def test_the_printed_totals_are_reproduced_within_the_sources_rounding() -> None:
    off = {name: abs(TOTALS[name] - row.printed_total) for name, row in PRINTED.items() if row.printed_total}
    assert len(off) == 19
    assert max(off.values()) == Decimal("0.006") == off["金沙街道"]


def test_two_printed_ranks_contradict_the_exact_totals() -> None:
    """Both print 94.31; the one printed fourth has the lower exact total."""
    wrong = {name: (row.printed_rank, RANKS[name]) for name, row in PRINTED.items() if row.printed_rank != RANKS[name]}
    assert wrong == {"新开街道": (4, 5), "钟秀街道": (5, 4)}
    assert (TOTALS["新开街道"], TOTALS["钟秀街道"]) == (Decimal("94.308"), Decimal("94.310"))


def test_the_unit_whose_total_is_cut_off_has_an_exact_total_and_the_last_rank() -> None:
    cut = [name for name, row in PRINTED.items() if row.printed_total is None]
    assert (cut, TOTALS["城东街道"], RANKS["城东街道"]) == (["城东街道"], Decimal("90.650"), 20)


def test_eight_of_nineteen_neighbouring_gaps_are_under_a_tenth() -> None:
    ordered = sorted(TOTALS.values(), reverse=True)
    assert sum(a - b < Decimal("0.1") for a, b in pairwise(ordered)) == 8


def test_a_unit_without_an_on_site_part_is_re_weighted_and_not_zero() -> None:
    parts = {name: part.value for name, part in PRINTED["中兴街道"].components.items()} | {"现场": None}
    assert weigh(parts, WEIGHTS) == Decimal("95.70")
