"""Keys of ``method.toml`` and their checks."""

from __future__ import annotations

import pytest
from methods_fakes import load_refusal

from tembench.core import list_methods
from tembench.methods.method import load_method


def test_all_mistakes_are_reported_together(write_method):
    text = load_refusal(
        write_method(
            "name = 3\ntitle = ''\nkind = 'clasical'\nlicense = 'MIT'\ninput = 'clean'\n"
            "[paper]\njournal = 'x'\n[parameters]\na = {b = 1}\n[search]\nsigma = 1\na = 4\n"
        )
    )
    for part in (
        "name: expected a string, got 3",
        "title: expected text that matches",
        "summary: missing",
        "licence: missing",
        "kind: expected one of control, classical, learned, got 'clasical'",
        "license: unknown key, did you mean 'licence'?",
        "input: ",
        "paper.journal: unknown key",
        "parameters.a: expected",
        "search.sigma: no such parameter",
        "search.a: expected a list of values, got 4",
    ):
        assert part in text


@pytest.mark.parametrize("table", ["paper = 1", "parameters = []", "search = 'x'"])
def test_a_value_in_place_of_a_table_is_reported(write_method, good_toml, table):
    toml = table + "\n" + good_toml.split("[parameters]")[0]
    assert f"{table.split()[0]}: expected a table" in load_refusal(write_method(toml))


def test_a_learned_method_names_its_training_data(write_method, good_toml):
    assert "training.data: missing" in load_refusal(
        write_method(good_toml.replace("classical", "learned"))
    )


def test_only_a_control_may_see_the_truth(write_method, good_toml):
    toml = good_toml.replace('kind = "classical"', 'kind = "classical"\ninput = "clean"')
    assert "only a control" in load_refusal(write_method(toml))


def test_only_a_control_may_be_made_of_all_images(write_method, good_toml):
    toml = good_toml.replace("[parameters]", '[training]\nimages = "all"\n[parameters]')
    assert "training.images: expected train, got all" in load_refusal(write_method(toml))
    control = load_method(write_method(toml.replace('"classical"', '"control"')))
    assert control.training_images == "all"
    assert load_method("dictionary").training_images == "train"


def test_authors_code_and_training_may_be_stated(write_method, good_toml):
    assert load_method(write_method()).provenance == {}
    stated = 'authors = "A, B"\ncode_url = "https://a.b/c"\nsupervised = false\n'
    method = load_method(write_method(stated + good_toml))
    assert method.provenance == {"authors": "A, B", "code": "https://a.b/c", "supervised": False}
    wrong = 'code_url = "ftp://a"\ntrained_on = "nothing"\nsupervised = true\n'
    text = load_refusal(write_method(wrong + good_toml))
    assert "code_url: expected a web address, https://..., got 'ftp://a'" in text
    assert "supervised: expected false for a method that is trained on nothing" in text


@pytest.mark.parametrize("name", list_methods())
def test_baselines_state_who_made_them_and_what_they_are_trained_on(name):
    method = load_method(name)
    assert set(method.provenance) >= {"authors", "trained_on", "supervised"}
    if method.kind == "classical":
        assert method.provenance["trained_on"] == "nothing"
    assert (method.provenance["trained_on"] == "nothing") == method.training_data.startswith("none")


def test_no_toml(write_method):
    assert "not valid TOML" in load_refusal(write_method("name = "))


@pytest.mark.parametrize(
    ("code", "part"),
    [
        ("../nowhere", "code: expected a folder that holds method.py, got '../nowhere'"),
        ("../empty", "code: expected a folder that holds method.py, got '../empty'"),
        ("/mine", "code: expected a path relative to this folder, got '/mine'"),
        ("", "code: expected text"),
    ],
)
def test_a_wrong_code_folder_is_refused(write_method, good_toml, tmp_path, code, part):
    write_method()
    (tmp_path / "empty").mkdir()
    toml = good_toml.replace("[parameters]", f'code = "{code}"\n[parameters]')
    assert part in load_refusal(write_method(toml, "", "variant"))


def test_a_variant_has_no_code_of_its_own(write_method, good_toml):
    write_method()
    toml = good_toml.replace("[parameters]", 'code = "../mine"\n[parameters]')
    assert "holds a method.py too" in load_refusal(write_method(toml, name="variant"))


def test_a_parameter_is_in_one_table(write_method, good_toml):
    text = load_refusal(write_method(toml=good_toml + "\n[optional]\nscale = 2.0\nweights = 'x'\n"))
    assert "optional.scale: is in [parameters] too" in text
    assert "optional.weights: reserved" in text
