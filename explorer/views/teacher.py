"""Teacher's sheet: what to ask in the lesson, what students will see, and how long it takes. It prints as it reads."""

import streamlit as st

from explorer import page
from explorer.views.lesson.sheet import HINTS
from explorer.views.lesson.steps import STEPS

READABLE = 820  # pixels
WARM = """\
.venv/bin/python -m core sweep --preset liu-fig1-as-plotted
.venv/bin/python -m core sweep --preset liu-fig2-as-plotted"""
OPEN = ".venv/bin/streamlit run explorer/app.py --server.address 0.0.0.0 --server.headless true"
# On paper: black on white in either theme, commands as a whole, each step on one page, and no heading without its text.
PRINT = """<style>@media print {
  * { color: black !important; background: white !important }
  code { white-space: pre-wrap !important; font-size: 0.75rem !important }
  .stElementContainer, [class*=st-key-step-] { break-inside: avoid }
  .stElementContainer:has(h2) { break-after: avoid }
  a[href^=lesson]::after { content: " (" attr(href) ")" }
}</style>"""


def main() -> None:
    st.html(PRINT)
    st.title("Teacher's sheet")
    with st.container(width=READABLE):
        intro()
        prepare()
        for number, part in enumerate(STEPS, start=1):
            with st.container(key=f"step-{number}"):
                step(number, part)
        afterwards()


def intro() -> None:
    """What the lesson is, and how long."""
    minutes = sum(hint.minutes for hint in HINTS.values())
    st.markdown(
        f"The lesson has {len(STEPS)} steps and takes about **{minutes} minutes**: that leaves some of a school hour "
        "for what comes in between. In each step students read for half a minute, make a guess, and only then see the "
        "experiment, with their guess still in it. It needs no programming and no mathematics beyond reading a chart; "
        "in three of the steps it helps to know what a logarithm is."
    )
    st.markdown(
        "A guess that is written down is worth more than the right answer. Let everyone guess on their own, ask two or "
        "three for their reasons, reveal together, and give the surprise some time before you read the reason. The "
        "links on this sheet carry no guess; the address of a step that was answered carries guess and answer."
    )
    page.link("lesson", "Open the lesson", {})


def prepare() -> None:
    """What to do the day before."""
    st.header("Before the class")
    st.markdown(
        "These two commands, in the folder of the project, train what most of the steps show, so that it appears at "
        "once; on a laptop they take some seconds each, on an old one a minute. The other steps take a few seconds; "
        "whoever reveals one first has computed it for everybody."
    )
    st.code(WARM, language=None)
    st.markdown(
        "This opens the explorer to everyone on the network. The README, under *For a class*, tells of a passphrase "
        "and of what else to know."
    )
    st.code(OPEN, language=None)
    st.markdown(
        "Students open the *Lesson* on a laptop or a phone, at the address that your computer has in the network (its "
        "network settings tell it): something like `http://192.168.0.12:8501/lesson`. The page *Start* would give "
        "answers away. All guesses are kept in the address in their browser: a reload loses nothing, and a link that "
        "is sent shows the same; *Link for a class* leaves them out. In front of the class, the switch *Large type* at "
        "the top helps those at the back."
    )


def step(number: int, part: str) -> None:
    """One step: its question, what else to ask, what comes, and what many believe."""
    told, hint = STEPS[part], HINTS[part]
    st.header(f"{number}. {told.title} ({hint.minutes} minutes)")
    st.markdown(f"**The question.** {told.question}")
    st.markdown(f"**Ask.** {hint.ask}")
    st.markdown(f"**They will see.** {hint.told()}")
    st.markdown(f"**Why.** {told.why}")
    st.markdown(f"**Many believe:** {hint.belief}")
    page.link("lesson", f"Open step {number}", {"part": part})


def afterwards() -> None:
    """Where the numbers are from, and what to do with time left."""
    st.header("About the numbers")
    st.markdown(
        "What *they will see* was measured with the very experiments of the lesson, on the seeds that everyone has, so "
        "that all see the same up to a sample or so; the README has the same quantities over more seeds, with "
        "intervals. The guesses with which the sliders begin are no hints: most of them are far off."
    )
    st.markdown(
        "With time left, let students follow the link under an answer to the free page, change one setting, and say "
        "beforehand what it will do."
    )


main()
