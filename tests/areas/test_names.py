"""Names as people type them, without a database."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mapapp.areas.names import MAX_WORDS, TOWN, area_spellings, normalise, parse, village_spellings
from mapapp.areas.phonetics import SHORTEST, sound


@pytest.mark.parametrize(
    ("typed", "same"),
    [
        ("Ko Pha-ngan", "ko phangan"),
        ("กรุงเทพฯ", "กรุงเทพ"),
        ("เเม่ริม", "แม่ริม"),
        ("ล\u0e4d\u0e32พูน", "ลำพูน"),
        ("น\u0e4d\u0e49\u0e32", "น้ำ"),
        ("หมู่ ๑๒", "หมู่12"),
        ("Chiáng Mai", "chiangmai"),
        ("แม่\u200bริม", "แม่ริม"),
    ],
)
def test_spellings_that_look_alike_are_one(typed: str, same: str) -> None:
    assert normalise(typed) == normalise(same) != ""


@given(st.text(max_size=80))
def test_normalising_is_done_after_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once
    assert "\0" not in once


@given(st.text(max_size=400))
def test_any_text_can_be_taken_apart(text: str) -> None:
    typed = parse(text)
    assert len(typed.words) <= MAX_WORDS
    assert all(word.text == normalise(word.text) != "" for word in typed.words)


@pytest.mark.parametrize("typed", ["500101", "TH500101", "th 500101", "๕๐๐๑๐๑", "  500101 "])
def test_codes_are_codes(typed: str) -> None:
    assert parse(typed).code == "500101"


def test_words_for_levels_part_a_line_without_blanks() -> None:
    typed = parse("ต.ช้างเผือกอ.เมืองเชียงใหม่จ.เชียงใหม่")
    assert [(word.text, word.level) for word in typed.words] == [
        ("ช้างเผือก", "tambon"),
        ("เมืองเชียงใหม่", "amphoe"),
        ("เชียงใหม่", "province"),
    ]


def test_a_word_for_a_level_holds_for_the_next_name_only() -> None:
    assert [(word.text, word.level) for word in parse("เขตจตุจักร กทม").words] == [("จตุจักร", "amphoe"), ("กทม", None)]


def test_a_tambon_whose_name_has_the_word_for_its_level() -> None:
    assert [word.text for word in parse("ตำบลสามตำบล").words] == ["สามตำบล"]


@pytest.mark.parametrize(
    ("typed", "level"),
    [
        ("จ.เลย", "province"), ("จ. เลย", "province"), ("จ เลย", "province"), ("จังหวัดเลย", "province"),
        ("Changwat เลย", "province"), ("อ.เลย", "amphoe"), ("อ เลย", "amphoe"), ("Amphur เลย", "amphoe"),
        ("เขตเลย", "amphoe"), ("ต เลย", "tambon"), ("แขวงเลย", "tambon"), ("T.เลย", "tambon"), ("อบต.เลย", "tambon"),
        ("อบต เลย", "tambon"), ("ทต.เลย", "tambon"), ("เทศบาลตำบลเลย", "tambon"), ("เทศบาลเมืองเลย", TOWN),
        ("ทม. เลย", TOWN), ("เทศบาลนคร เลย", TOWN), ("หมู่บ้านเลย", "village"),
    ],
)  # fmt: skip
def test_a_word_for_a_level_with_and_without_dot_and_blank(typed: str, level: str) -> None:
    assert [(word.text, word.level) for word in parse(typed).words] == [("เลย", level)]


@pytest.mark.parametrize(
    ("typed", "levels"),
    [
        ("Mae Rim District, Chiang Mai Province", ["amphoe", "province"]),
        ("Suthep Sub-district Mueang District", ["tambon", "amphoe"]),
    ],
)
def test_english_words_for_a_level_stand_behind(typed: str, levels: list[str]) -> None:
    assert [word.ends for word in parse(typed).words if word.ends] == levels


@pytest.mark.parametrize("typed", ["ชม.", "กทม.", "อจ.", "ตก.", "จ.อบ."])
def test_letters_of_a_province_are_no_word_for_a_level(typed: str) -> None:
    ((word,), letters) = parse(typed).words, typed.removeprefix("จ.").removesuffix(".")
    assert (word.text, word.level) == (letters, "province")


@pytest.mark.parametrize("typed", ["50200", "๕๐๒๐๐", "ศรีภูมิ 50200", "ศรีภูมิ50200"])
def test_a_postcode_is_known_wherever_it_stands(typed: str) -> None:
    assert parse(typed).postcode == "50200"


def test_a_house_and_a_street_are_no_places() -> None:
    typed = parse("99/1 ถ.เชียงใหม่-ฝาง ซอย 3 ต.ดอนแก้ว อ.แม่ริม")
    assert [word.text for word in typed.words] == ["ดอนแก้ว", "แม่ริม"]
    assert typed.more
    assert [word.text for word in parse("ต.ถนนใหญ่").words] == ["ถนนใหญ่"], "a tambon of that name"


@pytest.mark.parametrize(
    "alike",
    [
        ("Lamphun", "Lumpoon"), ("Phuket", "Puket"), ("Chiang Mai", "Chiengmai"), ("Chon Buri", "Cholburi"),
        ("Hat Yai", "Haad Yai", "Hadyai"), ("Nakhon Sawan", "Nakornsawan"), ("Pattaya", "Pataya"),
        ("Kanchanaburi", "Kanjanaburi"), ("Udon Thani", "Udornthani"), ("Si Sa Ket", "Srisaket"),
        ("Chatuchak", "Jatujak"), ("Mueang", "Muang"), ("เชียงใหม่", "เชียงใหม", "เชียงไหม่"), ("บุรีรัมย์", "บุรีรัม"),
        ("พิษณุโลก", "พิษนุโลก"), ("สุราษฎร์ธานี", "สุราษฏร์ธานี"), ("สุพรรณบุรี", "สุพันบุรี"), ("ร้อยเอ็ด", "รอยเอด"),
    ],
)  # fmt: skip
def test_names_that_sound_alike(alike: tuple[str, ...]) -> None:
    assert len({sound(normalise(name)) for name in alike}) == 1


@pytest.mark.parametrize("others", [("Lampang", "Lamphun"), ("Nan", "Nakhon"), ("ลำปาง", "ลำพูน"), ("ตาก", "ตราด")])
def test_names_that_sound_different_stay_different(others: tuple[str, str]) -> None:
    assert sound(normalise(others[0])) != sound(normalise(others[1]))


@given(st.text(max_size=40))
def test_any_name_has_a_sound_or_none(text: str) -> None:
    made = sound(normalise(text))
    assert made is None or len(made) >= SHORTEST


@pytest.mark.parametrize("typed", ["หมู่ 3 ต.ดอนแก้ว", "ม.3 ต.ดอนแก้ว", "หมู่ที่ ๓ ต.ดอนแก้ว", "Moo 3 tambon ดอนแก้ว"])
def test_village_numbers(typed: str) -> None:
    parsed = parse(typed)
    assert parsed.moo == "03"
    assert [word.text for word in parsed.words] == ["ดอนแก้ว"]


def test_the_capital_amphoe_is_known_as_mueang_but_not_in_bangkok() -> None:
    assert {"เมือง", "mueang", "muang"} <= area_spellings("5001", ("เมืองเชียงใหม่", "Mueang Chiang Mai"))
    assert "เมือง" not in area_spellings("1001", ("เขตพระนคร", "Phra Nakhon"))
    assert "พระนคร" in area_spellings("1001", ("เขตพระนคร", "Phra Nakhon"))


def test_a_village_with_two_names_is_found_under_both_without_ban() -> None:
    names = ("บ้านยายกะตา, บ้านโรงหลวง", "Ban Yai Kata, Ban Rong Luang")
    assert village_spellings(names) == {"ยายกะตา", "โรงหลวง", "yaikata", "rongluang"}
