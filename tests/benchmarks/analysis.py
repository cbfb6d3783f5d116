"""How fast the analysis answers, in one go: ``python tests/benchmarks/analysis.py [--units N --items N --draws N]``.

First every question that a yearbook answers, on the scored years of the repository's store (run ``python run.py``
before): the slowest of the three classes, against the 0.3 s that a question may take.

Then trend, comparison, effective weights and rank intervals on a synthetic class (合成示例数据): 40,000 units, 80 items
and 5 years unless told otherwise. Each runs in a process of its own, so that its peak memory is its own; the peak
includes the tables, the time does not. Beside them the plain pandas groupby that an analyst would write for the same
numbers, and scikit-criteria's weighted sum for the same rankings, where it is installed (it is no dependency; 0.10 was
measured). For a quick look: ``--units 2000 --items 20 --draws 100``.

Times are seconds of the processor, over all threads: machines are shared, and what others run must not count. Where
the time on the clock is much longer, the machine was busy.
"""

import argparse
import inspect
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY))

KIND = "street_town"
LIMITS = {"trend": 10, "compare": 10, "weights": 10, "ranks": 60}  # seconds at full size
PLAIN = {"trend": "plain_trend", "compare": "plain_compare", "weights": "plain_weights"}
MOST_MEMORY = 4096  # MiB
EACH = 0.3  # seconds
THEMES = 5
LAST = 2020


def parsed() -> argparse.Namespace:
    options = argparse.ArgumentParser(description="Times of the analysis layer.")
    options.add_argument("--units", type=int, default=40_000)
    options.add_argument("--items", type=int, default=80)
    options.add_argument("--years", type=int, default=5)
    options.add_argument("--draws", type=int, default=1_000)
    options.add_argument("--task", help="only this, in this process; prints JSON")
    return options.parse_args()


def made_up_tables(units: int, items: int, years: int):
    """Score tables of one class with no findings behind them: a tenth of the marks lost points."""
    import numpy as np
    import pandas as pd

    from analytics.store import ScoreTables

    draw = np.random.default_rng(1)
    span = np.arange(LAST - years + 1, LAST + 1)
    names = pd.array([f"合成单位{n:05d}" for n in range(units)], dtype="str")
    ids = pd.array([f"U{n:05d}" for n in range(units)], dtype="str")
    theme = np.arange(items) * THEMES // items
    item = pd.DataFrame(
        {
            "item": [f"theme{t}.item{n}" for n, t in enumerate(theme)],
            "no": [str(n + 1) for n in range(items)],
            "item_text": [f"合成条目{n + 1}" for n in range(items)],
            "theme": [f"t{t}" for t in theme],
            "theme_name": [f"合成指标{t + 1}" for t in theme],
            "full_marks": 100 / items,
        }
    ).astype(dict.fromkeys(("item", "no", "item_text", "theme", "theme_name"), "str"))
    # Year, then unit, then item, as the store has them.
    of_item = np.tile(np.arange(items), years * units)
    of_unit = np.tile(np.repeat(np.arange(units), items), years)
    full = np.full(len(of_item), 100 / items)
    lost = np.where(draw.random(len(of_item)) < 0.1, full * draw.integers(1, 5, len(of_item)) / 4, 0.0)
    who = {"unit": ids[of_unit], "unit_name": names[of_unit], "kind": _same(KIND, len(of_item))}
    who["year"] = np.repeat(span, units * items)
    what = {name: item[name].array[of_item] for name in ("item", "no", "item_text", "theme", "theme_name")}
    marks = pd.DataFrame(
        who
        | what
        | {"full_marks": full, "self_mark": full, "verified_mark": full - lost, "awarded": full - lost,
           "status": _same("verified", len(of_item)), "rate": 1 - lost / full},
        copy=False,
    )  # fmt: skip
    losses = marks.loc[lost > 0, [*who, *what]].reset_index(drop=True).assign(points=lost[lost > 0])
    for name in ("rule", "clause", "channel", "because", "evidence", "cell", "decision"):
        losses[name] = _same("x", len(losses))
    totals = 100 - lost.reshape(years, units, items).sum(axis=2)
    cards = _cards(totals, ids, names, span)
    item = item.rename(columns={"item_text": "text"}).assign(rubric="street_town", kind=KIND, formerly="")
    of_years = pd.concat([item.assign(year=year) for year in span], ignore_index=True)
    others = {name: pd.DataFrame() for name in ("figures", "claims", "findings")}
    return ScoreTables(cards=cards, marks=marks, losses=losses, items=of_years, **others)


def _same(text: str, length: int):
    import pandas as pd

    return (
        pd.array([text], dtype="str")[[0] * length] if length < 1000 else pd.array([text], dtype="str").repeat(length)
    )


def _cards(totals, ids, names, span):
    import pandas as pd

    cards = pd.concat(
        [
            pd.DataFrame({"unit": ids, "unit_name": names, "kind": KIND, "year": year, "total": total})
            for year, total in zip(span, totals, strict=True)
        ],
        ignore_index=True,
    )
    cards["rank"] = cards.groupby("year")["total"].rank(method="min", ascending=False)
    cards["grade"] = pd.cut(
        cards["total"], [-1, 60, 80, 90, 101], labels=["不合格", "合格", "良好", "优秀"], right=False
    )
    cards["grade"] = cards["grade"].astype("str")
    return cards.assign(grade_by_points=cards["grade"], ranked=len(ids), synthetic=True)


def bands():
    from analytics.policy import GradeBand

    return tuple(GradeBand(name=n, least=b) for n, b in (("优秀", 90), ("良好", 80), ("合格", 60), ("不合格", 0)))


def trend(tables, draws: int) -> None:
    from analytics.analysis.trend import trend

    trend(tables, KIND)


def plain_trend(tables, draws: int) -> None:
    """Rates by unit and theme, and by item, over the years, and how they changed."""
    for by in (["unit", "theme"], ["item"]):
        sums = tables.marks.groupby([*by, "year"])[["awarded", "full_marks"]].sum()
        rates = (sums["awarded"] / sums["full_marks"]).rename("rate").reset_index()
        rates.pivot_table(index=by, columns="year", values="rate").diff(axis=1)
    tables.cards.pivot_table(index="unit", columns="year", values="total").diff(axis=1)
    tables.losses.groupby(["unit", "item"])["year"].nunique()


def compare(tables, draws: int) -> None:
    from analytics.analysis.comparison import compare

    compare(tables, LAST, KIND, bands())


def plain_compare(tables, draws: int) -> None:
    """Rates by unit and theme in one year beside mean and best, the points lost by item, and self against verified."""
    marks = tables.marks[(tables.marks["year"] == LAST) & (tables.marks["kind"] == KIND)]
    sums = marks.groupby(["unit", "theme"])[["awarded", "full_marks"]].sum()
    rates = (sums["awarded"] / sums["full_marks"]).rename("rate").reset_index()
    rates = rates.pivot_table(index="unit", columns="theme", values="rate")
    _ = rates - rates.mean(), rates - rates.max()
    losses = tables.losses[tables.losses["year"] == LAST]
    losses.groupby("item").agg({"points": "sum", "unit": "nunique"})
    marks.assign(gap=marks["self_mark"] - marks["verified_mark"]).groupby("unit")["gap"].sum()


def weights(tables, draws: int) -> None:
    from analytics.analysis.weights import weights

    weights(tables, LAST, KIND)


def plain_weights(tables, draws: int) -> None:
    """Covariance shares of themes and items, and the ranking without each."""
    marks = tables.marks[(tables.marks["year"] == LAST) & (tables.marks["kind"] == KIND)]
    for part in ("theme", "item"):
        parts = marks.pivot_table(index="unit", columns=part, values="awarded", aggfunc="sum")
        total = parts.sum(axis=1)
        parts.apply(lambda column, total=total: column.cov(total)) / total.var()
        parts.rsub(total, axis=0).rank(ascending=False, method="min")


def ranks(tables, draws: int) -> None:
    from analytics.analysis.ranks import Factors, rank_certainty

    items = tables.items["item"].unique()
    factors = Factors(1000, 0.1, dict.fromkeys(items, 25 / len(items)), draws=draws)
    rank_certainty(tables, LAST, KIND, bands(), factors)


def ranks_by_weights(tables, draws: int) -> None:
    """Our rankings under drawn weights alone, for a fair look beside scikit-criteria."""
    from analytics.analysis.decomposition import decompose, places
    from analytics.analysis.ranks import Factors, drawn_totals

    places(drawn_totals(decompose(tables, LAST, KIND), Factors(1000, draws=draws)))


def skcriteria(tables, draws: int) -> None:
    """The same rankings by scikit-criteria's weighted sum, one evaluation a draw."""
    import numpy as np
    from skcriteria import mkdm
    from skcriteria.agg.simple import WeightedSumModel

    from analytics.analysis.decomposition import decompose

    apart = decompose(tables, LAST, KIND)
    full = apart.items["full_marks"].to_numpy()
    rates, aims = apart.rates.to_numpy(), [max] * len(full)
    for drawn in np.random.default_rng(1).dirichlet(1000 * full / full.sum(), draws):
        _ = WeightedSumModel().evaluate(mkdm(rates, aims, weights=drawn)).rank_


def run_task(options: argparse.Namespace) -> None:
    """One task in this process: its seconds, of the processor and on the clock, and the peak memory in MiB."""
    if options.task == "store":
        on_the_store()
        return
    tables = made_up_tables(options.units, options.items, options.years)
    held = peak()
    began, clock = time.process_time(), time.perf_counter()
    globals()[options.task](tables, options.draws)
    seconds, clock = time.process_time() - began, time.perf_counter() - clock
    print(json.dumps({"seconds": seconds, "clock": clock, "tables": held, "peak": peak()}))


def peak() -> float:
    """MiB; Linux counts in KiB, macOS in bytes."""
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most / 1024 if sys.platform != "darwin" else most / 1024**2


def in_a_child(task: str, options: argparse.Namespace, draws: int | None = None) -> dict[str, float] | None:
    """The task's figures; None, and its last words, when it fails or what it needs is not installed."""
    sizes = {name: str(getattr(options, name)) for name in ("units", "items", "years", "draws")}
    sizes["draws"] = str(draws or options.draws)
    command = [sys.executable, __file__, "--task", task, *(a for n, v in sizes.items() for a in (f"--{n}", v))]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=False)
    if done.returncode:
        print(f"  {task}: {(done.stderr.strip().splitlines() or [f'ended with {done.returncode}'])[-1]}")
        return None
    return dict(json.loads(done.stdout.splitlines()[-1]))


def on_the_store() -> None:
    """Every method of a yearbook that answers for a class, the slowest class of three."""
    from analytics.documents.yearbook import Yearbook
    from analytics.store import ScoreStore
    from analytics.units import UnitKind
    from analytics.workspace import Workspace

    year = ScoreStore(Workspace.open().store).years()[-1]
    book = Yearbook.open("", year)
    print(f"{len(book.scored.cards)} units, years {book.tables.years}: seconds for the slowest class (at most {EACH})")
    given = {"what_if": {"points": {"": ""}}}
    for name, method in inspect.getmembers(book, inspect.ismethod):
        if name.startswith("_") or next(iter(inspect.signature(method).parameters), "") != "kind":
            continue
        slowest = max(best_of(3, lambda m=method, k=kind, n=name: m(k, **given.get(n, {}))) for kind in UnitKind)
        print(f"  {name:20s}{slowest:7.3f}  {slowest / EACH:5.2f} of the limit{'' if slowest < EACH else '  TOO SLOW'}")


def best_of(times: int, act) -> float:
    seconds = []
    for _ in range(times):
        began = time.process_time()
        act()
        seconds.append(time.process_time() - began)
    return min(seconds)


def on_synthetic(options: argparse.Namespace) -> None:
    print(f"合成示例数据: {options.units} units x {options.items} items x {options.years} years, {options.draws} draws")
    for task, limit in LIMITS.items():
        found = in_a_child(task, options)
        if found is None:
            continue
        said = f"  {task:10s}{found['seconds']:7.1f} s (at most {limit}; on the clock {found['clock']:.1f})"
        said += f"  peak {found['peak']:5.0f} MiB, tables {found['tables']:.0f} (at most {MOST_MEMORY})"
        plain = in_a_child(PLAIN[task], options) if task in PLAIN else None
        if plain:
            said += f"  plain pandas groupby / ours = {plain['seconds'] / found['seconds']:.2f}"
            said += f" in time, {plain['peak'] / found['peak']:.2f} in peak memory"
        print(said, flush=True)
    beside_skcriteria(options)


def beside_skcriteria(options: argparse.Namespace) -> None:
    """Time a ranking, weights alone: few rankings by scikit-criteria, which takes one at a time, and all of ours."""
    few = min(10, options.draws)
    theirs = in_a_child("skcriteria", options, few)
    if theirs is None:
        print("  scikit-criteria is not installed here, so nothing is compared with it")
        return
    ours = in_a_child("ranks_by_weights", options)
    if ours:
        ratio = (theirs["seconds"] / few) / (ours["seconds"] / options.draws)
        print(f"  a ranking under drawn weights: scikit-criteria / ours = {ratio:.1f} in time")


def main() -> None:
    options = parsed()
    if options.task:
        run_task(options)
        return
    # In a child as well: a process starts with the peak memory of the one that started it.
    subprocess.run([sys.executable, __file__, "--task", "store"], check=False)
    on_synthetic(options)


if __name__ == "__main__":
    main()
