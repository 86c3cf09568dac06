"""System: what waits, what runs, who works, what failed and why, and what takes room."""

from pathlib import Path

import streamlit as st

from edm_core.errors import EdmError
from edm_core.service import workbench
from edm_core.service.access.visitor import may, require, visitor
from edm_core.service.observing.health import ready
from edm_core.service.observing.system import System, Task, system, versions
from edm_core.service.views.card import empty_html
from edm_core.service.views.system_view import (
    KINDS,
    checks_html,
    hands_html,
    kept_html,
    lines_html,
    minutes_html,
    span,
    state_html,
    tiles_html,
    versions_html,
)
from edm_core.service.views.wording import markdown as escape
from edm_core.service.views.wording import progress_text

PAGES = Path(__file__).parent
EVERY_S = 2.0
bench = workbench()
state = st.session_state


def mine(task: Task) -> bool:
    """Return whether whoever looks may stop a job or begin it again: their own, or all."""
    return may("admin") or (may("annotate") and task.job.who == visitor().name)


def stop(id: str) -> None:
    """Stop a job."""
    told(lambda: bench.queue.cancel(id))


def retry(id: str) -> None:
    """Begin a job again."""
    told(lambda: bench.queue.retry(id))


def told(change) -> None:  # type: ignore[no-untyped-def]
    """Do something, or say why it cannot be done."""
    try:
        change()
    except EdmError as error:
        st.toast(escape(str(error)))


def heading(task: Task) -> str:
    """Return what a job is, in Markdown."""
    who = f" · for {escape(task.job.who)}" if task.job.who else ""
    return f"**{escape(KINDS.get(task.job.kind, task.job.kind))}** · {escape(task.about)}{who}"


def running(task: Task) -> None:
    """Show a job that is being done."""
    with st.container(key=f"sys-task-{task.job.id}"):
        said, action = st.columns([5, 1.2], vertical_alignment="center")
        said.markdown(heading(task))
        begun = f"attempt {task.job.attempt} · " if task.job.attempt > 1 else ""
        said.progress(task.job.share, f"{progress_text(task.job)} · {begun}since {span(task.since)}")
        if mine(task):
            action.button("Stop", key=f"stop-{task.job.id}", on_click=stop, args=(task.job.id,),
                          width="stretch", disabled=bool(task.job.stop))  # fmt: skip


def waiting(task: Task) -> None:
    """Show a job that waits."""
    with st.container(key=f"sys-task-{task.job.id}"):
        said, action = st.columns([5, 1.2], vertical_alignment="center")
        again = f" · again after {task.job.failures} broken starts" if task.job.failures else ""
        said.markdown(f"{heading(task)} · waits for {span(task.since)}{again}")
        if mine(task):
            action.button("Stop", key=f"stop-{task.job.id}", on_click=stop, args=(task.job.id,),
                          width="stretch")  # fmt: skip


def failed(task: Task) -> None:
    """Show a job that failed, and why."""
    with st.container(key=f"sys-task-{task.job.id}"):
        said, action = st.columns([5, 1.2], vertical_alignment="center")
        said.markdown(f"{heading(task)} · {span(task.since)} ago")
        said.caption(escape(task.job.message or "no reason is known"))
        if mine(task):
            action.button("Try again", key=f"retry-{task.job.id}", on_click=retry, args=(task.job.id,),
                          width="stretch")  # fmt: skip


def work(found: System) -> None:
    """Show jobs: those that run, the next ones, and the last hour."""
    st.subheader("Work", anchor=False)
    if not (found.running or found.waiting or any(each.jobs for each in found.minutes)):
        st.html(empty_html("Nothing to do", "Add a recording in the Library, and its analysis appears here."))
    for task in found.running:
        running(task)
    for task in found.waiting:
        waiting(task)
    more = sum(line.waiting for line in found.lines) - len(found.waiting)
    if more > 0:
        st.caption(f"… and {more} more wait.")
    st.html(minutes_html(found.minutes))


def everything() -> None:
    """Show it all; this runs again every other second."""
    try:
        found = system(bench)
    except EdmError as error:
        st.html(state_html(ready(bench)))
        st.error(escape(str(error)))
        return
    st.html(state_html(found.checks))
    st.html(tiles_html(found))
    left, right = st.columns([3, 2], gap="large")
    with left:
        work(found)
        if found.failed:
            st.subheader("Failed", anchor=False)
            for task in found.failed:
                failed(task)
    with right:
        st.subheader("Queues", anchor=False)
        st.html(lines_html(found.lines))
        st.subheader("Workers", anchor=False)
        if found.hands:
            st.html(hands_html(found.hands))
        else:
            st.html('<p class="sys-quiet">None has come forward. <code>edm worker</code> starts one.</p>')
        st.subheader("Storage", anchor=False)
        free = next((check.seen for check in found.checks if check.name == "disk"), "")
        if found.kept is None:
            st.html('<p class="sys-quiet">It is being counted …</p>')
        else:
            st.html(kept_html(found.kept, free))
        if found.owners:
            st.html(kept_html(found.owners, "Uploads by person, of what each may take"))
        st.subheader("Health", anchor=False)
        st.html(checks_html(found.checks))
        st.html(versions_html(versions()))


require("read")
st.html(PAGES / "_system.css")
with st.container(key="system"):
    st.fragment(everything, run_every=EVERY_S)()
