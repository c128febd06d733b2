"""How the readmission model's card and budget become elements. No number is computed here and no chart is described."""

from __future__ import annotations

import streamlit as st

from pages.frame.page import OpenPage, say_limits
from pages.frame.patient_link import may_open_patient, open_selected
from pages.frame.show import NO_TOOLBAR, card, show_table
from pipeline.governance.policy import load_policy
from pipeline.serving.alert_budget import AlertBudget, save_budget
from pipeline.serving.alert_budget.words import capacity_text, choices_table, comparison_table, current_sentence, named_table, tiles
from pipeline.serving.charts.model_figures import budget_curve, model_figure
from pipeline.serving.model_card import ModelCard, headline, section_table
from pipeline.serving.model_watch import ModelWatch
from pipeline.serving.model_watch_words import (
    DRIFT_NOTE,
    RATIO_NOTE,
    drift_table,
    groups_table,
    in_use_sentence,
    months_table,
    reasons,
    stale_sentence,
)
from pipeline.serving.readmissions.stays import ROWS_WITHHELD

WHY_KEY = "alert_budget_why"


def show_nothing(page: OpenPage, why: str) -> None:
    """Why the page is empty, and what to do; nothing after it is shown."""
    st.info(why, icon=":material/inbox:")
    say_limits(page, "Source: the champion's evidence, which a promotion writes.")
    st.stop()


def show_headline(shown: ModelCard, sentence: str) -> None:
    """The version in use and its headline figures with their intervals."""
    st.text(sentence)
    figures = headline(shown)
    with st.grid(len(figures), min_column_width=170, gap="small"):
        for figure in figures:
            with st.container(border=True, height="stretch", gap=None):
                st.metric(
                    figure.name,
                    figure.text,
                    figure.interval_text,
                    delta_color="off",
                    delta_arrow="off",
                    delta_description="95 % CI" if figure.interval_text else None,
                    help=f"{figure.meaning}.",
                )


def show_model_figure(shown: ModelCard, name: str, alternative: str) -> None:
    """One figure of the evaluation; `alternative` is what a screen reader says."""
    appearance = st.context.theme.type or "light"
    drawn = model_figure(name, shown.evidence.evaluation, appearance)
    key = f"{name}|{shown.evidence.promotion.version}|{appearance}"
    st.plotly_chart(drawn, theme=None, config=NO_TOOLBAR, key=key, alt=alternative)


def show_card_sections(shown: ModelCard) -> None:
    """Every section of the card, in its order; texts of a run are text, never markup."""
    for section in shown.sections:
        with card(section.title, ""):
            for sentence in section.sentences:
                st.text(sentence)
            if section.columns:
                key = f"card|{section.title}|{shown.evidence.promotion.version}"
                show_table(section_table(section), key=key, empty="Nothing to list.")


def show_watch(found: ModelWatch) -> None:
    """How the model does since it is in use: readmissions beside those expected, and features that moved."""
    with card("In use", in_use_sentence(found)):
        for reason in reasons(found):
            st.text(reason)
    if found.model is None:
        return
    key = f"{found.model.version}|{found.drift_period}"
    with card("Came true", RATIO_NOTE):
        show_table(groups_table(found), key=f"watch_groups|{key}", empty="No stay was followed for 30 days yet.")
    with st.grid(2, min_column_width=600, gap="small"):
        with card("By month", "Stays by the month of their discharge"):
            show_table(months_table(found), key=f"watch_months|{key}", empty="No stay was followed for 30 days yet.")
        with card("Features that moved", DRIFT_NOTE):
            show_table(drift_table(found), key=f"watch_drift|{key}", empty="No stay has been scored yet.")


def warn_when_stale(found: ModelWatch) -> None:
    """Says so where the model should be looked at before it is relied on."""
    if found.reasons_to_train_again:
        st.warning(stale_sentence(found), icon=":material/history:")


def show_budget_tiles(shown: AlertBudget) -> None:
    """What the chosen capacity buys."""
    found = tiles(shown)
    with st.grid(len(found), min_column_width=150, gap="small"):
        for name, text, meaning in found:
            st.metric(name, text, border=True, help=f"{meaning}. On stays the model had not seen.")


def show_budget_curve(shown: AlertBudget) -> None:
    """The curve, with the chosen capacity marked."""
    appearance = st.context.theme.type or "light"
    drawn = budget_curve(shown.model, shown.point, shown.evidence.evaluation.budget_unit, appearance)
    words = f"Sensitivity and positive predictive value against the alert budget; at {shown.point.capacity:g} marked"
    st.plotly_chart(drawn, theme=None, config=NO_TOOLBAR, key=f"budget_curve|{shown.point.capacity}|{appearance}", alt=words)


def show_comparison(shown: AlertBudget) -> None:
    """What other ways of choosing find with the same work."""
    show_table(comparison_table(shown), key=f"budget_others|{shown.point.capacity}", empty="There is nothing to compare with.")


def show_choices(page: OpenPage, shown: AlertBudget) -> None:
    """The budget in use, the form to choose another, and every choice before."""
    st.text(current_sentence(shown))
    if load_policy().may(page.viewer.role, "set_budget"):
        with st.form("alert_budget_form", border=False, clear_on_submit=True):
            why = st.text_input("Why this budget", key=WHY_KEY, max_chars=300, placeholder="Such as: two nurses from December on")
            label = f"Use {capacity_text(shown.point.capacity, is_per_day=shown.is_per_day)}"
            if st.form_submit_button(label, icon=":material/check:", disabled=False):
                save_budget(page.viewer, shown, why)
                st.rerun()
    listed_later = "Every choice will be listed here."
    show_table(choices_table(shown), key=f"budget_choices|{len(shown.choices)}", empty=listed_later)


def show_named(shown: AlertBudget) -> None:
    """Whom the budget names on the last day of discharges; empty says why."""
    named = shown.named
    if named.is_hidden:
        st.caption(
            ":material/visibility_off: Your role sees what a budget finds, not whom: the policy hides clinical values from it."
        )
        return
    if named.unlisted or named.is_suppressed:
        st.caption(f":material/visibility_off: {named.unlisted or ROWS_WITHHELD}")
        return
    if named.rows.empty:
        st.caption("No stay of that day has a score. Refresh the data after a promotion, or see why on the patient's page.")
        return
    patients = list(named.rows["patient_id"])
    opens = may_open_patient(patients[0])
    chosen = st.dataframe(
        named_table(named),
        hide_index=True,
        key=f"budget_named|{shown.source.run_id}|{shown.source.seen_as}|{shown.point.capacity}",
        row_height=34,
        height="content" if len(named.rows) <= 11 else 420,
        on_select="rerun" if opens else "ignore",
        selection_mode="single-row",
    )
    if opens:
        st.caption("Select a row to open the patient. A probability is no diagnosis: of ten stays at 30 %, seven do not come back.")
        open_selected(chosen, patients)
