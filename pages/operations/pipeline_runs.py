"""What the pipeline did and does: one run as a graph of its steps, its timeline and its log, and the runs before it."""

from __future__ import annotations

import streamlit as st

from pages.frame.choose_runs import asked_for_run
from pages.frame.page import open_page, say_limits
from pages.frame.show import card
from pages.frame.show_runs import show_durations, show_feeds, show_history, show_run, show_run_tiles
from pipeline.serving.runs import pipeline_runs
from pipeline.serving.runs.words import history_caption

page = open_page("operations/pipeline_runs")
found = pipeline_runs(page.viewer, asked_for_run(), page.opened_at)

show_run_tiles(found)
show_run(page, found)
with card("History", history_caption(found.runs)):
    show_history(found)
left, right = st.columns(2, gap="small")
with left, card("Feeds", "The newest file of each kind, and how often they come"):
    show_feeds(found)
with right, card("How long runs take", "Seconds from the first step to the last; ✕ stopped, ✓ found nothing new"):
    show_durations(found)

say_limits(
    page,
    "A step's rows are those it computed: the whole table, or only what the new files touch. A line leads from what is read to "
    "what reads it; lines that follow from others are left out. How often a feed comes is the middle one of the gaps between its "
    "arrivals. "
    "Sources: the event file of each run, ops.files.",
)
