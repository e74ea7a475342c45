"""How to cite the post and this project. Nothing here knows Streamlit."""

from importlib.metadata import version

from explorer import words

POST = f"{words.CITATION.removesuffix(' (2026)')}, 2026."
POST_BIBTEX = """\
@misc{liu2026memory1,
  author = {Liu, Ziming},
  title  = {Memory 1 -- How much do linear layers memorize?},
  year   = {2026},
  note   = {Blog post}
}"""


def project() -> str:
    """This project, in a sentence."""
    return f"The memorization explorer’s authors, “Memorization explorer”, version {_version()}, 2026. Software."


def project_bibtex() -> str:
    """This project, for a bibliography."""
    return f"""\
@software{{memorization_explorer,
  author  = {{{{The memorization explorer's authors}}}},
  title   = {{Memorization explorer}},
  version = {{{_version()}}},
  year    = {{2026}}
}}"""


def _version() -> str:
    return version("memorization-explorer")
