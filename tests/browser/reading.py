"""Whether a page can be used by everybody: by axe-core, at 200 % zoom, and by the keys that it shows."""

from pathlib import Path

from playwright.sync_api import Page, ViewportSize

from tests.browser.walking import SCREEN

AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text("utf-8")
ZOOMED: ViewportSize = {"width": 683, "height": 384}
"""What a screen of 1366x768 shows of a page at 200 %, in CSS pixels."""

FIND_CUT_OFF = """() => {
  const HOLDERS = "td, th, dt, dd, p, li, h1, h2, h3, label, legend, summary, output, a, button, input, .segments";
  const found = [];
  const note = (what, each) => found.push(`${what}: ${each.outerHTML.slice(0, 100)}`);
  const style = (each) => getComputedStyle(each);
  const scrolls = (each) => each && (["auto", "scroll"].includes(style(each).overflowX) || scrolls(each.parentElement));
  const isClipped = (each) => each && (style(each).clipPath !== "none" || isClipped(each.parentElement));
  const isShown = (each) => each.checkVisibility() && each.clientWidth > 1 && !isClipped(each);
  const isShortened = (each) => style(each).textOverflow === "ellipsis" || each.matches("select");
  if (document.scrollingElement.scrollWidth > innerWidth) note("wider than the screen", document.body);
  for (const each of document.querySelectorAll("main *")) {
    if (!isShown(each) || scrolls(each) || each.closest("svg")) continue;
    const isFree = each.matches("textarea, input:not([type=radio], [type=checkbox], [inputmode=numeric])");
    if (each.getBoundingClientRect().right > innerWidth + 1) note("outside", each);
    else if (isFree && each.clientWidth < 80) note("too narrow to type in", each);
    else if (!isFree && each.matches(HOLDERS) && !isShortened(each) && each.scrollWidth > each.clientWidth + 2) {
      note("does not fit", each);
    }
  }
  for (const each of document.querySelectorAll("button.primary, a.button, .tool.is-main")) {
    if (!isShown(each)) continue;
    each.scrollIntoView({ block: "nearest" });
    const edges = each.getBoundingClientRect();
    const there = document.elementFromPoint(edges.x + edges.width / 2, edges.y + edges.height / 2);
    if (!each.contains(there)) note("cannot be reached", each);
  }
  return found;
}"""
"""What of a page is outside the screen, does not fit into its place, or lies under something else."""

FIND_DEAD_KEYS = """() => [...document.querySelectorAll("body:has(#main) kbd")]
  .filter((each) => /^(Shift )?F[0-9]+$/.test(each.textContent.trim()) && each.checkVisibility())
  .filter((each) => {
    const key = each.textContent.trim().replace(" ", "+");
    const named = [...document.querySelectorAll(`[data-key="${key}"]`)].find((one) => one.offsetParent !== null);
    return !named || !(named.contains(each) || named.parentElement.contains(each));
  })
  .map((each) => `shows a key that does nothing: ${each.parentElement.outerHTML.slice(0, 100)}`)"""


def faults(page: Page) -> list[str]:
    """All that keeps somebody from using a page, each with its place."""
    return [*violations(page), *page.evaluate(FIND_DEAD_KEYS), *cut_off(page)]


def violations(page: Page) -> list[str]:
    """What axe-core finds on a page, each with its rule.

    The source is evaluated over the debugging protocol, so the page's content policy stays as it is.
    """
    page.evaluate(AXE)
    found = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{violation['impact']} {violation['id']}: {node['target']} {node['html'][:120]}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


def cut_off(page: Page) -> list[str]:
    """What cannot be seen or pressed at 200 % zoom; the page is as large as before afterwards."""
    page.set_viewport_size(ZOOMED)
    found: list[str] = page.evaluate(FIND_CUT_OFF)
    page.set_viewport_size(SCREEN)
    return found
