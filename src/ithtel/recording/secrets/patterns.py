"""`SHAPES`, `assignments`, `says_secret`: the forms of tokens, and of names that hold secrets.

Each kind of token has a mark that all such tokens contain, and an expression that finds it. Looking for a mark is a
plain text search, 30 ns in a short message; an expression runs only if its mark is found. The shapes are those of
detect-secrets' plugins and gitleaks' rules whose fixed prefix makes them certain.
"""

from __future__ import annotations

import functools
import re

_EDGE = r"(?<![A-Za-z0-9_])"

SHAPES: tuple[tuple[str, str, str], ...] = (
    ("private-key", "PRIVATE KEY", r"-----BEGIN [A-Z ]*PRIVATE KEY[A-Z ]*-----[\s\S]*?(-----END [A-Z ]*-----|\Z)"),
    ("aws", "AKIA", _EDGE + r"AKIA[0-9A-Z]{16}"),
    ("aws", "ASIA", _EDGE + r"ASIA[0-9A-Z]{16}"),
    ("github", "gh", _EDGE + r"gh[pousr]_[A-Za-z0-9]{30,}"),
    ("github", "github_pat_", r"github_pat_[A-Za-z0-9_]{22,}"),
    ("gitlab", "glpat-", r"glpat-[A-Za-z0-9_\-]{16,}"),
    ("slack", "xox", _EDGE + r"xox[abeoprs]-[A-Za-z0-9\-]{10,}"),
    ("slack", "hooks.slack.com", r"hooks\.slack\.com/services/[A-Za-z0-9/_\-]{20,}"),
    ("stripe", "k_live_", _EDGE + r"[rs]k_live_[0-9A-Za-z]{16,}"),
    ("stripe", "k_test_", _EDGE + r"[rs]k_test_[0-9A-Za-z]{16,}"),
    ("api-key", "sk-", _EDGE + r"sk-[A-Za-z0-9_\-]{20,}"),
    ("google", "AIza", _EDGE + r"AIza[0-9A-Za-z_\-]{35}"),
    ("google", "ya29.", r"ya29\.[0-9A-Za-z_\-]{20,}"),
    ("google", "GOCSPX-", r"GOCSPX-[A-Za-z0-9_\-]{20,}"),
    ("huggingface", "hf_", _EDGE + r"hf_[A-Za-z0-9]{30,}"),
    ("npm", "npm_", _EDGE + r"npm_[A-Za-z0-9]{36}"),
    ("pypi", "pypi-", r"pypi-AgE[A-Za-z0-9_\-]{40,}"),
    ("sendgrid", "SG.", _EDGE + r"SG\.[A-Za-z0-9_\-]{16,}\.[A-Za-z0-9_\-]{16,}"),
    ("twilio", "SK", _EDGE + r"SK[0-9a-f]{32}(?![0-9a-f])"),
    ("mailchimp", "-us", _EDGE + r"[0-9a-f]{32}-us[0-9]{1,2}"),
    ("square", "sq0", r"sq0[a-z]{3}-[0-9A-Za-z_\-]{22,}"),
    ("digitalocean", "_v1_", _EDGE + r"do[opr]_v1_[a-f0-9]{64}"),
    ("databricks", "dapi", _EDGE + r"dapi[a-f0-9]{32}"),
    ("vault", "hv", _EDGE + r"hv[sbr]\.[A-Za-z0-9_\-]{20,}"),
    ("shopify", "shp", _EDGE + r"shp(at|ca|pa|ss)_[a-fA-F0-9]{32}"),
    ("telegram", ":AA", _EDGE + r"[0-9]{8,10}:AA[A-Za-z0-9_\-]{32,}"),
    ("discord", ".", _EDGE + r"[MNO][A-Za-z0-9_\-]{23,27}\.[A-Za-z0-9_\-]{6}\.[A-Za-z0-9_\-]{27,}"),
    ("azure", "AccountKey=", r"(?<=AccountKey=)[A-Za-z0-9+/=]{20,}"),
    ("azure", "SharedAccessKey=", r"(?<=SharedAccessKey=)[A-Za-z0-9+/=]{20,}"),
    ("jwt", "eyJ", _EDGE + r"eyJ[A-Za-z0-9_\-]{8,}\.[A-Za-z0-9_\-]{8,}\.?[A-Za-z0-9_.+/=\-]*"),
    ("bearer", "earer ", r"(?<=earer )[A-Za-z0-9_\-.~+/=]{12,}"),
    ("bearer", "asic ", r"(?<=asic )[A-Za-z0-9+/]{12,}={0,2}(?![A-Za-z0-9])"),
    ("url", "://", r"(?<=://)[^\s/:@\"'<>]*:(?!\[redacted:)[^\s/\"'<>]+(?=@)"),
    ("url", "://", r"(?<=://)(?!\[redacted:)[^\s/:@\"'<>]{20,}(?=@)"),
)  # fmt: skip
"""(kind, mark, expression). The whole match is the secret."""


@functools.cache
def shape(expression: str) -> re.Pattern[str]:
    """Return an expression of `SHAPES`, compiled when its mark is first seen; compiling all would take 3 ms."""
    return re.compile(expression)


_WORDS = (
    "secret|token|password|passwd|passphrase|pwd|api_?key|access_?key|private_?key|account_?key|auth_?key|credential"
)
_MARKS = ("secret", "token", "passw", "passphrase", "pwd", "key", "credential")
SECRET_NAME = re.compile(rf"(?i)(?<![a-z])(?:{_WORDS})s?(?![a-z])")
_WORD = re.compile(_WORDS)
_VALUE = (
    r"(?:[rbfu]{0,2})(?P<quote>\"\"\"|'''|\\?[\"'])(?!\[redacted:)"
    r"(?P<value>(?:\\.|(?!(?P=quote)).){1,4000}?)(?P=quote)"
)
_ASSIGNED = re.compile(r"(?is)\w*(?:\\?[\"'])?\]?\s*(?::\s*[A-Za-z_.]+\s*=|={1,2}|:)\s*" + _VALUE)
"""A quoted value with a name that suggests a secret: `api_key = "…"`, `"token": "…"`, `os.environ["X_TOKEN"] = "…"`."""
_CALL = re.compile(r"(?:setenv|putenv|setdefault)\(\s*[\"']\w*\Z")
_CALLED = re.compile(r"(?is)\w*[\"']\s*,\s*" + _VALUE)
"""The same as a call: `os.environ.setdefault("API_KEY", "…")`."""
_BARE = re.compile(r"\w*(?:=|:\s?(?=[^\s]*\d))(?!\[redacted:)(?P<value>[^\s\"'&,;()\[\]{}<>]{8,})")
"""The same without quotes, in messages and addresses: `?token=…&`, `password=…`."""
_QUERY = re.compile(rf"(?i)[?&][\w\-]*(?:{_WORDS}|key|sig|signature)s?=(?!\[redacted:)(?P<value>[^\s\"'&]{{8,}})")
"""A secret in the query of an address; also in source, where `_BARE` would mistake expressions for values."""
_MAGIC = re.compile(rf"(?im)^[^\S\n]*%(?:set_)?env\s+\w*(?:{_WORDS})\w*[ =](?!\[redacted:)(?P<value>\S+)")
"""`%env API_KEY=…` in a cell."""
_LOOK_BACK = 100


def assignments(text: str, *, is_source: bool) -> list[tuple[int, int]]:
    """Return the spans of values that are assigned to names that suggest a secret, in order, without overlaps.

    The words are searched first, and the rest is matched at each of them: a search for the whole would start at every
    letter.
    """
    lower = text.lower()
    if len(lower) != len(text):  # a few letters become two
        lower = text
    spans = []
    for word in _WORD.finditer(lower) if any(mark in lower for mark in _MARKS) else ():
        match = _ASSIGNED.match(text, word.end())
        if match is None and _CALL.search(text, max(0, word.start() - _LOOK_BACK), word.start()):
            match = _CALLED.match(text, word.end())
        if match is None and not is_source:
            match = _BARE.match(text, word.end())
        if match is not None:
            spans.append(match.span("value"))
    if "=" in text:
        spans += [match.span("value") for match in _QUERY.finditer(text)]
    if is_source and "%" in text:
        spans += [match.span("value") for match in _MAGIC.finditer(text)]
    return _apart(sorted(spans))


def _apart(spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
    chosen: list[tuple[int, int]] = []
    for start, end in spans:
        if not chosen or start >= chosen[-1][1]:
            chosen.append((start, end))
    return chosen


_PARTS = frozenset(
    {
        "SECRET",
        "SECRETS",
        "TOKEN",
        "TOKENS",
        "PASSWORD",
        "PASSWD",
        "PASSPHRASE",
        "PASS",
        "APIKEY",
        "KEY",
        "CREDENTIAL",
        "CREDENTIALS",
        "PWD",
        "PAT",
        "DSN",
    }
)
_NOT = frozenset({"PWD", "OLDPWD"})


def says_secret(name: str) -> bool:
    """Return whether an environment variable of that name holds a secret.

    >>> says_secret("OPENAI_API_KEY"), says_secret("PWD"), says_secret("TOKENIZERS_PARALLELISM")
    (True, False, False)
    """
    upper = name.upper()
    if upper in _NOT:
        return False
    parts = upper.replace("-", "_").split("_")
    return (
        not _PARTS.isdisjoint(parts) or "PASSWORD" in upper or "SECRET" in upper or upper.endswith(("APIKEY", "TOKEN"))
    )
