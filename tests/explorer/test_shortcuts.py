"""Keys: each presses one button, and all are listed."""

import re

import pytest
from streamlit.elements.lib.shortcut_utils import normalize_shortcut

from explorer import shortcuts
from explorer.shortcuts import SHORTCUTS
from tests.explorer.visiting import click, opened, run, texts

PAGES = ["capacity", "jamming", "learning_rate", "samples/page", "limits/page", "bits/page", "replication/page"]


def test_no_two_do_the_same_and_streamlit_takes_them_while_a_slider_has_the_focus() -> None:
    keys = [normalize_shortcut(each.key) for each in SHORTCUTS.values()]
    assert len(set(keys)) == len(keys)
    assert all(key.startswith("alt+") for key in keys)
    assert not {key[-1] for key in keys} & set("crfevsbthd")  # Streamlit's, and those of browsers' menus


def test_all_are_listed() -> None:
    listed = shortcuts.listed()
    for name, each in SHORTCUTS.items():
        if not name.startswith("start "):
            assert f"| `{each.key.replace('+', ' + ')}` | {each.does} |" in listed
    assert "`Alt + 1…9`" in listed
    assert listed.count("\n|") == len(SHORTCUTS) - 9 + 1 + 1  # and one for the presets; the rule below the head


@pytest.mark.usefixtures("asleep")
@pytest.mark.parametrize("name", PAGES)
def test_the_buttons_of_a_page_have_their_keys_and_tell_them(name: str) -> None:
    at = opened({"pin": "V=40"}, name)
    given = {button.proto.shortcut: button for button in at.button if button.proto.shortcut}
    starts = {key: button for key, button in given.items() if re.fullmatch(r"alt\+[1-9]", key)}
    assert set(given) - set(starts) == {
        normalize_shortcut(SHORTCUTS[key].key) for key in SHORTCUTS if "start" not in key
    }
    assert sorted(starts) == [f"alt+{digit}" for digit in range(1, len(starts) + 1)]
    assert len(starts) >= 2
    for key, button in given.items():
        assert button.key == "stop" or f" Key: Alt + {key[-1].upper()}." in button.proto.help


@pytest.mark.usefixtures("asleep")
@pytest.mark.parametrize("name", ["home", "lesson/page", *PAGES])
def test_no_page_writes_keys_on_its_buttons(name: str) -> None:
    assert [each.proto.body for each in opened({}, name).get("html")].count(shortcuts.QUIET) == 1


@pytest.mark.usefixtures("asleep")
def test_the_list_stays_open_while_the_page_goes_on_until_it_is_closed() -> None:
    at = opened({}, "capacity")
    assert "Undo the last change" not in texts(at)
    click(at, "shortcuts")
    assert shortcuts.listed() in texts(at)
    assert shortcuts.listed() in texts(run(at))
    assert "Undo the last change" not in texts(click(at, "shortcuts"))
