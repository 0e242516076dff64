"""A change to one thing that results rest on makes exactly the right passes stale; undone, they are valid again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from workshop import FakeData, Workshop

from nnkit.curriculum import gate
from nnkit.curriculum.gate import nnkit_fingerprint
from nnkit.datasets import DataDamaged

ALL = dict.fromkeys((1, 2, 3, 4), "passed")


@pytest.fixture
def climbed(workshop: Workshop) -> Workshop:
    assert workshop.climb().passed
    assert workshop.standing() == ALL
    return workshop


def reasons(workshop: Workshop) -> dict[int, str]:
    ladder = workshop.ladder()
    return {r.stage.number: r.reason for r in ladder.standing(workshop.ledger.read_all(), ladder.fingerprints())}


def test_a_changed_network_makes_every_pass_stale(climbed: Workshop) -> None:
    climbed.write_network(1.5)
    assert climbed.standing() == dict.fromkeys(ALL, "stale")
    assert set(reasons(climbed).values()) == {"the network's source changed since"}
    climbed.write_network(1.0)
    assert climbed.standing() == ALL


def test_a_changed_module_beside_the_network_makes_every_pass_stale(workshop: Workshop) -> None:
    layers = workshop.folder / "layers.py"
    layers.write_text("size = 1", encoding="utf-8")
    workshop.write_network(text=workshop.network.read_text(encoding="utf-8") + "\nimport layers\n")
    workshop.climb()
    assert workshop.standing() == ALL
    (workshop.folder / "unrelated.py").write_text("size = 2", encoding="utf-8")
    assert workshop.standing() == ALL
    layers.write_text("size = 2", encoding="utf-8")
    assert workshop.standing() == dict.fromkeys(ALL, "stale")


def test_a_changed_stage_makes_its_own_pass_stale_and_holds_up_the_later_ones(climbed: Workshop) -> None:
    climbed.write_stage(2, limit=3.0)
    assert climbed.standing() == {1: "passed", 2: "stale", 3: "stale", 4: "stale"}
    assert reasons(climbed)[2] == "this stage's source changed since"
    assert reasons(climbed)[3] == "stage 2 before it has no valid pass"
    outcome = climbed.climb()
    assert outcome.passed and list(outcome.ran) == [2]  # nothing that 3 and 4 rest on is different
    climbed.write_stage(2, limit=2.0)
    assert list(climbed.climb().ran) == [2]


def test_a_changed_nnkit_makes_every_pass_stale(climbed: Workshop) -> None:
    climbed.write_nnkit("precision = 2")
    assert set(reasons(climbed).values()) == {"nnkit's own source changed since"}
    climbed.write_nnkit("precision = 1")
    assert climbed.standing() == ALL


def test_what_only_draws_is_no_part_of_nnkits_fingerprint(climbed: Workshop) -> None:
    package = climbed.folder / "nnkit"
    before = nnkit_fingerprint(package)
    (package / "report").mkdir()
    for name in ("report/figures.py", "cli.py", "site.py", "terminal.py", "__main__.py"):
        (package / name).write_text("colour = 'red'", encoding="utf-8")
    assert nnkit_fingerprint(package) == before
    (package / "curriculum").mkdir()
    (package / "curriculum" / "report.py").write_text("", encoding="utf-8")
    assert nnkit_fingerprint(package) != before


def test_changed_data_makes_the_stages_that_use_it_stale(climbed: Workshop) -> None:
    climbed.data.mark = "mnist 1"
    assert climbed.standing() == {1: "passed", 2: "passed", 3: "stale", 4: "stale"}
    assert reasons(climbed)[3] == "the data set changed since"
    assert reasons(climbed)[4] == "stage 3 before it has no valid pass"
    climbed.data.mark = "digits 1"
    assert climbed.standing() == ALL


def test_a_pass_on_the_embedded_digits_does_not_do_where_mnist_is_required(climbed: Workshop) -> None:
    climbed.data.require_mnist = True
    assert climbed.standing() == {1: "passed", 2: "passed", 3: "stale", 4: "stale"}
    assert reasons(climbed)[3] == "MNIST is required, and it ran on the embedded digits"


def test_another_seed_makes_every_pass_stale(climbed: Workshop) -> None:
    climbed.seed = 1
    assert set(reasons(climbed).values()) == {"the seed changed since"}
    climbed.seed = 0
    assert climbed.standing() == ALL


def test_another_numpy_makes_every_pass_stale(climbed: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "numeric_environment", lambda: {"numpy": "0.1"})
    assert set(reasons(climbed).values()) == {"the environment (Python, NumPy, BLAS or platform) changed since"}


def test_several_changes_are_named_together(climbed: Workshop) -> None:
    climbed.write_network(1.5)
    climbed.seed = 1
    climbed.data.mark = "mnist 1"
    assert reasons(climbed)[1] == "the network's source and the seed changed since"
    assert reasons(climbed)[3] == "the network's source, the data set and the seed changed since"


def test_a_renamed_callable_in_one_file_is_another_network(climbed: Workshop) -> None:
    ladder = climbed.ladder()
    other = replace(ladder, network=replace(ladder.network, attribute="other"))
    assert other.fingerprints()[1]["network"] != ladder.fingerprints()[1]["network"]


def test_a_network_is_the_same_wherever_its_folder_lies(workshop: Workshop) -> None:
    before = workshop.ladder().fingerprints()
    moved = Workshop(workshop.folder.rename(workshop.folder.with_name("moved")), data=FakeData())
    assert moved.ladder().fingerprints() == before


def test_damaged_data_agrees_with_no_result(monkeypatch: pytest.MonkeyPatch) -> None:
    from nnkit.curriculum import data

    def damaged(*_: object) -> None:
        raise DataDamaged("train.gz", "a whole file", "half of one")

    monkeypatch.setattr(data, "locate_dataset", damaged)
    assert data.Data().fingerprint().startswith("damaged: ")


def test_a_failure_stays_a_failure_until_something_changes(workshop: Workshop) -> None:
    workshop.write_stage(2, limit=0.5)
    workshop.climb()
    assert workshop.standing() == {1: "passed", 2: "failed", 3: "blocked", 4: "blocked"}
    workshop.write_stage(2, limit=0.6)
    assert workshop.standing() == {1: "passed", 2: "stale", 3: "not-run", 4: "not-run"}
    workshop.write_network(0.5)
    assert workshop.standing() == {1: "stale", 2: "stale", 3: "not-run", 4: "not-run"}


def test_fingerprints_are_short_hashes_but_for_the_seed(workshop: Workshop) -> None:
    workshop.seed = 7
    prints = workshop.ladder().fingerprints()
    assert set(prints[1]) == {"network", "stage", "nnkit", "seed", "environment"}
    assert set(prints[3]) == set(prints[1]) | {"data"}
    assert prints[1]["seed"] == "7"
    assert {len(value) for name, value in prints[3].items() if name != "seed"} == {16}


def test_the_environment_is_told_in_words() -> None:
    from nnkit.curriculum.environment import describe_environment

    told = describe_environment()
    assert told["numpy"] == np.__version__
    assert all(told[name] for name in ("python", "nnkit", "blas", "platform", "system", "processor"))
