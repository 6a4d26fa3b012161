"""How prompts of a config template are answered."""

from __future__ import annotations

import csv

from hypothesis import given
from hypothesis import strategies as st

from stentor.dotfiles.prompts import options

TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1)


def test_answer_is_given_to_each_kind_which_takes_it() -> None:
    assert options({}, {"Kind": "b"}) == (
        "--promptString=Kind=b",
        "--promptChoice=Kind=b",
        "--promptMultichoice=Kind=b",
    )
    assert "--promptInt=Cores=4" in options({"Cores": 4}, {})
    assert "--promptBool=Big=true" in options({"Big": True}, {})
    assert "--promptBool=Big=false" in options({}, {"Big": "No"})


def test_command_line_goes_before_the_fleet_file() -> None:
    assert "--promptString=email=mine" in options({"email": "fleet's", "other": ["a"]}, {"email": "mine"})
    assert not [word for word in options({"email": "fleet's"}, {"email": "mine"}) if "fleet's" in word]


@given(TEXT, TEXT)
def test_option_is_one_field_of_csv(text: str, answer: str) -> None:
    word = options({}, {text: answer})[0].removeprefix("--promptString=")
    if word.count("=") == 1:  # not read as CSV
        assert word.strip('"') == f"{text}={answer}"
    else:
        assert next(csv.reader([word])) == [f"{text}={answer}", "="]
