"""What a cell's text says of why it may differ: clocks, sets, seeds, packages."""

from __future__ import annotations

import ast
import functools
import io
import re
import tokenize

DROPPED = "made a generator without a seed, and dropped it"
"""How a hazard ends that is a suspicion only: whether numbers were drawn from such a generator cannot be told."""
_CLOCK = re.compile(
    r"\b(?:time\.(?:time|time_ns|perf_counter|monotonic|process_time|ctime|localtime|gmtime|strftime)|(?:now|today|utcnow)"
    r"|uuid[14]|getpid|urandom|token_hex|token_bytes|token_urlsafe)\s*\("
    r"|%%?time(?:it)?\b|\bid\("
)
GLOBAL_STREAMS = ("python", "numpy.legacy", "torch")
_SEED_CALLS = {
    "python": r"(?<![\w.])random\.seed",
    "numpy.legacy": r"\b(?:np|numpy)\.random\.seed",
    "torch": r"\bmanual_seed",
}
_HASHED = (ast.Set, ast.SetComp)
_MAGIC = re.compile(r"^\s*[%!].*$", re.MULTILINE)
_SEEDING = re.compile(
    r"seed|default_rng|RandomState|Random\b|Generator|MT19937|PCG64|Philox|SFC64|random_state|\brng\s*=\s*\d",
    re.IGNORECASE,
)


def clock_in(source: str) -> str | None:
    """Return the call in `source` whose answer no two runs share, None where there is none.

    >>> clock_in("t = time.time()")
    'time.time()'
    """
    found = _CLOCK.search(source)
    if found is None:
        return None
    return found[0].replace(" ", "") + (")" if found[0].endswith("(") else "")


def uses_hash_order(source: str) -> bool:
    """Say whether `source` makes a set, or asks for a hash: their order and value depend on PYTHONHASHSEED.

    >>> uses_hash_order("list({'a', 'b'})"), uses_hash_order("x = [1]")
    (True, False)
    """
    tree = _tree(source)
    if tree is None:
        return False
    for node in ast.walk(tree):
        if isinstance(node, _HASHED):
            return True
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in ("set", "frozenset", "hash")
        ):
            return True
    return False


def imported(source: str) -> dict[str, str]:
    r"""Return the names that `source` imports, each with the package it is of; `*` for a star.

    >>> imported("import numpy as np\nfrom scipy.stats import norm")
    {'np': 'numpy', 'norm': 'scipy'}
    """
    tree = _tree(source)
    names: dict[str, str] = {}
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Import):
            for alias in node.names:
                package = alias.name.partition(".")[0]
                names[alias.asname or package] = package
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {alias.asname or alias.name: node.module.partition(".")[0] for alias in node.names}
    return names


def sets_seed(source: str, stream: str) -> bool:
    """Say whether `source` seeds a global stream by itself, not through `%seed`.

    >>> sets_seed("np.random.seed(7)", "numpy.legacy"), sets_seed("np.random.seed(7)", "python")
    (True, False)
    """
    return re.search(rf"{_SEED_CALLS[stream]}\(", source) is not None


def seeded_by(source: str, stream: str, otherwise: int | None) -> int | None:
    """Return the seed that a global stream has after `source`; `otherwise` where it sets none, None for no literal.

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
    """Return the numbers that differ where two sources differ in nothing but seeds, None where they do otherwise.

    >>> differs_in_seed_only("rng = np.random.default_rng(1)", "rng = np.random.default_rng(2)")
    ['1 → 2']
    >>> differs_in_seed_only("pick(nav, rng=1)", "pick(nav, rng=2)")
    ['1 → 2']
    >>> differs_in_seed_only("x = rng.normal(size=1)", "x = rng.normal(size=2)") is None
    True
    """
    ours, theirs = _tokens(a), _tokens(b)
    if len(ours) != len(theirs):
        return None
    found = []
    for (kind, text, line), (other_kind, other, _) in zip(ours, theirs, strict=True):
        if text == other:
            continue
        if not (kind == other_kind == tokenize.NUMBER and _SEEDING.search(line)):
            return None
        found.append(f"{text} → {other}")
    return found


def _tokens(source: str) -> list[tuple[int, str, str]]:
    text = re.sub(r"^(\s*(?:\w+\s*=\s*)?)%{1,2}(\w+)", r"\1__magic__ \2", source, flags=re.MULTILINE)
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(text).readline))
    except (tokenize.TokenError, IndentationError, SyntaxError):
        return [(0, source, source)]
    return [(token.type, token.string, token.line) for token in tokens if token.type != tokenize.COMMENT]


@functools.lru_cache(maxsize=1024)
def _tree(source: str) -> ast.Module | None:
    text = _MAGIC.sub("", re.sub(r"^(\s*\w+\s*=\s*)[%!].*$", r"\1None", source, flags=re.MULTILINE))
    try:
        tree = compile(text, "<cell>", "exec", ast.PyCF_ONLY_AST | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    except (SyntaxError, ValueError, RecursionError):
        return None
    return tree if isinstance(tree, ast.Module) else None
