"""What a delivery is: the forge's own or not, and whether anything is to be done."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentor.fleet.policy.serving import FORGES, Hook
from stentor.hooks.delivery import MAX_BODY, Delivery, Refusal, Secret
from stentor.hooks.forges import TABLE, sourcehut
from stentor.hooks.read import named, read
from stentor.hooks.samples import Moved, Sample, sample, standard_headers

NOW = 1_800_000_000.0
BEFORE, AFTER = "a" * 40, "b" * 40
SECRET = b"a secret of some length"
WHSEC = b"whsec_" + base64.b64encode(b"twenty-four bytes of key")
PUSH = Moved("main", BEFORE, AFTER)
SIGNING = [forge for forge in FORGES if forge != "sourcehut"]


def hook(forge: str, **more: Any) -> Hook:
    """The policy of a webhook."""
    return Hook(forge=forge, repository="you/dotfiles", selector=("a",), secret="file", **more)


def decided(forge: str, made: Sample, secret: bytes = SECRET, now: float = NOW) -> Delivery | Refusal:
    """What becomes of a sample."""
    return read(made.headers, made.body, hook(forge), trusting(secret), now)


def trusting(secret: bytes) -> Secret:
    """A secret, and for sourcehut a verification that all signatures pass which are not zeros."""
    return Secret(sourcehut.KEY, lambda _, __, sent: any(sent)) if secret is SOURCEHUT else Secret(secret)


SOURCEHUT = b"see trusting()"


def made(forge: str, moved: Moved = PUSH, *, form: bool = False, secret: bytes = SECRET) -> Sample:
    """A delivery that is signed well."""
    found = sample(hook(forge), secret, moved, "d-1", NOW, form=form)
    if forge == "sourcehut":
        good = base64.b64encode(b"1" * 64).decode()
        return found._replace(headers={**found.headers, "X-Payload-Signature": good})
    return found


def key_of(forge: str) -> bytes:
    return SOURCEHUT if forge == "sourcehut" else SECRET


def test_the_table_has_every_forge_of_the_policy() -> None:
    assert set(TABLE) == set(FORGES)


@pytest.mark.parametrize("forge", FORGES)
def test_a_push_to_the_branch_is_to_be_rolled_out(forge: str) -> None:
    found = decided(forge, made(forge), key_of(forge))
    assert isinstance(found, Delivery)
    assert (found.id, found.ref, found.before, found.after, found.ignored) == (
        *("d-1", "refs/heads/main", BEFORE, AFTER),
        "",
    )


@pytest.mark.parametrize("forge", FORGES)
def test_a_signature_of_another_secret_is_refused(forge: str) -> None:
    forged = sample(hook(forge), b"guessed", PUSH, "d-1", NOW)
    found = decided(forge, forged, key_of(forge))
    assert isinstance(found, Refusal)
    assert found.status == 401
    assert "wrong" in found.reason


@pytest.mark.parametrize("forge", FORGES)
def test_no_signature_is_refused(forge: str) -> None:
    good = made(forge)
    for name in good.headers:
        if "Signature" in name or "Token" in name:
            for value in ("", " ", "sha256=", "sha1=0"):
                headers = {other: value if "Sign" in other or "Token" in other else text
                           for other, text in good.headers.items()}  # fmt: skip
                found = decided(forge, good._replace(headers=headers), key_of(forge))
                assert isinstance(found, Refusal), (name, value)
                assert found.status == 401


@pytest.mark.parametrize("forge", SIGNING)
def test_an_empty_secret_here_accepts_nothing(forge: str) -> None:
    found = decided(forge, sample(hook(forge), b"", PUSH, "d-1", NOW), b"")
    assert isinstance(found, Refusal)
    assert found.status == 503


@pytest.mark.parametrize("forge", FORGES)
@pytest.mark.parametrize(
    ("moved", "why"),
    [
        (PUSH._replace(branch="topic"), "another branch than main"),
        (PUSH._replace(after=""), "deleted"),
    ],
)
def test_other_branches_and_deleted_ones_are_answered_and_not_acted_on(
    forge: str, moved: Moved, why: str
) -> None:
    found = decided(forge, made(forge, moved), key_of(forge))
    assert isinstance(found, Delivery)
    assert why in found.ignored
    assert not found.after


@pytest.mark.parametrize("forge", ["github", "bitbucket", "plain"])
def test_a_forced_push_is_not_acted_on_where_the_forge_tells(forge: str) -> None:
    found = decided(forge, made(forge, PUSH._replace(forced=True)))
    assert isinstance(found, Delivery)
    assert "forced" in found.ignored
    assert not found.after


def test_tags_are_not_acted_on() -> None:
    said = json.dumps(
        {"ref": "refs/tags/main", "after": AFTER, "repository": {"full_name": "you/dotfiles"}}
    ).encode()
    headers = {"x-github-event": "push", "content-type": "application/json", **_signed(said)}
    found = read(headers, said, hook("github"), Secret(SECRET), NOW)
    assert isinstance(found, Delivery)
    assert found.ignored == "a tag"


@pytest.mark.parametrize("forge", FORGES)
def test_another_repository_is_refused_and_case_does_not_matter(forge: str) -> None:
    other = hook(forge)
    for name, good in (("You/Dotfiles", True), ("you/dotfiles2", False), ("them/dotfiles", False)):
        policy = Hook(forge=forge, repository=name, selector=("a",), secret="file")
        sent = made(forge)
        found = read(sent.headers, sent.body, policy, trusting(key_of(forge)), NOW)
        assert isinstance(found, Delivery) is good, (name, other)
        if isinstance(found, Refusal):
            assert found.status == 403


@pytest.mark.parametrize("forge", ["github", "gitea", "forgejo"])
def test_forms_are_read_as_each_forge_signs_them(forge: str) -> None:
    found = decided(forge, made(forge, form=True))
    assert isinstance(found, Delivery)
    assert found.after == AFTER


@pytest.mark.parametrize("forge", ["gitlab", "bitbucket", "sourcehut"])
def test_forms_of_forges_that_send_none_are_refused(forge: str) -> None:
    found = decided(forge, made(forge, form=True), key_of(forge))
    assert isinstance(found, Refusal)
    assert found.status == 415


@pytest.mark.parametrize("forge", ["gitlab", "plain"])
def test_standard_webhooks_are_good_for_five_minutes(forge: str) -> None:
    sent = made(forge, secret=WHSEC)
    assert isinstance(decided(forge, sent, WHSEC, NOW + 299), Delivery)
    for late in (NOW + 400, NOW - 400):
        found = decided(forge, sent, WHSEC, late)
        assert isinstance(found, Refusal)
        assert "five minutes" in found.reason


def test_gitlabs_token_is_no_way_past_a_signing_secret() -> None:
    sent = made("gitlab")
    headers = {**sent.headers, "X-Gitlab-Token": WHSEC.decode()}
    found = decided("gitlab", sent._replace(headers=headers), WHSEC)
    assert isinstance(found, Refusal)
    assert found.status == 401


def test_a_rotated_signature_is_one_of_several() -> None:
    sent = made("plain", secret=WHSEC)
    signed = dict(standard_headers(WHSEC, sent.body, "d-1", NOW))
    signed["webhook-signature"] = "v1,AAAA v1a,BBBB " + signed["webhook-signature"]
    found = decided("plain", sent._replace(headers={**sent.headers, **signed}), WHSEC)
    assert isinstance(found, Delivery)


def test_gitea_is_not_taken_for_github() -> None:
    """Gitea's headers of GitHub's names are signed like its own; a webhook of GitHub's form differs."""
    sent = made("gitea", form=True)
    found = decided("github", sent)
    assert isinstance(found, Refusal)


def test_other_events_are_answered() -> None:
    body = b'{"zen": "Design for failure."}'
    headers = {"X-GitHub-Event": "ping", "X-GitHub-Delivery": "p", "Content-Type": "application/json"}
    found = read({**headers, **_signed(body)}, body, hook("github"), Secret(SECRET), NOW)
    assert isinstance(found, Delivery)
    assert found.ignored == "ping is no push"


def test_a_huge_body_is_not_looked_at() -> None:
    found = read({}, b" " * (MAX_BODY + 1), hook("github"), Secret(SECRET), NOW)
    assert found == Refusal(413, "the body is too large")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"ref": 1}',
        b"[" * 2000,
        b'{"ref": "refs/heads/main", "repository": null, "after": ""}',
        b'{"ref": "refs/heads/main", "repository": {"full_name": "you/dotfiles"}, "after": "main"}',
        b'{"ref": "refs/heads/main", "repository": {"full_name": "you/dotfiles"}, "after": "--all"}',
        b'{"ref": "refs/heads/\xff", "repository": {"full_name": "you/dotfiles"}, "after": ""}',
        json.dumps({"ref": "refs/heads/a\nb", "repository": {"full_name": "you/dotfiles"}}).encode(),
    ],
)
def test_what_is_malformed_is_refused_though_it_is_signed(body: bytes) -> None:
    headers = {"X-GitHub-Event": "push", "Content-Type": "application/json", **_signed(body)}
    found = read(headers, body, hook("github"), Secret(SECRET), NOW)
    assert isinstance(found, Refusal)
    assert found.status == 400


def test_the_same_content_has_the_same_digest_under_another_name() -> None:
    one, other = made("github"), made("github")
    headers = {**other.headers, "X-GitHub-Delivery": "another"}
    first, second = decided("github", one), decided("github", other._replace(headers=headers))
    assert isinstance(first, Delivery)
    assert isinstance(second, Delivery)
    assert first.id != second.id
    assert first.digest == second.digest


text = st.text(max_size=60)
names = st.sampled_from(
    (
        *("Content-Type", "X-GitHub-Event", "X-Hub-Signature-256", "X-Hub-Signature", "X-Gitea-Signature"),
        *("X-Gitlab-Token", "X-Gitlab-Event", "webhook-signature", "webhook-id", "webhook-timestamp"),
        *("X-Event-Key", "X-Payload-Signature", "X-Payload-Nonce", "X-Webhook-Event", "X-GitHub-Delivery"),
    )
)
kinds = st.sampled_from(["application/json", "application/x-www-form-urlencoded", "text/plain", ""])


@given(st.sampled_from(FORGES), st.dictionaries(names, text | kinds), st.binary(max_size=200))
def test_nothing_without_the_secret_is_accepted(forge: str, headers: dict[str, str], body: bytes) -> None:
    found = read(headers, body, hook(forge), Secret(secrets.token_bytes(16)), NOW)
    assert isinstance(found, Refusal)
    assert isinstance(named(headers, hook(forge)), Delivery)


@given(
    st.sampled_from(SIGNING),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
        max_leaves=20,
    ),
    st.sampled_from(["push", "Push Hook", "repo:push", "repo:refs_changed", "GIT_POST_RECEIVE", "ping"]),
)
def test_signed_json_of_any_shape_is_no_crash(forge: str, said: object, event: str) -> None:
    body = json.dumps(said).encode()
    signature = hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    headers = {"Content-Type": "application/json", "X-GitHub-Event": event, "X-Gitea-Event": event}
    headers |= {
        "X-Gitlab-Event": event,
        "X-Event-Key": event,
        "X-Event": event,
        "X-Gitea-Signature": signature,
    }
    headers |= {"X-Hub-Signature-256": f"sha256={signature}", "X-Hub-Signature": f"sha256={signature}"}
    headers["X-Gitlab-Token"] = SECRET.decode()
    found = read(headers, body, hook(forge), Secret(SECRET), NOW)
    assert isinstance(found, Refusal) or found.ignored


@given(st.sampled_from(SIGNING), st.data())
def test_one_changed_byte_of_a_signed_body_is_refused(forge: str, data: st.DataObject) -> None:
    if forge == "gitlab":
        secret, sent = WHSEC, made(forge, secret=WHSEC)  # a token signs nothing
    else:
        secret, sent = SECRET, made(forge)
    at = data.draw(st.integers(0, len(sent.body) - 1))
    byte = data.draw(st.integers(0, 255).filter(lambda one: one != sent.body[at]))
    body = sent.body[:at] + bytes([byte]) + sent.body[at + 1 :]
    found = decided(forge, sent._replace(body=body), secret)
    assert isinstance(found, Refusal)
    assert found.status == 401


def _signed(body: bytes) -> dict[str, str]:
    return {"X-Hub-Signature-256": "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()}
