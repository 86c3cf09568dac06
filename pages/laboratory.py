"""Judge laboratory: what moves a judge's scores that should not, by probes and tests."""

from pathlib import Path

import streamlit as st

from edm_core.personas import SCORERS
from edm_core.personas.laboratory import SIZES
from edm_core.personas.laboratory.page import ABOUT, fragment, summary
from edm_core.service import workbench
from edm_core.service.laboratory_job import Examination, Kept, kept, listeners
from edm_core.service.views.card import empty_html
from edm_core.service.views.links import offered
from edm_core.service.views.wording import markdown as escape
from edm_core.service.views.wording import progress_text

PAGES = Path(__file__).parent
PACKAGED = ""
HOW_MUCH = {"quick": "quick", "usual": "usual", "thorough": "thorough, for small biases"}
bench = workbench()
query, state = st.query_params, st.session_state
state.setdefault("asked", 0)  # a new number closes what was asked with


def configured(scorer: str) -> bool:
    """Return whether the settings name what a scorer asks."""
    settings = bench.settings
    needed = {"language-model": settings.llm_base_url, "langflow": settings.langflow_base_url}
    return bool(needed.get(scorer, "yes"))


def form() -> None:
    """Ask which judge is to be examined, and how."""
    personas = listeners((), bench.settings)
    entries = offered(bench.library)
    with st.form("examine", border=False):
        scorer = st.radio("Judge", [name for name in SCORERS if configured(name)], horizontal=True)
        size = st.radio("How much is asked", list(SIZES), index=list(SIZES).index("usual"),
                        format_func=lambda name: HOW_MUCH.get(name, name), horizontal=True)  # fmt: skip
        chosen = st.multiselect(
            "Personas", list(personas), placeholder="All that hear speech",
            format_func=lambda name: f"{personas[name].emoji} {personas[name].name}",
        )  # fmt: skip
        recording = st.selectbox(
            "Passages", [PACKAGED, *entries],
            format_func=lambda id: entries[id].shown if id else "The packaged ones",
        )  # fmt: skip
        if st.form_submit_button("Examine", type="primary"):
            bench.examine(Examination(str(scorer), tuple(chosen), recording, str(size)))
            query.pop("report", None)
            state.asked += 1
            st.rerun()
    if not configured("language-model"):
        st.caption("To examine a language model, set EDM_LLM_BASE_URL and EDM_LLM_MODEL and start again.")


def titled(one: Kept) -> str:
    """Return what a report is called in lists."""
    return f"{one.report.judge} · {one.report.time[:16].replace('T', ' ')}"


def progress() -> None:
    """Show how an examination goes, and the report as soon as it is there."""
    job = bench.examination()
    if job is None or job.is_finished:
        st.rerun()
    st.progress(job.share, progress_text(job))
    st.button("Stop", on_click=bench.queue.cancel, args=(job.id,))


def shown(one: Kept) -> None:
    """Show a report."""
    report = one.report
    st.subheader(summary(report), anchor=False)
    st.caption(ABOUT)
    st.html(f"<div class=laboratory>{fragment(report)}</div>")
    with st.container(horizontal=True, vertical_alignment="center", gap="small", key="report-files"):
        st.caption("Report as", width="content")
        for name, mime, write in (
            ("HTML", "text/html", report.to_html),
            ("Markdown", "text/markdown", report.to_markdown),
            ("JSON", "application/json", report.to_json),
        ):
            ending = {"Markdown": "md"}.get(name, name.lower())
            st.download_button(name, write, file_name=f"{one.name}.{ending}", mime=mime,
                               key=f"report-{ending}", on_click="ignore", type="tertiary")  # fmt: skip


st.html(PAGES / "_laboratory.css")
reports = {one.name: one for one in kept(bench.settings)}
left, right = st.columns([5, 1.4], vertical_alignment="center")
if reports:
    name = query.get("report", "")
    chosen = left.selectbox(
        "Report", list(reports), index=list(reports).index(name) if name in reports else 0,
        format_func=lambda each: titled(reports[each]),
        label_visibility="collapsed", key=f"chosen-{len(reports)}",
    )  # fmt: skip
else:
    left.caption("What moves a judge's scores that should not: order, length, wording, instructions.")
with right.popover("Examine a judge", width="stretch", key=f"examine-{state.asked}"):
    form()

job = bench.examination()
if job is not None and not job.is_finished:
    st.fragment(progress, run_every=1.0)()
elif job is not None and job.state == "failed":
    st.error(f"The examination failed: {escape(job.message or 'no reason is known')}")
if reports:
    query["report"] = chosen
    shown(reports[chosen])
elif job is None or job.is_finished:
    st.html(
        empty_html(
            "No judge has been examined yet",
            "Examine the offline scorer: it takes some seconds, on this machine.",
        )
    )
