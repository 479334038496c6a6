"""The small changes that `local.mutants` makes. Each result is a whole source in which one line differs."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip
OPERATORS: dict[type[ast.operator], str] = {
    ast.Add: "-", ast.Sub: "+", ast.Mult: "/", ast.Div: "*", ast.Mod: "*", ast.BitOr: "&", ast.FloorDiv: "*",
}  # fmt: skip

JAVASCRIPT = (
    (r"===", "!=="),
    (r"!==", "==="),
    (r">=", ">"),
    (r"(?<![=>-])>(?!=)", ">="),
    (r"(?<!<)<(?![=<])", "<="),
    (r"&&", "||"),
    (r"\|\|", "&&"),
    (r"\?\?(?!=)", "&&"),
    (r"(?<![=!<>])!(?=[\w(])", ""),
    (r"\+= ", "-= "),
    (r" \+ ", " - "),
    (r" - ", " + "),
    (r" \* ", " / "),
    (r" / ", " * "),
    (r"\btrue\b", "false"),
    (r"\bnull\b", "undefined"),
    (r"(?<=[ (\[{,-])(\d+)(?=[,;)\] ])", "+1"),
    (r"\.\.\.state(?=[,. ])", "...{}"),
)

NOT_BEHAVIOUR = ("annotation", "returns", "decorator_list", "bases", "keywords")


def python_mutants(source: str) -> Iterator[str]:
    """Changed copies of a Python module. Docstrings, annotations and type aliases stay as they are."""
    lines = source.splitlines(keepends=True)
    for node in _changeable(ast.parse(source)):
        for start, end, text in _changes(node, source):
            line, first = start
            last_line, last = end
            if line != last_line:
                continue
            encoded = lines[line - 1].encode()
            changed = (encoded[:first] + text.encode() + encoded[last:]).decode()
            yield "".join([*lines[: line - 1], changed, *lines[line:]])


def _changeable(tree: ast.Module) -> Iterator[ast.AST]:
    """The nodes inside functions and of constants, without annotations and decorators."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        for name, value in ast.iter_fields(node):
            if name in ("annotation", "returns", "decorator_list", "bases", "keywords") and not isinstance(
                node, ast.Call
            ):
                continue
            if (
                isinstance(node, ast.Assign)
                and isinstance(node.value, ast.BinOp)
                and isinstance(node.value.op, ast.BitOr)
            ):
                continue  # a type alias such as `Decision = Keep | Apply`
            children = value if isinstance(value, list) else [value]
            waiting += [child for child in children if isinstance(child, ast.AST)]


Change = tuple[tuple[int, int], tuple[int, int], str]


def _changes(node: ast.AST, source: str) -> Iterator[Change]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield _between(node.left, node.comparators[0], f" {COMPARISONS[type(node.ops[0])]} ")
    elif isinstance(node, ast.BoolOp):
        other = " or " if isinstance(node.op, ast.And) else " and "
        yield _between(node.values[0], node.values[1], other)
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield _between(node.left, node.right, f" {OPERATORS[type(node.op)]} ")
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield (node.lineno, node.col_offset), _start(node.operand), ""
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield _start(node), _end(node), repr(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield _start(node), _end(node), repr(node.value + 1)
    elif isinstance(node, ast.If | ast.While | ast.IfExp):
        yield _start(node.test), _end(node.test), f"not ({ast.get_source_segment(source, node.test)})"
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield _start(node.value), _end(node.value), "None"
    elif isinstance(node, ast.AugAssign) or (
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Call) and not _is_log(node.value)
    ):
        yield _start(node), _end(node), "pass"


def _is_log(call: ast.Call) -> bool:
    """True for `log.warning(...)`: what is logged is no behaviour that tests should hold fast."""
    return (
        isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name) and call.func.value.id == "log"
    )


def _is_union(node: ast.expr) -> bool:
    return isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _start(node: ast.stmt | ast.expr) -> tuple[int, int]:
    return node.lineno, node.col_offset


def _end(node: ast.stmt | ast.expr) -> tuple[int, int]:
    return node.end_lineno or 0, node.end_col_offset or 0


def _between(left: ast.expr, right: ast.expr, text: str) -> Change:
    return _end(left), _start(right), text


def javascript_mutants(source: str) -> Iterator[str]:
    """Changed copies of a module in JavaScript. Comments and imports stay as they are."""
    lines = source.splitlines(keepends=True)
    for number, line in enumerate(lines):
        code = line.split("//")[0]
        if code.lstrip().startswith(("*", "/*", "import")):
            continue
        for pattern, replacement in JAVASCRIPT:
            for found in re.finditer(pattern, code):
                text = str(int(found[0]) + 1) if replacement == "+1" else replacement
                yield "".join(
                    [*lines[:number], code[: found.start()] + text + line[found.end() :], *lines[number + 1 :]]
                )
