"""The monitoring of the model without small counts, for a role that sees none.

Stays and readmissions add up to those of all months, bands, sexes, age groups and sites, and are hidden together.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from pipeline.governance.policy import Viewer, load_policy
from pipeline.serving.model_card.coarse import EXACT, decimals_hiding
from pipeline.serving.model_drift import Drift, Ratio
from pipeline.serving.model_watch import ModelWatch, judged, model_watch
from pipeline.serving.rates import FEWEST
from pipeline.serving.released.release import Count, Ledger, View

MONTHS, ALL, STAYS, BACK = "Month", "All", "stays", "back"


def watched(viewer: Viewer, as_of: datetime) -> ModelWatch:
    """What monitoring shows at a time (UTC), as the viewer's role may see it."""
    found = model_watch(viewer, as_of)
    return released_watch(found) if load_policy().hides_small_cells(viewer.role) else found


def released_watch(found: ModelWatch) -> ModelWatch:
    """The same without counts of 1 to 10 and without those from which one could be worked out.

    What is shown is judged again without what is hidden, so that no verdict tells anything of a hidden count.
    """
    if found.overall is None:
        return found
    view = _view(found)
    months = tuple((month, _ratio(one, (MONTHS, one.name), view)) for month, one in found.months)
    groups = tuple((heading, tuple(_ratio(one, (heading, one.name), view) for one in ratios)) for heading, ratios in found.groups)
    shown = replace(
        found,
        overall=_ratio(found.overall, (ALL, ALL), view),
        immature_count=None if 0 < found.immature_count < FEWEST else found.immature_count,
        months=months,
        groups=groups,
        drifts=tuple(_drift(one) for one in found.drifts),
    )
    return judged(shown)


def _view(found: ModelWatch) -> View:
    ledger = Ledger()

    def put(group: tuple[str, str], one: Ratio, worth: int = 1) -> tuple[Count, Count]:
        stays = ledger.put(Count(ALL, ALL, (*group, STAYS)), one.stay_count, worth=worth)
        back = ledger.put(Count(ALL, ALL, (*group, BACK)), one.observed, worth=worth)
        ledger.add_up_with_rest(stays, (back,), "not back")
        return stays, back

    whole = put((ALL, ALL), found.overall, worth=3)
    for heading, ratios in ((MONTHS, tuple(one for _, one in found.months)), *found.groups):
        parts = [put((heading, one.name), one) for one in ratios]
        for kind, total in enumerate(whole if parts else ()):
            ledger.add_up(total, [part[kind] for part in parts])
    return View(ledger.released(), ALL, ALL)


def _ratio(one: Ratio, group: tuple[str, str], view: View) -> Ratio:
    stays, back = (view.words((*group, kind)) for kind in (STAYS, BACK))
    if not stays and not back:
        return one
    return Ratio(
        name=one.name,
        stay_count=None if stays else one.stay_count,
        expected=None if stays else one.expected,
        observed=None if back else one.observed,
        ratio=None,
        low=None,
        high=None,
        suppressed=stays,
        observed_suppressed=back,
    )


def _drift(one: Drift) -> Drift:
    """Without the shares of a bin that holds few of the stays, or all but few of them, now or in training."""
    now, then = round(one.share_now * one.stay_count), round(one.share_then * one.trained_count)
    known = replace(one, share_then=None) if _is_told(then, one.trained_count) else one
    is_small = any(0 < count < FEWEST for count in (now, one.stay_count - now, one.stay_count))
    return replace(known, index=None, share_now=None, stay_count=_unless_small(one.stay_count)) if is_small else known


def _is_told(count: int, out_of: int) -> bool:
    """Whether a share as written tells a small count, or that it leaves a small one."""
    is_small = 0 < count < FEWEST or 0 < out_of - count < FEWEST
    return is_small and decimals_hiding(count, out_of) != EXACT


def _unless_small(count: int) -> int | None:
    return None if count < FEWEST else count
