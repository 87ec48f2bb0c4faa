"""A map as one document that loads nothing: scripts, styles, letters and pictures of ours are written into it.

Our modules become one: each is a function's body, in the order in which they need each other. That is all that is
needed of what they use of the language, and whatever else of ``import`` and ``export`` comes to stand in them is
refused here, not left out.
"""

from __future__ import annotations

import base64
import mimetypes
import posixpath
import re
from collections.abc import Collection
from functools import lru_cache

from mapapp.core.config import ROOT
from mapapp.maps import documents, letters
from mapapp.maps.plugins import ASSETS

STATIC = ROOT / "static"

_SCRIPT = re.compile(r'<script src="([^"]*)"></script>')
_MODULE = re.compile(r'<script type="module" src="([^"]*)"></script>\n?')
_STYLE = re.compile(r'<link rel="stylesheet" href="([^"]*)"/>')
_IMPORT = re.compile(r'^import (\{[^}]*\}|\* as \w+) from "(\.{1,2}/[^"]+)";$', re.MULTILINE)
_EXPORT = re.compile(r"^export ((?:async )?function|class|const) (\w+)", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*\n", re.MULTILINE | re.DOTALL)
"""On lines of its own; a third of our modules is said to people who read them in the project."""
_OTHER = re.compile(r"^(?:import|export)\b.*|^(?!\s*(?://|/?\*)).*\bimport\(.*", re.MULTILINE)
_FONT = re.compile(r"@font-face\s*\{[^}]*\}\n?")
_URL = re.compile(r"""url\((["']?)([^)"']+)\1\)""")


def standing(
    page: str, *, images: Collection[str] = (), reads: Collection[str] = (), wanted: frozenset[str] | None = None
) -> str:
    """The page with everything in it, and a policy that lets it load nothing.

    Args:
        page: as folium writes it, with the data still to come.
        wanted: the letters that its fonts need; None for all of them.
        images: origins of raster base maps, which are loaded all the same.
        reads: origins of the server that tiles and figures come from, where they do not come as data.

    Raises:
        ValueError: something on the map comes from a host that is not ours.
    """
    modules = _MODULE.findall(page)
    page = _MODULE.sub("", page)
    page = _SCRIPT.sub(lambda found: f"<script>{_safe(_text(_ours(found[1])))}</script>", page)
    page = _STYLE.sub(lambda found: f"<style>{_styles(_ours(found[1]), wanted)}</style>", page)
    if modules:
        script = f'<script type="module">{bundle([_ours(address) for address in modules])}</script>\n</head>'
        page = page.replace("</head>", script, 1)
    return page.replace("<head>", f"<head>\n{_policy(page, images, reads)}", 1)


def bundle(entries: list[str]) -> str:
    """One script that does what these modules do, one after the other.

    Args:
        entries: their paths below ``static/``.
    """
    done: dict[str, str] = {}
    for path in entries:
        _add(path, done, ())
    return _safe('"use strict";\nconst modules = {};\n' + "".join(done.values()))


def _add(path: str, done: dict[str, str], above: tuple[str, ...]) -> None:
    """Adds a module behind those it needs."""
    if path in above:
        raise ValueError(f"{path} needs itself: {' → '.join(above)}")
    if path in done:
        return
    source, folder = _text(path), posixpath.dirname(path)

    def needed(found: re.Match[str]) -> str:
        where = posixpath.normpath(posixpath.join(folder, found[2]))
        _add(where, done, (*above, path))
        names = found[1].removeprefix("* as ").replace(" as ", ": ")
        return f'const {names} = modules["{where}"];'

    body = _IMPORT.sub(needed, source)
    body = _COMMENT.sub("", body)
    names = ", ".join(name for _kind, name in _EXPORT.findall(body))
    body = _EXPORT.sub(r"\1 \2", body)
    if left := _OTHER.search(body):
        raise ValueError(f"{path}: one document has no place for “{left[0]}”")
    done[path] = f'modules["{path}"] = (() => {{\n{body}\nreturn {{ {names} }};\n}})();\n'


def _ours(address: str) -> str:
    """The path below ``static/`` of an address that folium wrote."""
    if not address.startswith(ASSETS):
        raise ValueError(f"{address} is not among our own files, and one document loads nothing")
    return address.removeprefix(ASSETS)


def _styles(path: str, wanted: frozenset[str] | None) -> str:
    """A stylesheet with the pictures it names, and with those of its fonts that have a wanted letter."""
    folder = posixpath.dirname(path)

    def inside(found: re.Match[str]) -> str:
        if found[2].startswith(("data:", "#")):  # "#" is a shape that old browsers drew themselves
            return found[0]
        where = posixpath.normpath(posixpath.join(folder, found[2]))
        content = _bytes(where)
        if wanted is not None and where.endswith(".woff2"):
            content = letters.cut(content, wanted)
        media_type = mimetypes.guess_type(where)[0] or "font/woff2"
        return f'url("data:{media_type};base64,{base64.b64encode(content).decode()}")'

    styles = _URL.sub(inside, _text(path).replace("</style", ""))
    return _FONT.sub(lambda found: "" if ';base64,")' in found[0] else found[0], styles)


def _safe(script: str) -> str:
    """A script whose element ends where it ends: both marks stand in texts and comments only."""
    return script.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _policy(page: str, images: Collection[str], reads: Collection[str]) -> str:
    parts = {
        "default-src": ["'none'"],
        "script-src": documents.hashes(page, "script"),
        "style-src": documents.hashes(page, "style"),
        "img-src": ["data:", *sorted(images)],
        "font-src": ["data:"],
        "connect-src": sorted(reads) or ["'none'"],
        "base-uri": ["'none'"],
        "form-action": ["'none'"],
    }
    text = "; ".join(f"{name} {' '.join(values)}" for name, values in parts.items())
    return f'<meta http-equiv="Content-Security-Policy" content="{text}">'


def _text(path: str) -> str:
    # A browser reads every end of a line as \n, and takes the hash of that.
    return _bytes(path).decode().replace("\r\n", "\n").replace("\r", "\n")


def _bytes(path: str) -> bytes:
    file = (STATIC / path).resolve()
    if not file.is_relative_to(STATIC):
        raise ValueError(f"{path} is not among our own files")
    return _read(path, file.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _read(path: str, _changed: int) -> bytes:
    return (STATIC / path).read_bytes()
