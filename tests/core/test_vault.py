"""Sealing, blind indexes and keys: what opens where, and what a thief of the database gets."""

from __future__ import annotations

import multiprocessing
from pathlib import Path

import pytest
from cryptography.exceptions import InvalidSignature
from hypothesis import given
from hypothesis import strategies as st

from mapapp.core import config
from mapapp.core.vault import CannotOpen, Vault, new_key, parse_keys

OLD, NEW = new_key("k1"), new_key("k2")
PLACE = {"table": "people", "column": "phone_sealed", "record": "1"}


def vault(*keys: str) -> Vault:
    return Vault(parse_keys(",".join(keys)))


@given(st.text(max_size=80))
def test_what_is_sealed_opens_again_and_shows_nothing(value: str) -> None:
    made = vault(OLD)
    one, two = made.seal(value, **PLACE), made.seal(value, **PLACE)
    assert made.open(one, **PLACE) == made.open(two, **PLACE) == value
    assert one != two
    assert len(value) < 4 or value.encode() not in one


@pytest.mark.parametrize("other", [{"table": "t"}, {"column": "c"}, {"record": "2"}])
def test_it_opens_in_its_own_place_only(other: dict[str, str]) -> None:
    made = vault(OLD)
    sealed = made.seal("+66812345678", **PLACE)
    with pytest.raises(CannotOpen):
        made.open(sealed, **{**PLACE, **other})


@given(st.data())
def test_any_changed_or_missing_byte_is_noticed(data: st.DataObject) -> None:
    made = vault(OLD)
    sealed = made.seal("+66812345678", **PLACE)
    at = data.draw(st.integers(0, len(sealed) - 1))
    bit = data.draw(st.integers(0, 7))
    for broken in (sealed[:at] + bytes([sealed[at] ^ 1 << bit]) + sealed[at + 1 :], sealed[:at], sealed + b"\0"):
        with pytest.raises(CannotOpen):
            made.open(broken, **PLACE)


def test_keys_rotate() -> None:
    before, both = vault(OLD), vault(NEW, OLD)
    sealed = before.seal("x", **PLACE)
    assert both.open(sealed, **PLACE) == "x"
    assert not both.is_current(sealed)
    again = both.seal("x", **PLACE)
    assert both.is_current(again)
    with pytest.raises(CannotOpen):
        before.open(again, **PLACE)
    assert both.index("+66812345678", "phone") == before.index("+66812345678", "phone"), "what is stored stays findable"
    assert both.mac("s", "csrf") != before.mac("s", "csrf")
    message = b"head"
    both.public_key.verify(before.sign(message), message)


def test_an_index_is_keyed_and_has_one_purpose() -> None:
    made = vault(OLD)
    assert made.index("a", "phone") != made.index("a", "email")
    assert made.index("a", "phone") != vault(NEW).index("a", "phone")
    assert made.same(made.mac("s1", "csrf"), "s1", "csrf")
    for wrong in (made.mac("s2", "csrf"), "", "\ud800", "ก"):
        assert not made.same(wrong, "s1", "csrf")
    with pytest.raises(InvalidSignature):
        vault(NEW).public_key.verify(made.sign(b"head"), b"head")


WRONG = {
    "bare": "k1",
    "empty": "k1:",
    "short": "k1:AAAA",
    "nameless": ":" + OLD.split(":")[1],
    "blank": "k 1:" + OLD.split(":")[1],
    "twice": f"{OLD},{OLD}",
}


@pytest.mark.parametrize("how", WRONG)
def test_wrong_keys_stop_the_start(how: str) -> None:
    with pytest.raises(config.BadConfig, match="MAPAPP_SECRET_KEYS") as told:
        config.load({"MAPAPP_SECRET_KEYS": WRONG[how]})
    assert OLD.split(":")[1] not in str(told.value), "the message does not repeat a key"


def test_settings_do_not_print_their_secrets() -> None:
    made = config.load({"MAPAPP_SECRET_KEYS": OLD, "MAPAPP_SMTP_URL": "smtp://u:geheim@localhost"})
    assert OLD.split(":")[1] not in repr(made)
    assert "geheim" not in repr(made)
    assert OLD.split(":")[1] not in repr(made.vault())


def _first_start(folder: str, answers: multiprocessing.Queue[str]) -> None:
    config.KEY_FILE = Path(folder) / "secret-keys"
    answers.put(config._key_file())


def test_processes_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    answers: multiprocessing.Queue[str] = context.Queue()
    started = [context.Process(target=_first_start, args=(str(tmp_path), answers)) for _ in range(3)]
    for process in started:
        process.start()
    found = {answers.get(timeout=60) for _ in started}
    for process in started:
        process.join(60)
    assert len(found) == 1
    assert (tmp_path / "secret-keys").stat().st_mode & 0o777 == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["secret-keys"]
