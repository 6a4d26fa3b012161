from __future__ import annotations

import io
from typing import Any

import pytest

from stentor.render.screen import Screen


class Surface(Screen):
    """A screen whose streams are kept, each by itself and both together as a terminal shows them."""

    def __init__(self, **options: Any) -> None:
        self.stdout = io.BytesIO()
        self.stderr = io.BytesIO()
        super().__init__(self.stdout, self.stderr, **options)

    @property
    def printed(self) -> str:
        return self.stdout.getvalue().decode()

    @property
    def said(self) -> str:
        return self.stderr.getvalue().decode()


class Clock:
    """A clock which is set by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def surface() -> Surface:
    return Surface()


@pytest.fixture
def clock() -> Clock:
    return Clock()
