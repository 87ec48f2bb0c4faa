"""A field for a telephone number is read as people fill it in; nothing that stands there is lost."""

from __future__ import annotations

import pytest

from mapapp.core import phones


@pytest.mark.parametrize(
    ("typed", "number", "rest"),
    [
        ("053-920300", "+6653920300", ""),
        ("๐๕๓-๙๒๐๓๐๐", "+6653920300", ""),
        ("(053) 920300", "+6653920300", ""),
        ("โทร. 053-920300", "+6653920300", ""),
        ("053-920300-4", "+6653920300", "053-920300-4"),
        ("053-920300 ถึง 4", "+6653920300", "053-920300 ถึง 4"),
        ("053-920300 หรือ 081-2345678", "+6653920300", "หรือ 081-2345678"),
        ("053-920300, 081-2345678", "+6653920300", "081-2345678"),
        ("053 920 300 โทรสาร 053 920 301", "+6653920300", "โทรสาร 053 920 301"),
        ("053-920300 ต่อ 12", "+6653920300", "ต่อ 12"),
        ("๐๕๓-๙๒๐๓๐๐ต่อ๑๒", "+6653920300", "ต่อ๑๒"),
        ("02 123 4567 ext. 5", "+6621234567", "ext. 5"),
        ("02-590-1000#1234", "+6625901000", "#1234"),
    ],
)
def test_the_first_number_is_taken_and_the_rest_is_kept(typed: str, number: str, rest: str) -> None:
    assert phones.read(typed) == phones.Read(number, rest)


@pytest.mark.parametrize("hotline", ["1422", "1669", "1330", "191"])
def test_a_hotline_is_a_number_where_hotlines_are(hotline: str) -> None:
    assert phones.read(hotline, hotlines=True) == phones.Read(hotline, "")
    assert phones.read(hotline) is None


@pytest.mark.parametrize("typed", ["", "ไม่มี", "12", "123456", "ต่อ 12", "หรือ"])
def test_what_begins_with_no_number_is_none(typed: str) -> None:
    assert phones.read(typed, hotlines=True) is None


def test_what_stands_beside_a_number_can_be_called() -> None:
    assert phones.dialled("+6621234567", "ต่อ ๑๒, 081-234-5678 (คุณพร) หรือ 053 920 300 ต่อ 4") == [
        ("ต่อ ๑๒", "+6621234567,12"),
        (",", None),
        ("081-234-5678", "+66812345678"),
        ("(คุณพร) หรือ", None),
        ("053 920 300 ต่อ 4", "+6653920300,4"),
    ]
    assert phones.dialled("+6621234567", "โทรในเวลาราชการ") == [("โทรในเวลาราชการ", None)]
