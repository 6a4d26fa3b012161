"""Values as YAML, as PyYAML (1.1, Ansible's) and ruamel (1.2) read them."""

from __future__ import annotations

from typing import Any

import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from stentor.export.yaml_text import pair, value
from tests.readers import TEXTS

TEXT = st.text(st.characters(exclude_categories=["Cs"])) | st.sampled_from(TEXTS)
SCALARS = TEXT | st.integers(-(2**63), 2**63) | st.floats(allow_nan=False) | st.booleans() | st.none()
DATA = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@given(DATA)
@example("x" * 2000)
@example({"k" * 2000: {"k" * 1100: 1}})
@example([1e16, 1e-7, 5e-324, float("inf"), float("-inf")])
def test_data_is_read_back_by_both_versions_of_yaml(data: Any) -> None:
    assert yaml.load(value(data), yaml.CSafeLoader) == data
    assert yaml.safe_load(value(data)) == data
    assert YAML(typ="safe", pure=True).load(value(data)) == data


@given(TEXT, DATA)
def test_a_pair_stands_in_a_block(key: str, data: Any) -> None:
    assert yaml.safe_load(f"a:\n  {pair(key, data)}\n  {pair(key + 'x', data)}\n") == {
        "a": {key: data, f"{key}x": data}
    }
