"""`imported`, `seeded_by`, `sets_seed`: which packages a cell imports and which seeds it sets, from its text."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from typing import TYPE_CHECKING, NamedTuple

from ithtel.provenance.cell_text.celltext import parse_without_magics

if TYPE_CHECKING:
    from collections.abc import Iterator

DROPPED = "made a generator without a seed, and dropped it"
"""The end of a hazard that is only a suspicion: it is unknown whether numbers were drawn from that generator."""
GLOBAL_STREAMS = ("python", "numpy.legacy", "torch")
_SEED_CALLS = {
    "python": r"(?<![\w.])random\.seed",
    "numpy.legacy": r"\b(?:np|numpy)\.random\.seed",
    "torch": r"\bmanual_seed",
}
_GENERATORS = r"(?:\w*seed\w*|default_rng|RandomState|Random|Generator|MT19937|PCG64\w*|Philox|SFC64|SeedSequence)"
_BEFORE_SEED = re.compile(
    rf"\b{_GENERATORS}\((?:\w*(?:seed|entropy)\w*=)?[\[(]?(?:-?\w+,)*-?$"  # an argument of a call that seeds
    r"|\b(?:\w*seed\w*|random_state|rng)[\"']?[=:]-?$"  # a variable, an argument or a key of such a name
    r"|\b__magic__ seed$",
    re.IGNORECASE,
)
"""What stands before a number that is a seed, without the spaces that have no meaning."""
_CONTEXT = 80
"""Characters before a number that are looked at."""


def imported(source: str) -> dict[str, str]:
    r"""Return the names that `source` imports, each with its package; `*` for a star import.

    >>> imported("import numpy as np\nfrom scipy.stats import norm")
    {'np': 'numpy', 'norm': 'scipy'}
    """
    tree = parse_without_magics(source)
    names: dict[str, str] = {}
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Import):
            for alias in node.names:
                package = alias.name.partition(".")[0]
                names[alias.asname or package] = package
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: node.module.partition(".")[0] for alias in node.names}
    return names


def only_imports(source: str) -> bool:
    """Return whether `source` does nothing but import, define and give names to literals: what it draws, imports drew.

    >>> only_imports("import rich; LIMIT = 5"), only_imports("import random; x = random.random()")
    (True, False)
    """
    tree = parse_without_magics(source)
    steps = [] if tree is None else tree.body
    imports = [step for step in steps if isinstance(step, ast.Import | ast.ImportFrom)]
    others = [step for step in steps if not isinstance(step, ast.Import | ast.ImportFrom)]
    return bool(imports) and not any(isinstance(node, ast.Call | ast.Await) for step in others for node in _run(step))


def _run(step: ast.stmt) -> Iterator[ast.AST]:
    """Yield the parts of a statement that run with it, without the bodies of functions."""
    todo: list[ast.AST] = [step]
    while todo:
        node = todo.pop()
        yield node
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            todo += [*node.decorator_list, *node.args.defaults]
        elif not isinstance(node, ast.Lambda):
            todo += ast.iter_child_nodes(node)


def sets_seed(source: str, stream: str) -> bool:
    """Return whether `source` seeds a global stream by itself, not by `%seed`.

    >>> sets_seed("np.random.seed(7)", "numpy.legacy"), sets_seed("np.random.seed(7)", "python")
    (True, False)
    """
    return re.search(rf"{_SEED_CALLS[stream]}\(", source) is not None


def seeds_first(source: str, stream: str) -> bool:
    """Return whether `source` seeds a global stream before anything else but imports: nothing is drawn before it.

    >>> seeds_first("random.seed(7); x = f()", "python"), seeds_first("x = f(); random.seed(7)", "python")
    (True, False)
    """
    if source.lstrip().startswith("%seed"):
        return True
    tree = parse_without_magics(source)
    steps = [] if tree is None else [step for step in tree.body if not isinstance(step, ast.Import | ast.ImportFrom)]
    return bool(steps) and sets_seed(ast.unparse(steps[0]), stream)


def seeded_by(source: str, stream: str, otherwise: int | None) -> int | None:
    """Return the seed of a global stream after `source`: `otherwise` if not set, None if the seed is not a literal.

    >>> seeded_by("np.random.seed(7)", "numpy.legacy", 42), seeded_by("random.seed(x)", "python", 42)
    (7, None)
    >>> seeded_by("np.random.seed(7)", "python", 42)
    42
    """
    call = _SEED_CALLS.get(stream)
    found = [] if call is None else re.findall(rf"{call}\(\s*([^)]*?)\s*\)", source)
    if not found:
        return otherwise
    return int(found[-1]) if found[-1].isdecimal() else None


def differs_in_seed_only(a: str, b: str) -> list[str] | None:
    """Return the numbers that differ if two sources differ only in seeds, None if they differ in anything else.

    >>> differs_in_seed_only("rng = np.random.default_rng(1)", "rng = np.random.default_rng(2)")
    ['1 → 2']
    >>> differs_in_seed_only("pick(nav, rng=1)", "pick(nav, rng=2)")
    ['1 → 2']
    >>> differs_in_seed_only("x = np.random.normal(size=1)", "x = np.random.normal(size=2)") is None
    True
    """
    ours, theirs = _tokens(a), _tokens(b)
    if len(ours) != len(theirs):
        return None
    found = []
    for one, other in zip(ours, theirs, strict=True):
        if one.text != other.text:
            if not (one.is_seed and other.is_number):
                return None
            found.append(f"{one.text} → {other.text}")
    return found


def split_seeds(source: str) -> tuple[list[str], str]:
    """Return the literal seeds in `source`, and its text without them and without comments.

    >>> split_seeds("rng = np.random.default_rng(7)  # as in the paper")
    (['7'], 'rng = np . random . default_rng ( seed )')
    """
    tokens = _tokens(source)
    texts = ("seed" if token.is_seed else token.text for token in tokens)
    return [token.text for token in tokens if token.is_seed], " ".join(filter(None, texts)).rstrip()


class _Token(NamedTuple):
    text: str
    is_number: bool
    is_seed: bool


def _tokens(source: str) -> list[_Token]:
    found, before = [], ""
    for kind, text in _raw_tokens(source):
        is_number = kind == tokenize.NUMBER
        found.append(_Token(text, is_number, is_number and _BEFORE_SEED.search(before) is not None))
        is_word = before[-1:].isidentifier() and text.isidentifier()
        before = f"{before[-_CONTEXT:]}{' ' if is_word else ''}{text}"
    return found


def _raw_tokens(source: str) -> list[tuple[int, str]]:
    text = re.sub(r"^(\s*(?:\w+\s*=\s*)?)%{1,2}(\w+)", r"\1__magic__ \2", source, flags=re.MULTILINE)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return [(0, source)]
    return [(token.type, token.string) for token in tokens if token.type != tokenize.COMMENT]
