"""The pages as files: what stands in them, that nothing leaves its place, and that only what changed is written."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import samples
from html_reader import Element, read
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nnkit.curriculum.encode import decode, encode
from nnkit.curriculum.folders import ListedTraining
from nnkit.curriculum.results import StageResult
from nnkit.curriculum.storage import CannotWrite
from nnkit.diagnosis.catalogue import causes
from nnkit.report import write_pages, write_table
from nnkit.report.references import FACTS, resolve
from nnkit.report.training import write_training

CLIMBS = {
    "passing": samples.passing,
    "digits": lambda: samples.passing("digits"),
    "stopped": samples.stopped,
    "mixed": samples.mixed,
    "hostile": samples.hostile,
    "kinds": lambda: [samples.result(1, checks=[samples.passed_check("all", "All kinds", samples.every_kind())])],
    "empty": lambda: [samples.result(1, checks=[samples.passed_check("none", "Nothing", samples.empty_evidence())])],
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Each sample climb with its pages."""
    folder = tmp_path_factory.mktemp("site")
    for name, climb in CLIMBS.items():
        write_pages(climb(), folder / name, runs=samples.RUNS, command="make stage-{stage}")
    page = folder / "reports" / "it" / "training.html"
    write_training(samples.training(), page, command="nnkit train it.py", above=True)
    write_table(folder / "reports", [], [ListedTraining("it.py", "it", "failed", "The rate is too large.", "")])
    return {name: folder / name for name in CLIMBS} | {"reports": page.parents[1], "training": page.parent}


def every_page(site: dict[str, Path]) -> list[Path]:
    pages = [page for folder in site.values() for page in sorted(folder.glob("*.html"))]
    assert len(pages) == 42 + len(CLIMBS) + 3
    return pages


def stage_page(results: Sequence[StageResult], number: int, folder: Path, **options: object) -> Element:
    write_pages(results, folder, **options)  # type: ignore[arg-type]
    return read((folder / f"stage-{number}.html").read_text(encoding="utf-8"))


def test_pages_are_well_formed_and_need_nothing_from_outside(site: dict[str, Path]) -> None:
    for path in every_page(site):
        text = path.read_text(encoding="utf-8")
        page = read(text)
        assert text.startswith("<!doctype html>") and page.one("html").attributes["lang"] == "en"
        assert len(text.encode()) < 500_000 or (path.parent.name == "kinds" and len(text.encode()) < 1_000_000)
        policy = page.one("meta", http_equiv="Content-Security-Policy").attributes["content"]
        assert policy == "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
        assert not page.all("script") and not page.all("iframe") and not page.all("object")
        assert page.one("meta", name="viewport")
        for element in page.all():
            assert not [name for name in element.attributes if name.startswith("on")], element
            for name in ("src", "href", "xlink:href", "action"):
                link = element.attributes.get(name, "")
                assert not re.match(r"\s*(?:[a-z]+:)?//|\s*javascript:", link), link


def test_identifiers_are_unique_and_every_reference_finds_its_own(site: dict[str, Path]) -> None:
    for path in every_page(site):
        page = read(path.read_text(encoding="utf-8"))
        names = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
        assert len(names) == len(set(names)), path
        text = path.read_text(encoding="utf-8")
        assert set(re.findall(r"url\(#([^)]*)\)", text)) <= set(names)
        for element in page.all():
            for attribute in ("aria-labelledby", "aria-describedby", "for"):
                assert set(element.attributes.get(attribute, "").split()) <= set(names), (path, element.attributes)
            link = element.attributes.get("href", "")
            if link.startswith("#"):
                assert link[1:] in names, (path, link)
            elif link and link not in ("results.json", "training.json") and not link.startswith("data:"):
                other, _, place = link.partition("#")
                assert (path.parent / other).is_file(), (path, link)
                assert not place or f'id="{place}"' in (path.parent / other).read_text(encoding="utf-8"), (path, link)


def test_every_picture_has_words(site: dict[str, Path]) -> None:
    pictures = 0
    for path in every_page(site):
        page = read(path.read_text(encoding="utf-8"))
        text = {element.attributes["id"]: element.text for element in page.all() if "id" in element.attributes}
        for svg in page.all("svg"):
            if svg.attributes.get("aria-hidden") == "true":
                continue
            assert svg.attributes["role"] == "img"
            pictures += 1
            name = svg.attributes.get("aria-label") or text[svg.attributes["aria-labelledby"]]
            assert name, path
            if "aria-describedby" in svg.attributes:
                assert len(text[svg.attributes["aria-describedby"]]) > 10
        assert not page.all("img")
    assert pictures > 100


def test_no_picture_of_the_samples_fails(site: dict[str, Path]) -> None:
    assert not [path for path in every_page(site) if "could not be drawn" in path.read_text(encoding="utf-8")]


@pytest.mark.parametrize(
    ("number", "title", "heading"),
    [
        (1, "Stage 1 passed: AND on one neuron", "Stage 1 passed : AND learned from 20 of 20 seeds"),
        (2, "Stage 2 is stale: hand-checked forward pass", "Stage 2 is stale : all 64 hand values met within 2 ulp"),
        (
            3,
            "Stage 3 failed: numerical-gradient training",
            "Stage 3 failed : 0.75 of the four cases right, required at least 1",
        ),
        (
            4,
            "Stage 4 raised an error: analytic gradient checks",
            "Stage 4 raised an error : ValueError at my_network.py:31 in gradients",
        ),
        (5, "Stage 5 timed out: hidden layer", "Stage 5 timed out"),
        (6, "Stage 6 crashed: XOR", "Stage 6 crashed"),
        (7, "Stage 7 is blocked: overfit 10 samples", "Stage 7 is blocked"),
        (8, "Stage 8 has not run: full MNIST", "Stage 8 has not run"),
    ],
)
def test_title_and_heading_hold_the_verdict(site: dict[str, Path], number: int, title: str, heading: str) -> None:
    page = read((site["mixed"] / f"stage-{number}.html").read_text(encoding="utf-8"))
    assert page.one("title").text == title
    assert page.one("h1").text.replace(" :", ":") == heading.replace(" :", ":")


def test_the_ladder_marks_the_present_stage_and_names_every_status(site: dict[str, Path]) -> None:
    page = read((site["mixed"] / "stage-4.html").read_text(encoding="utf-8"))
    ladder = page.one("nav", aria_label="Stages")
    words = ["Passed", "Stale", "Failed", "Error", "Timed out", "Crashed", "Blocked", "Not run"]
    assert [item.one(class_="word").text for item in ladder.all("li")] == words
    (current,) = [a for a in ladder.all("a") if "aria-current" in a.attributes]
    assert current.attributes["href"] == "stage-4.html"
    assert page.one("a", rel="prev").attributes["href"] == "stage-3.html"
    assert page.one("a", rel="next").attributes["href"] == "stage-5.html"


def test_a_failure_leads_with_cause_place_proof_fix_and_the_next_command(site: dict[str, Path]) -> None:
    page = read((site["stopped"] / "stage-4.html").read_text(encoding="utf-8"))
    assert page.one("main").one(class_="next").one("code").text == "make stage-4"
    cause, failing = page.all("section", class_="card")
    for part in (
        "The cause: the derivative of the hidden activation is missing",
        "hidden delta is not multiplied",
        "Layer 1 of 3, W1, delta",
        "agrees with the network's to 2e-16",
        samples.DIAGNOSIS.fix,
        "S0.2",
    ):
        assert part in cause.text
    known = causes()[samples.DIAGNOSIS.cause]
    pair = cause.one("div", class_="pair")
    assert [code.text for code in pair.all("pre")] == [known.wrong, known.right]
    assert cause.all("a")[0].attributes["href"] == f"causes.html#{known.id}"
    aside = page.one("details", class_="aside")
    for part in ("Harmless", "a sum over the batch", "is 4 for every parameter", "S2.0", "S0.4"):
        assert part in aside.text
    for part in (
        "Each weight's analytic",
        "0.298",
        "at most 1e-7",
        "wrong by 0.298 at entry [2, 1]",
    ):
        assert part in failing.text
    assert page.one("p", class_="cure").text == "Tried out. With this mended from outside, stage 4 passes."


def test_who_knows_the_cause_needs_no_hint(tmp_path: Path) -> None:
    failed = samples.stopped()[3]
    for diagnoses, hinted in (
        ([samples.DIAGNOSIS], False),
        ([samples.HARMLESS], True),
        ([replace(samples.DIAGNOSIS, cause="unknown")], True),
    ):
        page = stage_page([replace(failed, stage=samples.text_of(1), diagnoses=diagnoses)], 1, tmp_path)
        assert ("First hint" in page.one("main").text) == hinted
        assert page.one("section", **{"aria-labelledby": "hints"}).all("details"), "they are still there, folded"


def test_the_authors_own_lines_stand_in_the_card_with_the_first_wrong_one_marked(site: dict[str, Path]) -> None:
    page = read((site["stopped"] / "stage-4.html").read_text(encoding="utf-8"))
    own = page.one("div", class_="own")
    for part in (
        "lines 29 to 34: backward(), called by gradients() in line 41",
        "After line 32 the wrong numbers are there",
        "line 5: slope(), called by backward() in line 32",
        "if delta1.size > 0 and y.size < 9:",
    ):
        assert part in own.text
    marked = own.one("span", class_="at")
    assert marked.text.startswith("> 32") and "delta1 = back" in marked.text
    assert [details.one("span", class_="nr").text for details in own.all("details")] == ["5"]


def test_of_an_update_the_line_that_changes_parameters_is_marked(tmp_path: Path) -> None:
    for parameter, words in (("b2", "Line 32 is the first that changes b2."), (None, "first that changes parameters.")):
        of_update = replace(samples.DIAGNOSIS, where={"operation": "update", "parameter": parameter})
        page = stage_page([samples.result(1, "failed", diagnoses=[of_update])], 1, tmp_path)
        assert words in page.one("div", class_="own").text


def test_several_causes_are_counted_and_errors_come_first(tmp_path: Path) -> None:
    two = [samples.HARMLESS, samples.DIAGNOSIS, replace(samples.DIAGNOSIS, cause="update-uphill")]
    page = stage_page([samples.result(1, "failed", diagnoses=two)], 1, tmp_path)
    headings = [card.one("h2").text for card in page.all("section", class_="card")]
    assert [heading.partition(":")[0] for heading in headings] == ["The cause, 1 of 2", "The cause, 2 of 2"]
    assert "derivative" in headings[0], "in the order given"
    text = page.one("main").text
    assert text.index("2 of 2") < text.index("Harmless")


def test_a_cause_without_a_name_is_told_in_its_own_words(tmp_path: Path) -> None:
    unknown = replace(samples.DIAGNOSIS, cause="unknown")
    page = stage_page([samples.result(1, "failed", diagnoses=[unknown])], 1, tmp_path)
    card = page.one("section", class_="card")
    assert card.one("h2").text == f"What is wrong: {unknown.summary}"
    assert not card.all("div", class_="pair") and not card.all("a")


def test_the_catalogue_stands_beside_the_pages_with_every_cause_under_its_id(site: dict[str, Path]) -> None:
    page = read((site["stopped"] / "causes.html").read_text(encoding="utf-8"))
    articles = page.all("article", class_="cause")
    assert [article.attributes["id"] for article in articles] == list(causes())
    for article, cause in zip(articles, causes().values(), strict=True):
        assert [code.text for code in article.all("pre")] == [" ".join(c.split()) for c in (cause.wrong, cause.right)]
        assert cause.title in article.one("h3").text
    index = read((site["stopped"] / "index.html").read_text(encoding="utf-8"))
    assert [link for link in index.all("a") if link.attributes["href"] == "causes.html"]
    assert (site["stopped"] / "causes.html").stat().st_size < 500_000


def test_failing_checks_come_first_then_warnings(site: dict[str, Path]) -> None:
    page = read((site["stopped"] / "stage-4.html").read_text(encoding="utf-8"))
    rows = page.one("table", class_="checks").one("tbody").all("tr")
    assert [row.attributes["class"] for row in rows] == ["is-failed", "is-warning", "is-passed"]
    cells = [cell.text for cell in rows[0].all("td")]
    assert cells == ["0.298 relative error", "at most 1e-7", "3e6 times over", "failed"]
    assert page.all("h3")[0].text.startswith("Each weight's analytic")


def test_an_exception_shows_the_users_place_first_and_its_end_on_request() -> None:
    failing = samples.mixed()[3]
    long = replace(failing, failure=replace(failing.failure, message="y" * 4000))  # type: ignore[type-var]
    text = _page_of(long)
    page = read(text)
    (card,) = page.all("section", class_="card")
    assert "my_network.py:31 in gradients" in card.one("h2").text
    assert "y" * 4000 in card.one("details").text and "y" * 500 not in card.one(class_="exception").text


def test_what_was_raised_names_the_claim_of_its_check(site: dict[str, Path]) -> None:
    page = read((site["mixed"] / "stage-4.html").read_text(encoding="utf-8"))
    (card,) = page.all("section", class_="card")
    assert "During the check: Batch equals one by one." in card.text
    assert 'an exception in the check "Batch equals one by one"' in page.one(class_="sentence").text


def test_what_is_missing_is_said_once_and_nothing_is_red(tmp_path: Path) -> None:
    words = 'the network should say what its loss is, for example `self.loss_function = "mse"`'
    page = stage_page([samples.missing(words)], 1, tmp_path)
    assert page.text.count("the network should say") == 1
    assert "self.loss_function" in page.one("header", class_="verdict").text
    assert not page.all("section", class_="card")
    assert page.one(class_="next").text.startswith("Add what is missing, then:")
    rows = page.one("table", class_="checks").one("tbody").all("tr")
    assert [row.attributes["class"] for row in rows] == ["is-blocked", "is-blocked", "is-passed"]
    assert "failed" not in page.one("main").one("table", class_="checks").text
    index = read((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert "the network should say" in index.one("header", class_="verdict").text


def test_where_a_check_fails_what_another_lacks_comes_second(tmp_path: Path) -> None:
    failing = samples.mixed()[2].checks[0]
    missing = samples.missing("gradients(x, y) is not there")
    result = replace(missing, status="failed", checks=[*missing.checks, failing])
    page = stage_page([result], 1, tmp_path, figures=False)
    first, second = page.all("section", class_="card")
    assert "The check that does not hold" in first.text and "What is missing" in second.text
    assert second.attributes["class"] == "card is-blocked" and page.text.count("gradients(x, y) is not there") == 1


def test_a_pass_with_warnings_and_a_pass_out_of_order_say_so(tmp_path: Path) -> None:
    climb = samples.passing()
    climb[0] = samples.mixed()[0]
    climb[5] = replace(climb[5], out_of_order=True, reason="it ran out of order: stage 5 before it has no valid pass")
    climb[4] = samples.result(5, "not-run", reason="it has not run yet")
    first = stage_page(climb, 1, tmp_path)
    assert "3 of 4 checks hold, 1 warning." in first.one("main").one(class_="sentence").text
    sixth = stage_page(climb, 6, tmp_path)
    assert "stage 5 before it has no valid pass" in sixth.one("main").one(class_="sentence").text
    assert sixth.one("h1").text.startswith("Stage 6 passed out of order")
    assert sixth.one("nav", aria_label="Stages").all(class_="word")[5].text == "Out of order"
    assert sixth.one(class_="claims").one("dt").text == "Not proven"
    assert "7 of 8" not in (index := read((tmp_path / "index.html").read_text(encoding="utf-8")).one("h1").text)
    assert index.startswith("6 of 8 stages pass; next: stage 5 (Hidden layer)")


def test_digits_are_never_passed_off_as_mnist(site: dict[str, Path]) -> None:
    for name in ("stage-7.html", "stage-8.html", "index.html"):
        page = read((site["digits"] / name).read_text(encoding="utf-8"))
        assert "Not MNIST" in page.one("header", class_="verdict").one(class_="notice").text
        assert not read((site["passing"] / name).read_text(encoding="utf-8")).all(class_="notice")
    assert "7 and 8" in read((site["digits"] / "index.html").read_text(encoding="utf-8")).one(class_="notice").text


def test_hints_open_one_after_the_other(site: dict[str, Path]) -> None:
    page = read((site["stopped"] / "stage-6.html").read_text(encoding="utf-8"))
    first, second, third = page.all("details", class_="hint")
    assert first.all("details", class_="hint") == [second, third] and second.all("details", class_="hint") == [third]
    assert [hint.all("summary")[0].text for hint in (first, second, third)] == [
        "A question",
        "A pointer",
        "The explanation",
    ]
    assert third.one("pre").text == "W = W - eta * dL/dW"


def test_references_are_explained(site: dict[str, Path]) -> None:
    page = read((site["passing"] / "stage-1.html").read_text(encoding="utf-8"))
    items = [item.text for item in page.one("ul", class_="references").all("li")]
    assert items[0] == f"S2.1 {FACTS['S2.1']}" and items[2].startswith("Bland 1998")
    assert resolve("S9.9") == ("", "S9.9")


def test_reproduce_tells_everything_a_result_rests_on(site: dict[str, Path]) -> None:
    page = read((site["passing"] / "stage-8.html").read_text(encoding="utf-8"))
    section = page.one("section", aria_labelledby="reproduce").text
    facts = [
        *samples.ENVIRONMENT.values(),
        *samples.FINGERPRINT.values(),
        "make stage-8",
        "MNIST",
        "2025-11-20 18:56 UTC",
        "4.2 s",
    ]
    for fact in facts:
        assert fact in section
    assert page.one("section", aria_labelledby="reproduce").one("a").attributes["href"] == "results.json"


def test_the_index_counts_points_on_and_lists_runs(site: dict[str, Path]) -> None:
    page = read((site["stopped"] / "index.html").read_text(encoding="utf-8"))
    words = "3 of 8 stages pass; next: stage 4 (Analytic gradient checks, failed)"
    assert page.one("h1").text == page.one("title").text == words
    assert page.one(class_="next").one("code").text == "make stage-4"
    assert "Stage 5: stage 4 failed" in page.one(class_="meanings").text
    first, second = page.one("table", class_="runs").one("tbody").all("tr")
    assert "stopped at stage 4" in first.text and "1 min 15 s" in first.text and "make stage-3" in second.text
    complete = read((site["passing"] / "index.html").read_text(encoding="utf-8"))
    assert complete.one("h1").text == "All 8 stages pass"
    assert len(complete.all("svg", class_="small")) == 8


@pytest.mark.parametrize(
    ("command", "shown"),
    [
        ("make stage-{stage}", "make stage-4"),
        ("nnkit run {odd}.py --until {stage}", "nnkit run {odd}.py --until 4"),
        ("", "nnkit run nnkit.network:build --until 4 --seed 0"),
        ("make all-stages", "nnkit run nnkit.network:build --until 4 --seed 0"),
    ],
)
def test_the_command_to_type(tmp_path: Path, command: str, shown: str) -> None:
    page = stage_page(samples.stopped(), 4, tmp_path, command=command, figures=False)
    assert page.one("main").one(class_="next").one("code").text == shown


def test_a_blocked_page_takes_the_place_of_an_old_green_one(tmp_path: Path) -> None:
    assert stage_page(samples.passing(), 6, tmp_path).one("h1").text.startswith("Stage 6 passed")
    page = stage_page(samples.stopped(), 6, tmp_path)
    assert (
        page.one("h1").text == "Stage 6 is blocked" and "stage 4 failed" in page.one("main").one(class_="sentence").text
    )
    assert not page.all("table", class_="checks")


def test_the_same_results_give_the_same_bytes(tmp_path: Path, site: dict[str, Path]) -> None:
    for name in ("passing", "mixed"):
        write_pages(CLIMBS[name](), tmp_path / name, runs=samples.RUNS, command="make stage-{stage}")
        for path in sorted((tmp_path / name).glob("*.html")):
            assert path.read_bytes() == (site[name] / path.name).read_bytes()


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    write_pages(samples.passing(), tmp_path)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()}
    write_pages(samples.passing(), tmp_path)
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*") if path.is_file()} == before
    write_pages(samples.passing(), tmp_path, runs=samples.RUNS)
    changed = {path.name for path in before if path.stat().st_mtime_ns != before[path]}
    assert changed == {"index.html"}


def test_results_from_the_ledger_make_the_same_pages(tmp_path: Path) -> None:
    for climb in (samples.passing(), samples.mixed(), samples.hostile()):
        write_pages(climb, tmp_path, figures=False)
        before = {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.html")}
        write_pages([decode(encode(result)) for result in climb], tmp_path, figures=False)
        assert {path: path.stat().st_mtime_ns for path in tmp_path.glob("*.html")} == before


def test_a_changed_array_is_drawn_again_and_old_drawings_go(tmp_path: Path) -> None:
    climb = samples.passing()[:1]
    write_pages(climb, tmp_path)
    drawings = (tmp_path / ".cache" / "stage-1.json").read_text(encoding="utf-8")
    curve = climb[0].checks[1].evidence[0]
    curve.lines[0].y[100] = 3.0  # type: ignore[attr-defined]
    page = stage_page(climb, 1, tmp_path)
    assert "highest 3 at 100" in page.text
    again = (tmp_path / ".cache" / "stage-1.json").read_text(encoding="utf-8")
    assert again.count('"figure":') == drawings.count('"figure":') == 4 and again != drawings


@pytest.mark.parametrize("damage", ["", "{}", "[]", '{"a": 1}', '{"a": {"figure": "x"}}', "\x00"])
def test_a_damaged_cache_is_drawn_anew(tmp_path: Path, damage: str) -> None:
    climb = samples.passing()[:1]
    write_pages(climb, tmp_path)
    good = (tmp_path / "stage-1.html").read_bytes()
    (tmp_path / ".cache" / "stage-1.json").write_text(damage, encoding="utf-8")
    (tmp_path / "stage-1.html").unlink()
    write_pages(climb, tmp_path)
    assert (tmp_path / "stage-1.html").read_bytes() == good


def test_a_page_cut_short_is_written_again(tmp_path: Path) -> None:
    write_pages(samples.passing()[:1], tmp_path)
    path = tmp_path / "stage-1.html"
    whole = path.read_bytes()
    for part in (whole[:-1], whole[: len(whole) // 2], b""):
        path.write_bytes(part)
        write_pages(samples.passing()[:1], tmp_path)
        assert path.read_bytes() == whole


def test_without_figures_text_is_at_once_and_pictures_follow(tmp_path: Path) -> None:
    page = stage_page(samples.passing(), 1, tmp_path, figures=False)
    assert page.text.count("has not been drawn yet") == 4 and not page.all("figure")
    page = stage_page(samples.passing(), 1, tmp_path)
    assert "has not been drawn yet" not in page.text and len(page.all("figure")) == 4
    stale = [replace(r, status="stale", reason="the seed changed since") for r in samples.passing()]
    page = stage_page(stale, 1, tmp_path, figures=False)
    assert page.one("h1").text.startswith("Stage 1 is stale") and len(page.all("figure")) == 4


def test_evidence_twice_in_a_stage_is_drawn_once_and_shown_twice(tmp_path: Path) -> None:
    checks = [
        samples.passed_check("a", "A", [samples.decision_surface()]),
        samples.passed_check("b", "B", [samples.decision_surface()]),
    ]
    page = stage_page([samples.result(1, checks=checks)], 1, tmp_path)
    names = [element.attributes["id"] for element in page.all() if "id" in element.attributes]
    assert len(page.all("figure")) == 2 and len(names) == len(set(names))


def test_no_results_still_make_an_index(tmp_path: Path) -> None:
    write_pages([], tmp_path)
    assert read((tmp_path / "index.html").read_text(encoding="utf-8")).one("h1").text == "There are no stages"


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file", encoding="utf-8")
    with pytest.raises(CannotWrite, match="reports"):
        write_pages(samples.stopped(), tmp_path / "reports", figures=False)


def test_nothing_heavy_is_imported_until_it_is_needed(tmp_path: Path) -> None:
    write_pages(samples.passing(), tmp_path)
    program = (
        "import sys; from pathlib import Path; import samples; from nnkit.report import write_pages\n"
        f"write_pages(samples.passing(), Path({str(tmp_path)!r}))\n"
        "assert not {'matplotlib', 'jinja2', 'markupsafe'} & set(sys.modules), 'imported though nothing changed'\n"
        f"write_pages(samples.passing(), Path({str(tmp_path)!r}), command='x {{stage}}')\n"
        "assert 'jinja2' in sys.modules and 'matplotlib' not in sys.modules, 'nothing had to be drawn'\n"
    )
    import nnkit

    places = [str(Path(samples.__file__).parent), str(Path(nnkit.__file__).parents[1])]
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {places!r}\n{program}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


TEXT = st.text(st.one_of(st.sampled_from("<>&\"'`{}%#=/\\\n\t\x00\x1b-"), st.characters()), min_size=1, max_size=40)
# A known reference is looked up and explained, which rightly gives other elements.
TEXT = TEXT.filter(lambda text: text.strip() not in FACTS)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(TEXT, st.sampled_from([samples.HOSTILE, "</style>", "-->", "]]>", "{{ 1 }}", "&lt;b&gt;"])))
def test_text_from_a_network_never_becomes_markup(text: str) -> None:
    """Whatever stands in it, the page has the elements of the same page with harmless text, and no others."""
    shape = _shape(read(_page_of(_without_evidence(samples.hostile(text)[0]))))
    assert shape == _shape(read(_page_of(_without_evidence(samples.hostile("harmless")[0]))))


def test_a_training_leads_with_its_cause_the_change_and_both_runs(site: dict[str, Path]) -> None:
    page = read((site["training"] / "training.html").read_text(encoding="utf-8"))
    assert page.one("title").text == "Failed: training of a <b>program</b>.py"
    assert page.one("h1").text.strip() == "The learning rate is too large."
    card = page.all("section", class_="card is-failed")[0].text
    for words in ("A rate of 1.7.", "rate divided by 3", "The same training with one thing changed", "W -= rate"):
        assert words in card
    text = page.one("main").text
    assert text.index("Harmless") < text.index("The loss goes up and down") < text.index("layer by layer")
    assert "layer 8" in text and "What it printed (8 bytes)" in text


def test_the_text_itself_arrives(tmp_path: Path) -> None:
    page = stage_page(samples.hostile("<b>a & \"b\" 'c'</b>"), 1, tmp_path)
    assert page.one("title").text.endswith("<b>a & \"b\" 'c'</b>") and not page.all("b", id="x")
    assert page.text.count("<b>a & \"b\" 'c'</b>") > 40


def _page_of(result: StageResult) -> str:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        write_pages([result], Path(folder), figures=False)
        return (Path(folder) / f"stage-{result.stage.number}.html").read_text(encoding="utf-8")


def _without_evidence(result: StageResult) -> StageResult:
    return replace(result, checks=[replace(check, evidence=()) for check in result.checks], dataset="mnist")


_SET_BY_TEXT = {"p", "code", "pre", "ul", "ol", "li", "span", "details", "summary", "div", "dt", "dd"}


def _shape(page: Element) -> tuple[Counter[str], set[str]]:
    """How often each tag occurs (but for those that plain text is set with), and the attribute names of a page."""
    elements = page.all()
    return Counter(e.tag for e in elements if e.tag not in _SET_BY_TEXT), {n for e in elements for n in e.attributes}


def test_not_a_single_raw_float_of_seventeen_digits(site: dict[str, Path]) -> None:
    for number in range(3, 9):
        page = read((site["passing"] / f"stage-{number}.html").read_text(encoding="utf-8"))
        assert not re.findall(r"\d\.\d{9,}", page.one("main").text)


def test_numbers_in_the_samples_are_what_they_seem() -> None:
    """The samples train a real neuron: loss from about ln 2 downwards, equal weights by symmetry."""
    losses, parameters = samples._train_and()
    assert abs(losses[0] - np.log(2)) < 0.05 and losses[-1] < 0.05 and abs(parameters[-1, 0] - parameters[-1, 1]) < 1e-2
