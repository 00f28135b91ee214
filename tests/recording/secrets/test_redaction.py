"""Secrets: of every kind, none in the bytes on disk; equal ones comparable; what is none is left alone."""

from __future__ import annotations

import hashlib
import os
import random
import re
import string
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from loguru import logger

import ithtel
from ithtel import events as ev
from ithtel.errors import SettingError
from ithtel.events import EVENTS, Event, event_type
from ithtel.recording.secrets.patterns import says_secret
from ithtel.recording.secrets.redaction import Redactor


def made_up(alphabet: str, n: int) -> str:
    """Return a token that does not exist, made anew each time so that no scanner finds it in this file."""
    return "".join(random.choices(alphabet, k=n))


ALNUM = string.ascii_letters + string.digits
HEX = "0123456789abcdef"
TOKENS = {
    "aws": lambda: "AKIA" + made_up(string.ascii_uppercase + string.digits, 16),
    "github": lambda: "ghp_" + made_up(ALNUM, 36),
    "github-pat": lambda: "github_pat_" + made_up(ALNUM, 60),
    "gitlab": lambda: "glpat-" + made_up(ALNUM, 20),
    "slack": lambda: "xoxb-" + made_up(string.digits, 12) + "-" + made_up(ALNUM, 24),
    "slack-hook": lambda: "https://hooks.slack.com/services/T" + made_up(ALNUM, 8) + "/B" + made_up(ALNUM, 24),
    "stripe": lambda: "sk_live_" + made_up(ALNUM, 24),
    "openai": lambda: "sk-proj-" + made_up(ALNUM, 40),
    "google": lambda: "AIza" + made_up(ALNUM, 35),
    "huggingface": lambda: "hf_" + made_up(ALNUM, 34),
    "npm": lambda: "npm_" + made_up(ALNUM, 36),
    "pypi": lambda: "pypi-AgEIcHlwaS5vcmc" + made_up(ALNUM, 60),
    "sendgrid": lambda: "SG." + made_up(ALNUM, 22) + "." + made_up(ALNUM, 43),
    "databricks": lambda: "dapi" + made_up(HEX, 32),
    "telegram": lambda: made_up("123456789", 9) + ":AA" + made_up(ALNUM, 33),
    "jwt": lambda: ".".join(["eyJ" + made_up(ALNUM, 20), "eyJ" + made_up(ALNUM, 40), made_up(ALNUM, 43)]),
    "bearer": lambda: "Authorization: Bearer " + made_up(ALNUM, 30),
    "private-key": lambda: f"-----BEGIN RSA PRIVATE KEY-----\n{made_up(ALNUM, 64)}\n-----END RSA PRIVATE KEY-----",
    "url": lambda: f"postgres://ann:{made_up(ALNUM, 12)}@db.example.com/x",
    "query": lambda: f"https://example.com/?api_key={made_up(ALNUM, 20)}&a=1",
    "azure": lambda: "AccountName=x;AccountKey=" + made_up(ALNUM, 40) + "==;",
}  # fmt: skip


def core(token: str) -> str:
    """Return the part of a token that nothing but the secret holds."""
    return max(re.findall("[A-Za-z0-9]+", token), key=len)[-12:]


@pytest.mark.parametrize("kind", TOKENS)
def test_known_shapes_are_replaced(kind: str) -> None:
    """A token within a sentence goes, the sentence stays."""
    token = TOKENS[kind]()
    found = Redactor({}).text(f"before {token} after")
    assert core(token) not in found
    assert found.startswith("before ")
    assert found.endswith(" after")
    assert "[redacted:" in found


@pytest.mark.parametrize(
    "source",
    [
        'api_key = "{}"',
        "password: str = '{}'",
        'config = {{"token": "{}"}}',
        'os.environ["MY_SECRET"] = "{}"',
        'connect(user="ann", passwd="{}")',
        'os.environ.setdefault("API_KEY", "{}")',
        "%env API_TOKEN={}",
        '"{{\\"client_secret\\": \\"{}\\"}}"',
        'db_password = """{}"""',
        'PRIVATE_KEY = f"{}"',
    ],
)
def test_what_a_cell_assigns_is_replaced_there_and_from_there_on(source: str) -> None:
    """In the source, and in a message that says the value later."""
    value = made_up(string.ascii_lowercase, 14)
    redactor = Redactor({})
    shown = redactor.source(source.format(value))
    assert value not in shown
    assert value not in redactor.text(f"connecting with {value} now")


@pytest.mark.parametrize(
    "text",
    [
        "epoch 3 at bar 120, gain 0.0612",
        "df['key'].sum()",
        "for key, value in tokens.items(): pass",
        "sort(key=lambda row: row.date)",
        "password = getpass.getpass()",
        'columns = ["token", "timestamp"]',
        "https://example.com:8080/path",
        "sha256:" + "0" * 64,
        "sk-learn is scikit-learn",
        "x" * 5000,
        "[redacted:env:0a1b2c3d]",
    ],
)
def test_what_is_no_secret_stays(text: str) -> None:
    """Code and messages come back as they were."""
    assert text == Redactor({}).source(text)


def test_variables_of_the_environment_are_known() -> None:
    """By their names; by their value wherever it stands, escaped or not; shorter ones and plain ones stay."""
    environ = {"DB_PASSWORD": 'a"b\\c d e f', "PWD": "/work/somewhere", "X_TOKEN": "short", "HOME": "/home/ann123456"}
    redactor = Redactor(environ)
    assert 'a"b' not in redactor.text('x a"b\\c d e f y')
    assert "c d e f" not in redactor.text(repr({"x": environ["DB_PASSWORD"]}))
    assert "c d e f" not in redactor.text(msgspec.json.encode(environ["DB_PASSWORD"]).decode())
    assert "in /work/somewhere, short" == redactor.text("in /work/somewhere, short")


def test_the_environment_is_read_again() -> None:
    """A variable that a cell sets is known from the next refresh on."""
    environ: dict[str, str] = {}
    redactor = Redactor(environ)
    assert "correct-horse" == redactor.text("correct-horse")
    environ["SERVICE_SECRET"] = "correct-horse"  # noqa: S105
    redactor.refresh()
    assert "correct-horse" not in redactor.text("correct-horse")


def test_the_password_in_a_variable_with_an_address_is_known() -> None:
    """`DATABASE_URL` says no secret, what is in it does."""
    redactor = Redactor({"DATABASE_URL": "postgres://ann:battery-staple@db/x"})
    assert "battery-staple" not in redactor.text("tried battery-staple")


def test_equal_secrets_are_comparable_within_a_session_only() -> None:
    """The same digits for the same secret, other digits in another session."""
    one, two = Redactor({"A_TOKEN": "correct-horse"}), Redactor({"A_TOKEN": "correct-horse"})
    assert one.text("correct-horse") == one.text("correct-horse")
    assert one.text("correct-horse")[-9:] == one.source('password = "correct-horse"')[-10:-1]
    assert one.text("correct-horse") != two.text("correct-horse")


def test_the_users_own_pattern_counts() -> None:
    """`redact` is a regular expression; what is none is refused."""
    session = ithtel.start("a", git=False, redact=r"ACME-\d+")
    session.emit(ev.Note(text="order ACME-12345"))
    assert b"ACME-12345" not in session.path.read_bytes()
    with pytest.raises(SettingError, match="not a regular expression"):
        ithtel.start("b", redact="(")


def test_redacting_twice_changes_nothing() -> None:
    """A placeholder is not taken for a secret."""
    redactor = Redactor({"A_TOKEN": "correct-horse"})
    once = redactor.source('password = "correct-horse"; url = "https://a:correct-horse@b/?token=correct-horse"')
    assert once == redactor.source(once)
    assert "correct-horse" not in once


@given(st.text())
def test_any_text_can_be_searched(text: str) -> None:
    """Redaction never raises, and text is unchanged or contains a placeholder."""
    found = Redactor({}).text(text)
    assert found == text or "[redacted:" in found


def test_a_source_is_digested_as_it_is_recorded() -> None:
    """`source_sha256` is that of the redacted text."""
    session = ithtel.start("a", git=False)
    source = 'password = "correct-horse"'
    sha256 = hashlib.sha256(source.encode()).hexdigest()
    session.emit(ev.CellStart(cell_id="1", execution_count=1, source=source, source_sha256=sha256))
    (start,) = ithtel.read(session.path).events(ev.CellStart)
    assert start.source is not None
    assert hashlib.sha256(start.source.encode()).hexdigest() == start.source_sha256


@pytest.mark.parametrize("secret", ["abc1234", "abcdefgh-1234"])
def test_what_was_a_clean_text_is_searched_as_a_source(secret: str) -> None:
    """Magics have their own form of assignment: the words are allowed in a note, and a secret in a cell."""
    session = ithtel.start("a", git=False)
    source = f"%env API_TOKEN {secret}"
    session.emit(ev.Note(text=source))
    for _ in range(2):
        session.emit(ev.CellStart(cell_id="1", execution_count=1, source=source, source_sha256="0" * 64))
        session.emit(ev.CellPrior(execution_count=1, source=source))
        session.emit_many(ev.CellPrior, {"execution_count": [1], "source": [source]})
    log = ithtel.read(session.path)
    sources = [each.source for kind in (ev.CellStart, ev.CellPrior) for each in log.events(kind)]  # type: ignore[attr-defined]
    assert 6 == len(sources)
    assert not any(secret in found for found in sources)


class _Client:
    def __repr__(self) -> str:
        return f"Client(api_key='{TOKEN}')"


TOKEN = "sk-" + "a1" * 20


@pytest.mark.parametrize(
    "hiding",
    [
        {TOKEN}, frozenset({TOKEN}), [TOKEN], (TOKEN,), _Client(), Path(f"/x/{TOKEN}"), TOKEN.encode().decode(),
        {"password": [TOKEN]}, {"password": {"inner": {TOKEN}}}, {TOKEN: 1}, np.array([TOKEN]), [{"a": _Client()}],
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_no_container_hides_a_secret(hiding: Any) -> None:
    """Any value in a configuration is searched, in single events and in tables."""
    fields = {"run_id": "r", "algorithm_name": "a", "version": "1"}
    fields |= {"input_hash": None, "random_seed": None, "config_hash": "sha256:" + "0" * 64}
    session = ithtel.start("a", git=False, loguru=False)
    session.emit(ev.AlgorithmInit(**fields, config={"k": hiding}))
    session.emit_many(ev.AlgorithmInit, {**fields, "config": [{"k": hiding}]})
    written = session.path.read_bytes()
    assert 2 == written.count(b'"event_type":"algorithm.init"')
    assert TOKEN.encode() not in written
    assert 2 == len(list(ithtel.read(session.path).events(ev.AlgorithmInit)))


def test_under_a_name_that_says_secret_all_text_goes() -> None:
    """Lists and tables are replaced as well, although the words look harmless."""
    redactor = Redactor({})
    found = redactor.value({"password": ["hunter2hunter2", {"old": "correct horse"}, 3, None]})
    assert "hunter2" not in str(found)
    assert "correct" not in str(found)
    assert [3, None] == found["password"][2:]


def test_a_secret_that_left_the_environment_is_still_one() -> None:
    """A value stays secret after `os.environ.pop("API_KEY")`."""
    environ = {"API_KEY": "correct-horse"}
    redactor = Redactor(environ)
    environ.clear()
    redactor.refresh()
    assert "correct-horse" not in redactor.text("it was correct-horse")


def test_what_another_thread_learns_meanwhile_is_not_kept_as_clean() -> None:
    """Text that was searched before the secret was known is searched again."""
    redactor = Redactor({})
    search = redactor._shortened

    def learn_meanwhile(text: str) -> str:
        redactor._shortened = search  # type: ignore[method-assign]
        redactor.source("password = 'correct-horse'")
        return search(text)

    redactor._shortened = learn_meanwhile  # type: ignore[method-assign]
    redactor.text("it is correct-horse")
    assert "correct-horse" not in redactor.text("it is correct-horse")


def test_components_and_experiments_hold_no_secrets() -> None:
    """Both are written by the user, and are searched whenever they are set."""
    session = ithtel.start("a", git=False, loguru=False)
    session.provenance = msgspec.structs.replace(session.provenance, experiment_id=TOKEN)
    for _ in range(2):
        session.emit(ev.Note(text="x"), component=f"of {TOKEN}")
    assert TOKEN.encode() not in session.path.read_bytes()


def test_what_was_a_clean_text_is_shortened_as_a_path() -> None:
    """A note that names a file in the home folder does not make later paths show that folder."""
    redactor = Redactor({}, home="/home/ada")
    assert "/home/ada/nav.csv" == redactor.text("/home/ada/nav.csv")
    written = ev.FileWrite(path="/home/ada/nav.csv", sha256=None, size_bytes=1, mtime_ns=1)
    assert "~/nav.csv" == redactor.event(written).path


def test_paths_say_no_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """The home folder becomes `~`, and an editor's address of a cell becomes a plain id."""
    home = tmp_path / "home/ann"
    home.mkdir(parents=True)
    monkeypatch.setenv("HOME", str(home))
    redactor = Redactor({})
    assert "~/data/nav.csv" == redactor.path(f"{home}/data/nav.csv")
    assert f"{home}a/x" == redactor.path(f"{home}a/x")
    assert "W0sZmlsZQ%3D%3D" == redactor.path(f"vscode-notebook-cell:{home}/x.ipynb#W0sZmlsZQ%3D%3D")
    assert "~/x.py" == redactor.path(f"file://{home}/x.py")
    monkeypatch.chdir(home)
    session = ithtel.start("a", git=False)
    (start,) = ithtel.read(session.path).events(ev.SessionStart)
    assert "~" == start.cwd


# ---- planted everywhere


def _filled(struct: type[Any], text: str) -> Any:
    hints = get_type_hints(struct)
    fields = struct.__struct_fields__
    searched = {*struct.free_text, *struct.paths} if issubclass(struct, Event) else set(fields)
    return struct(**{name: _value(hints[name], text if name in searched else "x") for name in fields})


def _value(hint: Any, text: str) -> Any:
    """Make a value of a type, `text` wherever text is allowed."""
    arguments = get_args(hint)
    origin = get_origin(hint)
    if str(origin).endswith("Literal"):
        return arguments[0]
    if origin is list:
        return [_value(arguments[0], text)]
    if origin is dict:
        return {text: _value(arguments[1], text)}
    if arguments:
        return next(value for each in arguments if each is not type(None) for value in [_value(each, text)])
    plain = {int: 1, float: 1.5, str: text, bool: True, Any: {"deep": [text]}}
    return plain[hint] if hint in plain else _filled(hint, text)


NO_FREE_TEXT = {
    "entropy.request": {"numbers"},
    "http.answer": {"method", "sha256"},
    "session.start": {"session_id", "name", "start_time", "ithtel_version", "python", "platform", "cpu", "timezone",
                      "locale", "hash_seed", "config_hash", "follows"},
    "environment.changed": {"packages", "threads"},
    "git.state": {"sha", "diff_sha256"},
    "module.loaded": {"name", "sha256", "unstable"},
    "log.seal": {"sha256", "crc32"},
    "session.end": {"sha256", "crc32", "workers"},
    "cell.start": {"source_sha256"},
    "cell.output": {"mime", "volatile"},
    "cell.end": {"reads", "writes", "deletes", "mutates", "rng_used"},
    "hazard": {"kind", "names"},
    "data.load": {"sha256_hash", "input_hash"},
    "file.read": {"sha256"},
    "file.write": {"sha256", "content", "reason"},
    "array.fingerprint": {"fingerprint", "sha256", "dtype", "checksum_first_10", "prefix_sha256", "sampled",
                          "index_fingerprints", "stable", "volatile"},
    "frame.fingerprint": {"fingerprint", "sha256", "stable", "volatile"},
    "object.fingerprint": {"fingerprint", "type", "stable", "volatile"},
    "seed.set": {"components", "state_sha256"},
    "rng.state": {"stream", "bit_generator", "state_sha256", "entropy", "state"},
    "algorithm.init": {"run_id", "config_hash", "input_hash"},
    "algorithm.result": {"run_id", "output_hash"},
    "series.sketch": {"run_id", "start_time", "end_time"},
    "epoch_detected": {"run_id", "timestamp"},
    "ith_step": {"run_id"},
    "decision_snapshot": {"trace_id", "thresholds"},
}  # fmt: skip
"""Fields that hold digests, identifiers, names from code: no secret gets there, so none is searched for."""
NO_FREE_TEXT_OF_STATISTICS = {"hypothesis_id", "test_name", "decision", "input_hash"}


def _can_hold_text(hint: Any) -> bool:
    if hint in (str, Any):
        return True
    if str(get_origin(hint)).endswith("Literal"):
        return False
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return any(_can_hold_text(get_type_hints(hint)[name]) for name in hint.__struct_fields__)
    return any(map(_can_hold_text, get_args(hint)))


@pytest.mark.parametrize("kind", EVENTS, ids=event_type)
def test_every_field_that_can_hold_free_text_is_searched(kind: type[Event]) -> None:
    """A new field of text must be declared as free text, as a path, or here as one that holds none."""
    hints = get_type_hints(kind)
    texts = {name for name in kind.__struct_fields__ if _can_hold_text(hints[name])}
    is_statistical = issubclass(kind, ev.StatisticalResult)
    known = NO_FREE_TEXT.get(event_type(kind), NO_FREE_TEXT_OF_STATISTICS if is_statistical else set())
    searched = {*kind.free_text, *kind.paths}
    assert texts == (texts & searched) | (texts & known)
    assert searched <= set(kind.__struct_fields__)
    assert set(kind.payload) <= set(kind.__struct_fields__)


@pytest.mark.parametrize("kind", EVENTS, ids=event_type)
def test_planted_secrets_of_every_kind_are_in_no_event(kind: type[Event]) -> None:
    """No kind of token in any searched field of any event reaches the line."""
    tokens = [make() for make in TOKENS.values()]
    redactor = Redactor({"A_PASSWORD": "correct-horse-battery"})
    tokens.append("correct-horse-battery")
    event = _filled(kind, " and ".join(tokens))
    searched = {*kind.free_text, *kind.paths}
    line = msgspec.json.encode({name: getattr(redactor.event(event), name) for name in searched}).decode()
    assert [] == [token for token in tokens if core(token) in line]


def test_planted_secrets_are_in_no_byte_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Messages, bound values, tracebacks, notes, sources, outputs, paths, settings and arguments are searched."""
    monkeypatch.setenv("MY_SERVICE_PASSWORD", "correct-horse-battery")
    tokens = [*(make() for make in TOKENS.values()), "correct-horse-battery"]
    monkeypatch.setattr("sys.argv", ["script.py", *tokens])
    session = ithtel.start("a", git=False, experiment_id=tokens[0])
    for token in tokens:
        logger.info("sent {}", token)
        logger.bind(context={"deep": [{"x": token}]}, token=token).info("x")
        try:
            int(token)
        except ValueError:
            logger.exception("failed")
        session.emit(ev.Note(text=token))
        session.emit(ev.CellPrior(execution_count=1, source=f"x = '''{token}'''"))
        session.emit(ev.FileRead(path=f"data/{token}.csv", sha256=None, size_bytes=1, mtime_ns=1))
        session.emit_many(
            ev.EpochDetected,
            {"epoch_index": [1], "bar_index": [1], "excess_gain": [0.1], "excess_loss": [0.1], "series": [token]},
        )
        ithtel.log_algorithm_init("x", "1", {"url": token, "nested": {"password": token}})
    session.close()
    content = session.path.read_bytes().decode()
    assert [] == [token for token in tokens if core(token) in content]
    assert [] == ithtel.read(session.path).problems


def test_names_that_say_secret() -> None:
    """Whole parts of a name decide, not letters within a word."""
    assert all(
        map(says_secret, ["API_KEY", "OPENAI_API_KEY", "DB_PASS", "MYSQL_PWD", "GITHUB_TOKEN", "apikey", "X_SECRET_Y"])
    )
    assert not any(map(says_secret, ["PWD", "OLDPWD", "KEYBOARD", "PATH", "TOKENIZERS_PARALLELISM", "SSH_AUTH_SOCK"]))


def test_the_search_is_fast_enough_for_large_output() -> None:
    """A megabyte without secrets takes about 10 ms; the test fails at 2 s."""
    import time

    text = "lorem ipsum, dolor = sit: amet\n" * 33_000
    began = time.process_time()
    Redactor({"A_TOKEN": "correct-horse"}).text(text)
    assert time.process_time() - began < 2
    assert os.environ
