"""The recovery kit as it comes out of the printer."""

from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Browser

from central_server.services.recovering import read_kit
from tests.papers import says, sizes_mm, symbols
from tests.processes import central

pytestmark = pytest.mark.browser

SMALLEST_DOT_MM = 0.4
"""Below this a telephone's camera gets unsure in poor light."""


def test_the_printed_sheet_is_the_kit(browser: Browser, tmp_path: Path) -> None:
    said = central(tmp_path / "centre", "init", "--kit", str(tmp_path / "kit.html"))
    code = next(line for line in said.splitlines() if "Recovery code" in line).split(": ")[1]
    page = browser.new_page()
    page.goto((tmp_path / "kit.html").as_uri())

    pdf = page.pdf(prefer_css_page_size=True)

    page.close()
    [(text, width_mm)] = symbols(pdf)
    (tmp_path / "scanned.txt").write_text(text)
    assert read_kit(tmp_path / "scanned.txt", code).backup_seed
    assert width_mm / 120 > SMALLEST_DOT_MM
    assert sizes_mm(pdf) == {(210, 297)}
    with pypdfium2.PdfDocument(pdf) as document:
        assert len(document) == 1
    assert says(pdf, "FSKIT1.")
