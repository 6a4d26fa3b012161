"""Images for other machines than their nodes, as far as the files say it."""

from __future__ import annotations

import json

import pytest

from stentor.fleet.service import COMPOSE, CONTAINER, Put, Service
from stentor.services.platforms import Unfit, unfit

COMPOSED = Service(
    "web", COMPOSE, ("prtr",), files=(Put("/opt/web/compose.yaml", "web.yaml", label="compose"),)
)


def found(image: str, machine: str, platform: str = "") -> list[Unfit]:
    if not platform:
        return list(unfit({"web": Service("web", CONTAINER, ("prtr",), image=image)}, {"prtr": machine}, {}))
    text = json.dumps({"services": {"a": {"image": image, "platform": platform}}}).encode()
    return list(unfit({"web": COMPOSED}, {"prtr": machine}, {"web.yaml": text}))


@pytest.mark.parametrize(
    ("image", "platform", "machine"),
    [
        ("arm64v8/nginx:1.27", "", "x86_64"),
        ("docker.io/amd64/redis", "", "arm64"),
        ("nginx", "linux/amd64", "aarch64"),
        ("nginx", "linux/arm/v7", "amd64"),
        ("arm64v8/nginx", "", "armv7l"),
    ],
)
def test_an_image_for_another_machine_is_named(image: str, platform: str, machine: str) -> None:
    (one,) = found(image, machine, platform)
    assert one.node == "prtr"
    assert one.what.startswith(f"web: the image {image} is for ")


@pytest.mark.parametrize(
    ("image", "platform", "machine"),
    [
        ("arm64v8/nginx", "", "aarch64"),
        ("arm32v7/nginx", "", "arm64"),
        ("i386/debian", "", "amd64"),
        ("nginx", "", "amd64"),
        ("arm64v8/nginx", "", ""),
        ("registry.example/arm64v8/nginx", "", "amd64"),
        ("arm64v8/nginx", "linux/${ARCH}", "amd64"),
        ("nginx", "linux/arm64/v8", "arm64"),
    ],
)
def test_an_image_that_may_fit_is_not(image: str, platform: str, machine: str) -> None:
    assert found(image, machine, platform) == []


def test_what_is_off_and_other_parts_do_not_count() -> None:
    off = Service("web", CONTAINER, ("prtr",), "off", image="arm64v8/nginx")
    assert list(unfit({"web": off}, {"prtr": "amd64"}, {})) == []
    text = json.dumps({"services": {"a": {"image": "arm64v8/nginx"}, "b": {"image": "nginx"}}}).encode()
    assert list(unfit({"web": COMPOSED._replace(parts=("b",))}, {"prtr": "amd64"}, {"web.yaml": text})) == []
    for broken in (b"services: [", b"services: {a: 1}", b"- 1"):
        assert list(unfit({"web": COMPOSED}, {"prtr": "amd64"}, {"web.yaml": broken})) == []
