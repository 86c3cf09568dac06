from hypothesis import given
from hypothesis import strategies as st

from edm_core.progress import Progress, ProgressMeter

shares = st.floats(-0.5, 1.5)


@given(
    readings=st.lists(shares, max_size=4),
    costs=st.lists(st.floats(0.0, 100.0), min_size=1, max_size=4),
    within=st.lists(shares, max_size=6),
)
def test_the_share_never_falls_and_ends_at_one(readings, costs, within):
    told: list[Progress] = []
    meter = ProgressMeter(told.append)
    plan = [(f"stage {place}", cost) for place, cost in enumerate(costs)]
    for share in readings:
        meter.reading(share)
    for name, _ in plan:
        meter.plan(name, plan)
        for share in within:
            meter.within(share)
    meter.finish()
    heard = [step.share for step in told]
    assert heard == sorted(heard)
    assert heard[0] >= 0.0 and heard[-1] == 1.0
    assert told[-1].stage == "done"


def test_nobody_needs_to_listen():
    ProgressMeter(None).finish()
