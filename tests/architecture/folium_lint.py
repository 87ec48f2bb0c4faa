"""Reads Python for text that could reach folium or branca, which run what they are given as a template.

A literal may, a translated constant, and what a class of ours has looked at when it was made: ``Address``, ``Colour``,
``Steps``. A class of ours may be folium's where its constructor takes no text and its template is a literal that
writes nothing but names, options and its own constants.
"""

from __future__ import annotations

import ast
import re

LIBRARIES = {"folium", "branca"}
TRANSLATES = {"gettext", "_", "N_"}
CHECKED = {"Address", "Colour", "Module"}
"""What refuses to be made of anything that means more than an address or a colour."""

WORDS = {"kind", "module", "title"}
"""Attributes of our classes that hold a word of the code; ``offences`` looks that they do."""

TAKEN = {
    "bool",
    "int",
    "float",
    "tuple",
    "Sequence",
    "None",
    "Steps",
    "Direction",
    "Language",
    "AreaMap",
    "FilledPage",
    "Option",
} | CHECKED
"""What a constructor of a layer may take. ``Option`` is what ``layers/base.py`` checks when a layer is made."""

WRITES = re.compile(
    r"""\{%\ macro\ script\(this,\ kwargs\)\ %\} | \{%\ endmacro\ %\}
    | \{\{\ this\.(?:get_name\(\)|map_name\(\)|address)\ \}\} | \{\{this\.address\}\}
    | \{\{\ this\.(?:kind|get_name\(\))\|tojson\ \}\} | \{\{\ this\.options\|tojavascript\ \}\}""",
    re.VERBOSE,
)
"""The places that a template of ours may have."""


def from_folium(tree: ast.Module) -> set[str]:
    """The names that stand for folium, branca or something of theirs in this file."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {(a.asname or a.name.split(".")[0]) for a in node.names if a.name.split(".")[0] in LIBRARIES}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in LIBRARIES:
            names |= {a.asname or a.name for a in node.names}
    return names


def root(node: ast.expr) -> str | None:
    """The first name of ``a.b(…).c``, through calls: ``a``."""
    while isinstance(node, (ast.Attribute, ast.Call, ast.Subscript)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def is_constant(node: ast.expr, drawn: set[str]) -> bool:
    """A literal, a container of literals, a translated literal, something checked, or what folium itself drew."""
    match node:
        case ast.Constant():
            return True
        case ast.Tuple(elts=parts) | ast.List(elts=parts):
            return all(is_constant(part, drawn) for part in parts)
        case ast.Dict(keys=keys, values=values):
            return all(key is not None and is_constant(key, drawn) for key in keys) and all(
                is_constant(value, drawn) for value in values
            )
        case ast.UnaryOp(operand=operand):
            return is_constant(operand, drawn)
        case ast.Call(func=ast.Name(id=name), args=[ast.Constant()], keywords=[]) if name in TRANSLATES:
            return True
        # In a language that is named: the text is the catalogue's.
        case ast.Call(func=ast.Name(id="translate"), args=[text, ast.Attribute(attr="code")], keywords=[]):
            return is_constant(text, drawn)
        case ast.Call(func=ast.Name(id=name), args=[_], keywords=[]) if name in CHECKED:
            return True
        case ast.Attribute(value=ast.Name(id="self"), attr=name) if name in WORDS:
            return True
        case ast.Call():
            return root(node) in drawn  # what is given to it is looked at as well
        case ast.Attribute():
            return root(node) == "folium"
        case ast.Name(id=name):
            return name in drawn or name == "self"
    return False


def ours(tree: ast.Module, drawn: set[str]) -> list[ast.ClassDef]:
    """The classes in this file that are folium's, or a layer of ours by name."""
    known = {*drawn, "DataLayer"}
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef) and any(root(base) in known for base in node.bases):
            known.add(node.name)
            found.append(node)
    return found


def offences(source: str) -> list[str]:
    """What goes into folium or branca and is no constant; one line each."""
    tree = ast.parse(source)
    drawn = from_folium(tree)
    classes = ours(tree, drawn)
    drawn |= {one.name for one in classes} - {"AreaMap", "FilledFigure"}
    for node in ast.walk(tree):  # names that hold what folium drew: m = folium.Map(…), z = Control(…).add_to(m)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            held = root(node.value) in drawn or (
                isinstance(node.value.func, ast.Name) and node.value.func.id in CHECKED
            )
            drawn |= {target.id for target in node.targets if held and isinstance(target, ast.Name)}
    found = [line for one in classes for line in of_class(one)]
    constants = drawn | maps_of(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and root(node.func) in drawn:
            given = [*node.args, *(keyword.value for keyword in node.keywords)]
            is_template = isinstance(node.func, ast.Name) and node.func.id == "Template"
            found += [f"{part.lineno}: {ast.unparse(part)}" for part in given if not is_constant(part, constants)]
            if is_template and not (isinstance(node.args[0], ast.Constant) and writes_little(node.args[0].value)):
                found.append(f"{node.lineno}: {ast.unparse(node)}")
        elif isinstance(node, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for target in targets:
                on_folium = isinstance(target, (ast.Attribute, ast.Subscript)) and root(target) in drawn
                if on_folium and node.value is not None and not is_constant(node.value, drawn):
                    found.append(f"{node.lineno}: {ast.unparse(node)}")
    return found


def maps_of(tree: ast.Module) -> set[str]:
    """The names that hold a map of ours; its own methods take what they look at."""
    found = set()
    for node in ast.walk(tree):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=ast.Name(id="AreaMap"))):
                found.add(name)
            case ast.arg(arg=name, annotation=ast.Name(id="AreaMap")):
                found.add(name)
    return found


def writes_little(template: object) -> bool:
    """Whether a template has no place but those of ``WRITES``."""
    return isinstance(template, str) and not re.search(r"\{[{%#]", WRITES.sub("", template))


def of_class(node: ast.ClassDef) -> list[str]:
    """What is wrong with a class that is folium's: text it takes, words that are none, what it hands on."""
    found = []
    for part in node.body:
        match part:
            case ast.FunctionDef(name="__init__"):
                found += _of_constructor(node, part)
            case (
                ast.Assign(targets=[ast.Name(id=name)], value=value)
                | ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value)
            ):
                if name in WORDS and not (isinstance(value, ast.Constant) and str(value.value).isascii()):
                    found.append(f"{part.lineno}: {node.name}.{name} is no word")
                if name.startswith("_template") and root(value) != "Template":
                    found.append(f"{part.lineno}: {node.name}.{name}")
    return found


def _of_constructor(node: ast.ClassDef, made: ast.FunctionDef) -> list[str]:
    found = []
    given = [*made.args.args[1:], *made.args.kwonlyargs, made.args.vararg, made.args.kwarg]
    for one in filter(None, given):
        names = {part.id for part in ast.walk(one.annotation) if isinstance(part, ast.Name)} if one.annotation else {""}
        if not names <= TAKEN:
            found.append(f"{one.lineno}: {node.name}({one.arg}) may be text")
    names = {one.arg for one in filter(None, given)}
    for call in ast.walk(made):
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "super().__init__":
            parts = [*call.args, *(keyword.value for keyword in call.keywords)]
            # What comes from a parameter is of a type that may; options are looked at when the layer is made.
            found += [
                f"{part.lineno}: {ast.unparse(part)}"
                for part in parts
                if not is_constant(part, names) and root(part) not in {*names, "tuple", "float"}
            ]
    return found
