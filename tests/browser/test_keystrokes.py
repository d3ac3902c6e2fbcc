"""README's figures of keys are those of today's pages."""

import re

import pytest

from tests.browser.keystrokes import BULK_COUNT, README, counted, key_lines
from tests.browser.walking import Window, sign_in_at_desk
from tests.processes import Server

pytestmark = [pytest.mark.browser, pytest.mark.slow]

KEYS_MAX = 25


def test_a_certification_takes_as_many_keys_as_readme_says(window: Window, desk_page: Server) -> None:
    """What differs is written anew by python -m tests.browser.keystrokes."""
    sign_in_at_desk(window.page, desk_page)

    keys = counted(window.page, desk_page)

    assert [line for line in key_lines(keys) if line not in README.read_text("utf-8")] == []
    assert max(keys.first, keys.repeated, keys.with_slip) <= KEYS_MAX
    assert len(set(keys.bulk_codes)) == BULK_COUNT
    assert all(re.fullmatch(r"H62[.]11[.]01-[0-9]{6}-[0-9]{4}", code) for code in keys.bulk_codes)
