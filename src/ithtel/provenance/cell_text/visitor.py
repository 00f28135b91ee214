"""`CellVisitor`: walk the tree of a cell in the order in which it runs."""

from __future__ import annotations

import ast
import re
from typing import Any, ClassVar

from ithtel.provenance.cell_text import celltext
from ithtel.provenance.cell_text.bindings import BindingFlow
from ithtel.provenance.cell_text.scopes import COMPREHENSIONS, only_wraps

_AT_NAME = re.compile(r"@([A-Za-z_]\w*)")
_SQL_TABLE = re.compile(r"\b(?:from|join)\s+([A-Za-z_]\w*)", re.IGNORECASE)
_SQL = re.compile(r"\s*(?:select|from|with)\b", re.IGNORECASE)
_MAX_DEPTH = 5


class CellVisitor(BindingFlow):
    """Walks a whole cell, including what IPython adds to Python."""

    def __init__(self) -> None:
        super().__init__()
        self._depth = 0

    def source(self, text: str) -> None:
        """Walk code given as text, such as the body of a magic."""
        tree = celltext.parse(text)
        if tree is not None and self._depth < _MAX_DEPTH:
            self._depth += 1
            self.body(tree.body)
            self._depth -= 1

    # calls

    def call(self, node: ast.Call) -> None:
        """Walk a call; the string arguments of some calls contain names."""
        function = node.func
        if isinstance(function, ast.Attribute):
            if _is_shell(function.value):
                self._shell(function.attr, [getattr(item, "value", None) for item in node.args])
                return
            if function.attr in {"query", "eval", "sql", "joinpath", "join"}:
                self._text_call(function.attr, node)
        if only_wraps(function):
            self.mention(node)
        else:
            self.visit(function)
            self.visit_all(node.args)
            self.visit_all(node.keywords)
        match node:
            case ast.Call(func=ast.Name(id="eval" | "exec" as name), args=[ast.Constant(value=str(text)), *_]):
                if _runs_in_the_namespace(node):
                    self._run_text(name, text)
            case _:
                pass

    def _text_call(self, method: str, node: ast.Call) -> None:
        """Load the names that pandas finds as `@name`, and DuckDB and polars after FROM; keep joined paths."""
        text = node.args[0].value if node.args and isinstance(node.args[0], ast.Constant) else None
        if method.startswith("join"):
            self.literals.add_joined(node)
        elif isinstance(text, str):
            pattern = _SQL_TABLE if method == "sql" or _SQL.match(text) else _AT_NAME
            for name in pattern.findall(text):
                self.load(name)

    def _run_text(self, name: str, text: str) -> None:
        tree = celltext.parse_expression(text)
        if name == "eval" and tree is not None:
            self.visit(tree)
        elif name == "exec" and self.scope is None:
            self.source(text)

    def binary(self, node: ast.BinOp) -> None:
        """Walk `a / b`; long sums are walked by a loop, not by recursion."""
        terms: list[ast.expr] = []
        left: ast.expr = node
        while isinstance(left, ast.BinOp):
            terms.append(left.right)
            left = left.left
        self.visit(left)
        self.visit_all(terms[::-1])
        if isinstance(node.op, ast.Div | ast.Add):
            self.literals.add_joined(node)

    def formatted(self, node: ast.JoinedStr) -> None:
        """Walk an f-string; the pieces between its expressions are not strings of their own."""
        self.visit_all([part for part in node.values if isinstance(part, ast.FormattedValue)])
        self.literals.add_joined(node)

    def format_specification(self, node: ast.FormattedValue) -> None:
        """Walk `{value:specification}`; in the specification only nested braces are walked."""
        self.visit(node.value)
        if isinstance(node.format_spec, ast.JoinedStr):
            self.visit_all([part for part in node.format_spec.values if isinstance(part, ast.FormattedValue)])

    # IPython

    def _shell(self, method: str, arguments: list[object]) -> None:
        """Walk the calls that IPython turns magics and `!` lines into."""
        texts = [item for item in arguments if isinstance(item, str)]
        if method == "run_line_magic" and len(texts) > 1:
            self._line_magic(texts[0], texts[1])
        elif method == "run_cell_magic" and len(texts) > 2:  # noqa: PLR2004 - name, line, body
            self._cell_magic(*texts[:3])
        elif method in {"system", "getoutput"} and texts:
            self._command(texts[0])

    def _command(self, text: str) -> None:
        self.visit_all(celltext.expansions(text))
        self.literals.add_words(text)

    def _line_magic(self, magic: str, text: str) -> None:
        if magic in celltext.CODE_LINES:
            self._magic_code(magic, celltext.code_of_line(magic, text))
        elif magic == "xdel":
            self.delete(text.strip().rpartition(" ")[2])
        else:
            self._command(text)

    def _cell_magic(self, magic: str, line: str, body: str) -> None:
        if magic not in celltext.CODE_CELLS:
            self._command(line)
            return
        code = celltext.code_of_line(magic, line) if magic in celltext.CODE_LINES else ""
        self._magic_code(magic, f"{code}\n{body}")
        if magic == "capture":
            for word in line.split():
                if word.isidentifier():
                    self.store(word)

    def _magic_code(self, magic: str, code: str) -> None:
        if magic not in celltext.LOCAL:
            self.source(code)
        elif (tree := celltext.parse(code)) is not None:
            # timeit runs its code inside a function
            function = ast.FunctionDef(name="", args=_NO_ARGUMENTS, body=tree.body, decorator_list=[])
            self.run(self.deferred_body(function))

    def expression_statement(self, node: ast.Expr) -> None:
        """Walk an expression statement; a lone string is a docstring."""
        if not isinstance(node.value, ast.Constant):
            self.visit(node.value)

    def nothing(self, node: ast.AST) -> None:
        """Skip a node that does nothing."""

    handlers: ClassVar[dict[type[ast.AST], Any]] = {
        ast.Name: BindingFlow.name,
        ast.Constant: BindingFlow.constant,
        ast.Expr: expression_statement,
        ast.Assign: BindingFlow.assign,
        ast.AnnAssign: BindingFlow.ann_assign,
        ast.AugAssign: BindingFlow.aug_assign,
        ast.NamedExpr: BindingFlow.named_expr,
        ast.Delete: BindingFlow.delete_statement,
        ast.Import: BindingFlow.import_statement,
        ast.ImportFrom: BindingFlow.import_from,
        ast.Global: nothing,
        ast.Nonlocal: nothing,
        ast.Pass: nothing,
        ast.FunctionDef: BindingFlow.function,
        ast.AsyncFunctionDef: BindingFlow.function,
        ast.Lambda: BindingFlow.lambda_expression,
        ast.ClassDef: BindingFlow.class_statement,
        **dict.fromkeys(COMPREHENSIONS, BindingFlow.comprehension),
        ast.Call: call,
        ast.BinOp: binary,
        ast.JoinedStr: formatted,
        ast.FormattedValue: format_specification,
        ast.BoolOp: BindingFlow.bool_op,
        ast.Compare: BindingFlow.compare,
        ast.If: BindingFlow.if_statement,
        ast.IfExp: BindingFlow.if_expression,
        ast.For: BindingFlow.for_statement,
        ast.AsyncFor: BindingFlow.for_statement,
        ast.While: BindingFlow.while_statement,
        ast.Break: BindingFlow.break_statement,
        ast.Continue: BindingFlow.continue_statement,
        ast.Return: BindingFlow.return_statement,
        ast.Yield: BindingFlow.return_statement,
        ast.YieldFrom: BindingFlow.return_statement,
        ast.Raise: BindingFlow.raise_statement,
        ast.Assert: BindingFlow.assert_statement,
        ast.Try: BindingFlow.try_statement,
        ast.TryStar: BindingFlow.try_statement,
        ast.With: BindingFlow.with_statement,
        ast.AsyncWith: BindingFlow.with_statement,
        ast.Match: BindingFlow.match_statement,
        ast.MatchAs: BindingFlow.pattern,
        ast.MatchStar: BindingFlow.pattern,
        ast.MatchMapping: BindingFlow.pattern,
    }
    if hasattr(ast, "TypeAlias"):
        handlers[ast.TypeAlias] = BindingFlow.type_alias


_NO_ARGUMENTS = ast.arguments(posonlyargs=[], args=[], kwonlyargs=[], kw_defaults=[], defaults=[])


def _runs_in_the_namespace(node: ast.Call) -> bool:
    """Return whether `exec(text, …)` or `eval(text, …)` uses the notebook's names, not a namespace of its own.

    The second argument holds the names, unless it is `None` or `globals()`. Names found in a third one are not the
    notebook's either; as it is not known which these are, all are taken for its own.
    """
    spaces = [*node.args[1:], *(keyword.value for keyword in node.keywords if keyword.arg in {"globals", "locals"})]
    return all(ast.unparse(space) in {"None", "globals()", "locals()", "vars()"} for space in spaces)


def _is_shell(node: ast.AST) -> bool:
    """Return whether an expression is `get_ipython()`."""
    match node:
        case ast.Call(func=ast.Name(id="get_ipython")):
            return True
        case _:
            return False
