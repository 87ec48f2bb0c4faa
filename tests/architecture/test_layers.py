"""What imports what, beyond the contracts in ``setup.cfg``: every module that is no edge works without a web."""

from __future__ import annotations

import configparser
import re

import grimp
import pytest

from mapapp.core.config import ROOT

EDGE = re.compile(
    r"""mapapp\.(
        app | cli | wsgi | rooms | web(\..*)? | maps(\..*)? | home(\..*)? | audit_pages(\..*)?
        | operations\.(check|seeding|translations)  # go over the rooms, or the catalogues
        | (.*\.)?(views | \w+_views | view_helpers | view_context | api | api_writes | cli | edge | room)
        | (.*\.)?formatting                        # in the language of who reads
        | coverage\.labels
        | accounts\.signing_in\.mailed_links       # in the language of whom they are for
        | areas\.address_lines                    # in the language of who reads
        | areas\.resolving\.with_geocoder           # asks a geocoder, whose limit is the web kit's
        | facilities\.editing\.(conflicts | lifecycle | redirects)
        | facilities\.imports\.background          # a thread of the web process
        | help_requests\.asking\.submission
        | help_requests\.board\.exports
        | help_requests\.nearby\.rate_limit
        | help_requests\.resident\.page_key
        | survey\.overview\.exports
        | survey\.sheets\.(forms | workbook | xlsform)  # in the languages of whom they are for
    )""",
    re.VERBOSE,
)
"""Modules that may know Flask: views by their name, and the few that serve them."""


def test_what_is_no_edge_works_without_a_web() -> None:
    graph = grimp.build_graph("mapapp", include_external_packages=True)
    reach = graph.find_downstream_modules("flask")
    inside = {name for name in graph.modules if name.startswith("mapapp.") and not EDGE.fullmatch(name)}
    assert len(inside) > 150
    chains = [graph.find_shortest_chain(name, "flask") for name in sorted(inside & reach)]
    assert chains == []


@pytest.mark.parametrize("package", ["bench", "mapapp"])
def test_no_module_imports_itself_in_a_circle(package: str) -> None:
    """An import inside a function counts as well: it only hides the circle."""
    graph = grimp.build_graph(package)
    circles = [
        f"{module} ⇄ {imported}"
        for module in sorted(graph.modules)
        for imported in sorted(graph.find_modules_directly_imported_by(module))
        if graph.chain_exists(importer=imported, imported=module)
    ]
    assert len(graph.modules) > 10
    assert circles == []


def _rooms_below() -> dict[str, set[str]]:
    """Room → the rooms it may use, by the order of the layers in ``setup.cfg``."""
    settings = configparser.ConfigParser()
    settings.read(ROOT / "setup.cfg")
    layers = settings["importlinter:contract:rooms"]["layers"].strip().splitlines()
    below: dict[str, set[str]] = {}
    seen: set[str] = set()
    for line in reversed(layers):
        names = set(re.findall(r"\w+", line))
        below |= {name: set(seen) for name in names}
        seen |= names
    return below


def test_pages_use_pieces_of_their_own_room_of_rooms_below_and_of_all() -> None:
    templates = ROOT / "templates"
    wrong, below = [], _rooms_below()
    for path in sorted(templates.rglob("*.html")):
        room = path.relative_to(templates).parts[0]
        for used in re.findall(r'{%-? (?:from|import|include|extends) "([^"]+)"', path.read_text()):
            theirs = used.split("/")[0]
            free = "/" not in used or theirs in {"parts", room} or (theirs == "officer" and room != "parts")
            if not free and theirs not in below.get(room, set()):
                wrong.append(f"{path.relative_to(templates)} uses {used}")
    assert wrong == []
