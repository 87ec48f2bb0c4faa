"""A sixth kind and a field more are a row each: put into a copy of the service, they go all the way through it."""

from __future__ import annotations

from pathlib import Path

from alembic.script import ScriptDirectory

from mapapp.database.migrate import _config
from tests.copies import copy_into, passes

KIND = """    Kind(
        name="oxygen_point",
        label=N_("Oxygen point"),
        body="M4 4h24v24H4z",
        sign="M10 10h12v12H10z",
        corners=((-1, 0), (0, -1), (1, 0)),
        fields=("cylinders",),
        measure="cylinders",
        fresh_days=2,
        words=("จุดออกซิเจน", "oxygen"),
        examples=("จุดออกซิเจนวัดเหนือ", "จุดออกซิเจนวัดใต้"),
    ),
"""
FIELDS = """    Field(
        "cylinders",
        N_("Cylinders to give out"),
        value="count",
        about="cylinders that can be given out",
        head="ถังออกซิเจน",
        sheet=Sheet("ถังออกซิเจน", "ควรมี", "จำนวนเต็ม", ("5", "6")),
        said=Said("cylinders_at", N_("Cylinders last counted"), "when the cylinders were last counted"),
        unit=N_("cylinders"),
        on_map=(N_("%(count)s cylinders (%(day)s)"), N_("%(count)s cylinders (not known since when)")),
    ),
    Field(
        "step_free",
        N_("Without steps"),
        value="text",
        about="how people come in who cannot climb steps",
        every_kind=True,
        hint=N_("for example: ramp at the back"),
        head="ทางลาด",
        sheet=Sheet("ทางลาด", "ไม่บังคับ", "เช่น ทางลาดด้านหลัง", ("มีทางลาด", "ลิฟต์")),
    ),
"""
COLUMNS = """    cylinders: Mapped[int | None]
    cylinders_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    step_free: Mapped[str | None]
"""
MIGRATION = '''"""Oxygen points."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None

KINDS = "'test_site','vaccination_site','hospital','field_hospital','waiting_centre'"
POINTS = (
    ("facilities", "ix_facilities_point_oxygen_point", "kind = 'oxygen_point' AND status <> 'closed'"),
    ("coverage_sites", "ix_coverage_sites_point_oxygen_point", "kind = 'oxygen_point'"),
    ("coverage_sites", "ix_coverage_sites_fresh_point_oxygen_point", "kind = 'oxygen_point' AND NOT stale"),
)


def upgrade() -> None:
    op.drop_constraint(op.f("ck_facilities_kind"), "facilities")
    op.create_check_constraint(op.f("ck_facilities_kind"), "facilities", f"kind IN ({{KINDS}},'oxygen_point')")
    op.add_column("facilities", sa.Column("cylinders", sa.Integer()))
    op.add_column("facilities", sa.Column("cylinders_at", sa.DateTime(timezone=True)))
    op.add_column("facilities", sa.Column("step_free", sa.String()))
    for table, name, where in POINTS:
        op.create_index(name, table, ["point"], postgresql_using="gist", postgresql_where=sa.text(where))


def downgrade() -> None:
    pass
'''
ICON = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
ICON += '<path d="M4 4h24v24H4z"/><path d="M10 10h12v12H10z"/></svg>\n'
THAI = """
msgid "Oxygen point"
msgstr "จุดออกซิเจน"

msgid "Cylinders to give out"
msgstr "ถังออกซิเจนที่แจกได้"

msgid "Without steps"
msgstr "ทางที่ไม่มีบันได"
"""


def _put(path: Path, before: str, more: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(before) == 1
    path.write_text(text.replace(before, more + before), "utf-8")


def test_a_sixth_kind_and_a_field_more_are_a_row_each(tmp_path: Path, worker: str) -> None:
    """Six files for both: two rows, the columns, a migration, an icon, the words in Thai."""
    tmp_path = tmp_path / "more"
    copy_into(tmp_path)
    room = tmp_path / "mapapp" / "facilities"
    head = ScriptDirectory.from_config(_config()).get_current_head()
    _put(room / "kinds.py", ')\n"""Every kind, in the order', KIND)
    _put(room / "fields.py", '    Field("merged_into"', FIELDS)
    _put(room / "models.py", '    status: Mapped[str] = mapped_column(server_default="open")', COLUMNS)
    (tmp_path / "migrations" / "versions" / "9999_oxygen.py").write_text(MIGRATION.format(head=head), "utf-8")
    (tmp_path / "static" / "icons" / "oxygen_point.svg").write_text(ICON, "utf-8")
    with (tmp_path / "mapapp" / "translations" / "th" / "facilities.po").open("a", encoding="utf-8") as words:
        words.write(THAI)
    passes(tmp_path, "tests/facilities/one_row_more/through.py", worker)
