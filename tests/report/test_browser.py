"""The pages in a real browser: wide and narrow, light and dark, printed, without scripts, with nothing leaving the
machine.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import samples

from nnkit.report import write_pages
from nnkit.report.training import write_training

pytestmark = pytest.mark.page

SIZES = {"wide": (1280, 720), "phone": (390, 844)}
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

#: the pages that are looked at in every way: (climb, page)
PAGES = [
    ("passing", "index.html"),
    ("passing", "stage-8.html"),
    ("stopped", "stage-4.html"),
    ("training", "training.html"),
    ("stopped", "causes.html"),
    ("mixed", "index.html"),
    ("mixed", "stage-4.html"),
    ("mixed", "stage-7.html"),
    ("hostile", "stage-1.html"),
    ("kinds", "stage-1.html"),
    ("empty", "stage-1.html"),
]


def chromium() -> str | None:
    named = os.environ.get("NNKIT_CHROMIUM")
    if named:
        return named
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("browser")
    everything = [
        samples.result(
            1, checks=[samples.passed_check(f"c{i}", f"Claim {i}", [e]) for i, e in enumerate(samples.every_kind())]
        )
    ]
    nothing = [
        samples.result(
            1, checks=[samples.passed_check(f"c{i}", f"Claim {i}", [e]) for i, e in enumerate(samples.empty_evidence())]
        )
    ]
    climbs = {
        "passing": samples.passing("digits"),
        "stopped": samples.stopped(),
        "mixed": samples.mixed(),
        "hostile": samples.hostile(),
        "kinds": everything,
        "empty": nothing,
    }
    for name, climb in climbs.items():
        write_pages(climb, folder / name, runs=samples.RUNS)
    page = folder / "training" / "training.html"
    write_training(samples.training(), page, command="nnkit train my_training.py", above=True)
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    program = chromium()
    if program is None:
        pytest.skip("no browser: put chromium on PATH, or its path into NNKIT_CHROMIUM")
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with playwright.sync_playwright() as driver:
        launched = driver.chromium.launch(executable_path=program, args=ARGUMENTS)
        yield launched
        launched.close()


@contextmanager
def opened(browser: Any, site: Path, size: str = "wide", **options: Any) -> Iterator[tuple[Any, list[str]]]:
    """A tab, and a list of what it should not have done: requests to anywhere, messages on the console."""
    width, height = SIZES[size]
    context = browser.new_context(viewport={"width": width, "height": height}, reduced_motion="reduce", **options)
    offences: list[str] = []

    def judge(route: Any) -> None:
        url = route.request.url
        if url.startswith(site.as_uri() + "/"):
            route.continue_()
        else:
            offences.append(f"request: {url[:200]}")
            route.abort()

    context.route(lambda url: not url.startswith("data:"), judge)
    tab = context.new_page()
    tab.on("console", lambda message: offences.append(f"console: {message.text}"))
    tab.on("pageerror", lambda error: offences.append(f"error: {error}"))
    tab.on("dialog", lambda dialog: (offences.append(f"dialog: {dialog.message}"), dialog.dismiss()))
    try:
        yield tab, offences
    finally:
        context.close()


#: pairs of texts of one picture whose boxes overlap (a line box is a little higher than its letters)
OVERLAPPING = """() => {
  const found = [];
  for (const svg of document.querySelectorAll('svg.plot')) {
    const frame = svg.getBoundingClientRect();
    const named = svg.getAttribute('aria-labelledby');
    const boxes = [...svg.querySelectorAll('text')].map(t => [t.textContent, t.getBoundingClientRect()])
      .filter(b => b[1].width > 0);
    for (const [text, b] of boxes)
      if (b.left < frame.left - 1 || b.right > frame.right + 1 || b.top < frame.top - 1 || b.bottom > frame.bottom + 1)
        found.push(`outside: ${text} in ${named}`);
    for (let i = 0; i < boxes.length; i++) for (let j = 0; j < i; j++) {
      const [s, a] = boxes[i], [t, b] = boxes[j];
      const w = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const h = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (w > 1 && h > 2.5) found.push(`${s} | ${t} in ${named} by ${w.toFixed(1)} x ${h.toFixed(1)}`);
    }
  }
  return found;
}"""

#: elements that stick out of the page to the right, and are not inside a region that scrolls by itself
STICKING_OUT = """() => [...document.querySelectorAll('body *')].filter(e => {
  const box = e.getBoundingClientRect();
  const own = e.closest('.scroll, .skip, .unseen, pre, svg');
  return box.right > document.documentElement.clientWidth + 1 && box.width > 0 && !own;
}).map(e => `${e.tagName}.${e.className} ${e.textContent.slice(0, 40)}`)"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", list(SIZES))
def test_pages_fit_and_keep_quiet(browser: Any, site: Path, size: str, scheme: str) -> None:
    grounds = set()
    with opened(browser, site, size, color_scheme=scheme) as (tab, offences):
        for climb, page in PAGES if scheme == "light" else PAGES[:4]:  # colours move nothing
            tab.goto((site / climb / page).as_uri())
            where = f"{climb}/{page}"
            assert tab.evaluate("document.documentElement.scrollWidth") <= SIZES[size][0], where
            assert tab.evaluate(STICKING_OUT) == [], where
            assert tab.evaluate(OVERLAPPING) == [], where
            assert climb == "hostile" or above_the_fold(tab, page, SIZES[size][1]) == [], where
            grounds.add(tab.evaluate("getComputedStyle(document.body).backgroundColor"))
        assert offences == []
    assert grounds == {"rgb(252, 251, 248)" if scheme == "light" else "rgb(23, 25, 28)"}


def above_the_fold(tab: Any, page: str, height: int) -> list[str]:
    """What of the verdict, the sentence, the next command (and the cause of a failure) cannot be seen at once."""
    further = {"stage-4.html": ["main .next .command", ".card h2"], "causes.html": []}
    further["training.html"] = further["stage-4.html"]
    parts = ["h1", "main .sentence", *further.get(page, ["main .next .command"])]
    boxes = {part: tab.locator(part).first.bounding_box() for part in parts}
    return [part for part, box in boxes.items() if box is None or box["y"] + box["height"] > height]


def axe_violations(tab: Any, *, contrast: bool) -> list[tuple[str, str, str]]:
    """(rule, element, what to do). Contrast takes axe most of its time, and the same few styles occur on every page."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="axe-playwright-python is not installed")
    rules = {} if contrast else {"rules": {"color-contrast": {"enabled": False}}}
    tab.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found = axe.Axe().run(tab, options={"resultTypes": ["violations"], **rules}).response["violations"]
    return [(v["id"], n["html"][:200], n.get("failureSummary", "")[:300]) for v in found for n in v["nodes"][:3]]


# Content-Security-Policy forbids scripts, axe among them: it is switched off for these looks alone.


@pytest.mark.parametrize("size", list(SIZES))
def test_axe_finds_nothing(browser: Any, site: Path, size: str) -> None:
    with opened(browser, site, size, bypass_csp=True) as (tab, _):
        for climb, page in PAGES if size == "wide" else PAGES[:5]:
            tab.goto((site / climb / page).as_uri())
            assert axe_violations(tab, contrast=False) == [], f"{climb}/{page}"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_enough_contrast(browser: Any, site: Path, scheme: str) -> None:
    with opened(browser, site, color_scheme=scheme, bypass_csp=True) as (tab, _):
        for climb, page in (("stopped", "stage-4.html"), ("mixed", "index.html")):
            tab.goto((site / climb / page).as_uri())
            tab.evaluate("document.querySelectorAll('figure:nth-of-type(n + 2)').forEach(f => f.remove())")  # all alike
            assert axe_violations(tab, contrast=True) == [], f"{climb}/{page}"


def test_everything_can_be_read_without_scripts(browser: Any, site: Path) -> None:
    with opened(browser, site, "phone", java_script_enabled=False) as (tab, offences):
        tab.goto((site / "stopped" / "stage-4.html").as_uri())
        for part in ("h1", "table.checks", ".card pre", "figure svg", "#hints", "#reproduce", "math"):
            assert tab.locator(part).first.is_visible(), part
        for summary in ("A question", "A pointer", "The explanation"):
            tab.get_by_text(summary, exact=True).click()
        assert tab.get_by_text("Gradient descent moves").is_visible()
        tab.locator("details.data summary").first.click()
        assert tab.locator("table.numbers").first.is_visible()
        assert offences == []


def test_the_colours_can_be_chosen_without_scripts(browser: Any, site: Path) -> None:
    with opened(browser, site, color_scheme="light") as (tab, _):
        tab.goto((site / "stopped" / "stage-4.html").as_uri())
        ground = "getComputedStyle(document.body).backgroundColor"
        seen = [tab.evaluate(ground)]
        for choice in ("Dark", "Light", "Auto"):
            tab.get_by_text(choice, exact=True).click()
            seen.append(tab.evaluate(ground))
        assert seen == ["rgb(252, 251, 248)", "rgb(23, 25, 28)", "rgb(252, 251, 248)", "rgb(252, 251, 248)"]


def test_in_print_the_page_is_light_and_nothing_is_cut_off(browser: Any, site: Path) -> None:
    with opened(browser, site, color_scheme="dark") as (tab, offences):
        tab.set_viewport_size({"width": 718, "height": 1000})  # A4 less its margins, in CSS pixels
        tab.emulate_media(media="print", color_scheme="dark")
        for climb, page in PAGES:
            tab.goto((site / climb / page).as_uri())
            assert tab.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(252, 251, 248)"
            if climb != "hostile":  # its words of 4,000 letters in a table cannot be broken
                assert tab.evaluate(STICKING_OUT) == [], f"{climb}/{page}"
            assert tab.evaluate(OVERLAPPING) == [], f"{climb}/{page}"
            assert not tab.locator("nav.ladder").is_visible()
        tab.goto((site / "stopped" / "stage-4.html").as_uri())
        assert (
            tab.get_by_role("columnheader", name="Required").bounding_box()["width"] > 50
        )  # a table, as on a wide screen
        assert not tab.locator("figcaption summary").first.is_visible()  # nobody can open it on paper
        tab.goto((site / "mixed" / "stage-4.html").as_uri())
        assert tab.get_by_role("group", name="Traceback").is_visible()
        assert len(tab.pdf(format="A4")) > 10_000
        assert offences == []


def test_the_keyboard_reaches_the_verdict_first(browser: Any, site: Path) -> None:
    with opened(browser, site) as (tab, _):
        tab.goto((site / "stopped" / "stage-4.html").as_uri())
        tab.keyboard.press("Tab")
        assert tab.evaluate("document.activeElement.className") == "skip"
        assert tab.locator(".skip").bounding_box()["x"] >= 0
        tab.keyboard.press("Enter")
        assert tab.evaluate("document.activeElement.id") == "main"
