"""Whatever goes wrong in a command is one sentence for the operator, in their language, and never a traceback."""

from __future__ import annotations

import socket

import click
import pytest
from alembic.util import CommandError
from click.testing import CliRunner
from sqlalchemy.exc import IntegrityError, OperationalError

from mapapp import cli
from mapapp.core import config
from mapapp.core.errors import FieldProblem, Invalid, Message, Unavailable
from mapapp.web import command_line


def told(error: BaseException, monkeypatch: pytest.MonkeyPatch, lang: str = "en") -> tuple[int, str]:
    @click.group(cls=command_line.Group)
    def group() -> None:
        pass

    @group.command()
    def fails() -> None:
        raise error

    monkeypatch.setenv("LANGUAGE", lang)
    result = CliRunner().invoke(group, ["fails"])
    assert isinstance(result.exception, SystemExit), "a traceback"
    return result.exit_code, result.output


@pytest.mark.parametrize(
    ("error", "status", "says"),
    [
        (PermissionError(13, "Permission denied", "/somewhere/list.csv"), 1, "list.csv: Permission denied"),
        (OSError(28, "No space left on device"), 1, "No space left"),
        (MemoryError(), 1, "enough memory"),
        (UnicodeEncodeError("utf-8", "\udcff", 0, 1, "no"), 1, "cannot be stored"),
        (CommandError("Can't locate revision"), 1, "locate revision"),
        (IntegrityError("INSERT", {}, Exception("a row refers to it\nDETAIL: secret")), 2, "nothing was changed"),
        (OperationalError(None, None, Exception("could not connect")), 2, "does not answer"),
    ],
)
def test_every_error_is_a_sentence(
    error: BaseException, status: int, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, output = told(error, monkeypatch)
    assert code == status
    assert says in output
    assert "secret" not in output
    assert "Traceback" not in output


def test_the_place_is_in_the_operator_s_language(monkeypatch: pytest.MonkeyPatch) -> None:
    code, output = told(Invalid([FieldProblem("a.csv", Message("x"), row=3)]), monkeypatch, "th")
    assert code == 1
    assert "a.csv, แถว 3" in output


def test_a_port_that_is_taken_is_told() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Unavailable, match="cannot be used"):
            cli._check_port("127.0.0.1", taken.getsockname()[1])
    cli._check_port("127.0.0.1", 0)


@pytest.mark.parametrize("address", ["postgresql+psycopg2://u:pw@[::", "postgresql+psycopg2://u:pw@h:x/y"])
def test_an_address_that_is_none_is_told_without_its_password(address: str) -> None:
    with pytest.raises(config.BadConfig) as caught:
        config.load({"MAPAPP_DATABASE_URL": address})
    assert "write it as" in str(caught.value)
    assert "pw@" not in str(caught.value)
