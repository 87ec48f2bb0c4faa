"""Names in daily use that no register lists: the two letters of each province, short names, islands, towns, beaches.

Facts by area code, in Thai and in Latin script. Spellings that only sound like the name (“Lumpoon”, “Puket”) and those
without a tone mark need no line here: ``phonetics.py`` meets them.
"""

from __future__ import annotations

from typing import Final

PROVINCE_LETTERS: Final = {
    "10": "กท", "11": "สป", "12": "นบ", "13": "ปท", "14": "อย", "15": "อท", "16": "ลบ", "17": "สห", "18": "ชน",
    "19": "สบ", "20": "ชบ", "21": "รย", "22": "จบ", "23": "ตร", "24": "ฉช", "25": "ปจ", "26": "นย", "27": "สก",
    "30": "นม", "31": "บร", "32": "สร", "33": "ศก", "34": "อบ", "35": "ยส", "36": "ชย", "37": "อจ", "38": "บก",
    "39": "นภ", "40": "ขก", "41": "อด", "42": "ลย", "43": "นค", "44": "มค", "45": "รอ", "46": "กส", "47": "สน",
    "48": "นพ", "49": "มห", "50": "ชม", "51": "ลพ", "52": "ลป", "53": "อต", "54": "พร", "55": "นน", "56": "พย",
    "57": "ชร", "58": "มส", "60": "นว", "61": "อน", "62": "กพ", "63": "ตก", "64": "สท", "65": "พล", "66": "พจ",
    "67": "พช", "70": "รบ", "71": "กจ", "72": "สพ", "73": "นฐ", "74": "สค", "75": "สส", "76": "พบ", "77": "ปข",
    "80": "นศ", "81": "กบ", "82": "พง", "83": "ภก", "84": "สฎ", "85": "รน", "86": "ชพ", "90": "สข", "91": "สต",
    "92": "ตง", "93": "พท", "94": "ปน", "95": "ยล", "96": "นธ",
}  # fmt: skip
"""The official abbreviation of each province, without its dot."""

_PROVINCES: Final = {
    "10": "กทม กรุงเทพ บางกอก krungthep bkk",
    "11": "ปากน้ำ paknam",
    "12": "นนท์ นนท nont",
    "13": "ปทุม pathum",
    "14": "อยุธยา กรุงเก่า ayutthaya ayudhya",
    "17": "สิงห์",
    "20": "ชล เมืองชล",
    "22": "จันท์ จันท เมืองจันท์ เมืองจัน chan",
    "24": "แปดริ้ว paetriu padriew",
    "25": "ปราจีน prachin",
    "30": "โคราช korat",
    "33": "ศรีษะเกษ",
    "34": "อุบล ubon",
    "39": "ลุ่มภู",
    "41": "อุดร udon",
    "44": "สารคาม sarakham",
    "47": "สกล sakon",
    "50": "cnx",
    "58": "แม่ฮ่อง",
    "60": "ปากน้ำโพ paknampho",
    "61": "อุทัย",
    "62": "กำแพง",
    "65": "สองแคว พิษโลก",
    "70": "ราดรี",
    "71": "กาญจน์ กาญ เมืองกาญจน์ เมืองกาญ kan",
    "72": "สุพรรณ เมืองสุพรรณ suphan",
    "74": "มหาชัย mahachai",
    "75": "แม่กลอง maeklong",
    "76": "เพชร เมืองเพชร petchburi petburi phetburi",
    "77": "ประจวบ prachuap",
    "80": "เมืองคอน นครศรี",
    "83": "hkt",
    "84": "สุราษฎร์ สุราษ surat",
    "96": "นรา",
}

_PLACES: Final = {
    # towns
    "1013": "เยาวราช ไชน่าทาวน์ yaowarat chinatown",
    "1007": "สยาม สยามสแควร์ siam",
    "1039": "ทองหล่อ อโศก thonglor thonglo asok asoke",
    "100108": "ข้าวสาร ถนนข้าวสาร khaosan",
    "2004": "พัทยา เมืองพัทยา pattaya",
    "200104": "บางแสน bangsaen",
    "200703": "แหลมฉบัง laemchabang",
    "7707": "huahin",
    "9011": "hatyai hadyai",
    "901008": "ด่านนอก dannok",
    "500108": "นิมมาน นิมมานเหมินท์ nimman",
    # islands and beaches
    "2008": "เกาะสีชัง ศรีชัง sichang",
    "200408": "เกาะล้าน ล้าน larn",
    "210105": "เสม็ด เกาะเสม็ด samet samed",
    "2306": "เกาะกูด kood",
    "2307": "เกาะช้าง chang",
    "8103": "เกาะลันตา ลันตา lanta",
    "810116": "พีพี เกาะพีพี phiphi ไร่เลย์ ไร่เล railay aonang",
    "820507": "เขาหลัก khaolak",
    "830108": "กะตะ กะรน kata karon",
    "830202": "หาดป่าตอง ป่าตอง patong",
    "830303": "บางเทา bangtao",
    "8404": "สมุย samui",
    "840406": "เฉวง หาดเฉวง chaweng",
    "840405": "ละไม หาดละไม lamai",
    "8405": "พะงัน phangan",
    "840503": "เกาะเต่า tao",
    "910106": "หลีเป๊ะ เกาะหลีเป๊ะ lipe",
}

NICKNAMES: Final = {code: tuple(names.split()) for code, names in {**_PROVINCES, **_PLACES}.items()}
"""Code → further names."""

BY_LETTERS: Final = {letters: code for code, letters in PROVINCE_LETTERS.items()} | {"กทม": "10"}
"""Abbreviation → code of the province."""


def also_called(code: str) -> tuple[str, ...]:
    """Every further name of an area."""
    names = list(NICKNAMES.get(code, ()))
    if any(name.startswith("เกาะ") for name in names):
        names += [f"ko{name}" for name in names if name.isascii()]
    if code in PROVINCE_LETTERS:
        names.append(PROVINCE_LETTERS[code])
    return tuple(names)
