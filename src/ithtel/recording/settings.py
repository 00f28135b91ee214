"""`Settings`: the settings of a session, with their defaults, environment variables and descriptions."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_type_hints

import msgspec
from msgspec import Meta

from ithtel.errors import SettingError, did_you_mean
from ithtel.recording.quantities import needed_bytes
from ithtel.recording.upkeep import parse_rotation, parse_upkeep

if TYPE_CHECKING:
    from collections.abc import Mapping

PREFIX = "ITHTEL_"
_OLDER = {name: f"TF_{name.upper()}" for name in ("profile_enabled", "profile_rate", "profile_duration")}
"""Variables of the older system; ours take precedence."""

Compression = Literal["none", "gz", "zst"]
Durability = Literal["process", "disk", "cell"]
Fingerprinting = Literal["auto", "off", "all"]
Outputs = Literal["hash", "text", "none"]
Capture = Literal["none", "scipy"]
Mode = Annotated[str, Meta(pattern="^0?[0-7]{3}$")]
Level = Literal["TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """How a session records. Each can be given as an argument, as `ITHTEL_<NAME>`, or as `c.IthTel.<name>`."""

    log_dir: Annotated[str, Meta(description="folder of the logs, relative to the working directory")] = "logs"
    env: Annotated[str, Meta(description="written into each line: development, production …")] = "development"
    package: Annotated[str, Meta(description="package name in the line of each event")] = "ithtel"
    level: Annotated[
        Level, Meta(description="loguru messages below this level are not recorded; events always are")
    ] = "DEBUG"
    loguru: Annotated[bool, Meta(description="record messages logged through loguru")] = True
    git: Annotated[bool, Meta(description="look up the state of the git repository in the background")] = True
    durability: Annotated[
        Durability,
        Meta(description="lines survive the process; `disk`: fsync after each line, `cell`: after each cell"),
    ] = "process"
    max_log_bytes: Annotated[str, Meta(description="beyond it output text, sketches and steps are omitted: `1 GB`")] = (
        ""
    )
    backlog: Annotated[str, Meta(description="memory for lines that cannot be written yet")] = "16 MB"
    rotation: Annotated[str, Meta(description="start a new file at `10 MB`, `1 day`, `daily` or `00:00` (UTC)")] = ""
    retention: Annotated[str, Meta(description="delete rotated parts after `30 days`, or beyond `10 files`")] = ""
    compression: Annotated[Compression, Meta(description="of rotated parts; `zst` needs its package")] = "gz"
    fingerprint: Annotated[
        Fingerprinting,
        Meta(description="of values a cell made or changed: up to 2 % of its time, `off`, or `all` at any cost"),
    ] = "auto"
    record_outputs: Annotated[
        Outputs, Meta(description="of the output of cells: digests, also its `text` (up to 4 kB each), or `none`")
    ] = "hash"
    private: Annotated[
        bool, Meta(description="no text of cells, outputs and errors, no values or column names; digests are keyed")
    ] = False
    capture: Annotated[Capture, Meta(description="`scipy`: record the tests of scipy.stats that your code calls")] = (
        "none"
    )
    keep: Annotated[str, Meta(description="content kept beside the log: any of `inputs,code,outputs,network`")] = ""
    keep_limit: Annotated[str, Meta(description="larger content is not kept")] = "50 MB"
    redact: Annotated[str, Meta(description="regular expression of text to replace besides known secrets")] = ""
    profile_enabled: Annotated[
        bool, Meta(description="let `%%flamegraph` and `ithtel profile` sample (also `TF_PROFILE_ENABLED`)")
    ] = True
    profile_rate: Annotated[
        int, Meta(ge=1, le=1000, description="samples per second of a profile (also `TF_PROFILE_RATE`)")
    ] = 100
    profile_duration: Annotated[
        float,
        Meta(ge=0, description="sampling ends after so many seconds; 0: with the cell (also `TF_PROFILE_DURATION`)"),
    ] = 0.0
    file_mode: Annotated[Mode, Meta(description="permissions of the files, octal")] = "600"
    folder_mode: Annotated[Mode, Meta(description="permissions of the folders, octal")] = "700"

    def __post_init__(self) -> None:
        """Refuse values of the right type that have no meaning, so that any `Settings` can be used for recording."""
        parse_rotation(self.rotation)
        parse_upkeep(self.compression, self.retention)
        for name in ("max_log_bytes", "backlog", "keep_limit"):
            needed_bytes(name, getattr(self, name))
        pattern_of(self.redact)

    def replaced(self, **changes: object) -> Settings:
        """Return these settings with some of them changed; text is converted to the type of the setting.

        Raises:
            SettingError: There is no such setting, or it does not take that value.

        >>> Settings().replaced(loguru="false").loguru
        False
        """
        for name in changes:
            if name not in self.__struct_fields__:
                raise SettingError(f"no setting {name!r}{did_you_mean(name, self.__struct_fields__)}")
        return msgspec.structs.replace(self, **{name: _convert(name, value) for name, value in changes.items()})

    def changed(self) -> dict[str, Any]:
        """Return the settings that differ from the defaults.

        >>> Settings(level="INFO").changed()
        {'level': 'INFO'}
        """
        default = Settings()
        return {
            name: getattr(self, name)
            for name in self.__struct_fields__
            if getattr(self, name) != getattr(default, name)
        }


def pattern_of(text: str) -> re.Pattern[str] | None:
    """Return the user's own regular expression for redaction, None if `text` is empty.

    Raises:
        SettingError: It is not a regular expression.
    """
    try:
        return re.compile(text) if text else None
    except re.error as error:
        raise SettingError(f"setting 'redact' does not take {text!r}: not a regular expression ({error})") from None


def descriptions() -> dict[str, str]:
    """Return the description of each setting."""
    hints = get_type_hints(Settings, include_extras=True)
    return {name: hints[name].__metadata__[-1].description for name in Settings.__struct_fields__}


def from_environment(environ: Mapping[str, str] = os.environ, base: Settings | None = None) -> Settings:
    """Return `base` with the values of `ITHTEL_…` variables; variables that do not name a setting are ignored.

    Raises:
        SettingError: A setting does not take the value of its variable.

    >>> from_environment({"ITHTEL_ENV": "production"}).env
    'production'
    """
    variables = {name: (PREFIX + name.upper(), _OLDER.get(name, "")) for name in Settings.__struct_fields__}
    given = {
        name: next(environ[variable] for variable in possible if variable in environ)
        for name, possible in variables.items()
        if any(variable in environ for variable in possible)
    }
    return (base or Settings()).replaced(**given)


def _convert(name: str, value: object) -> Any:  # noqa: ANN401 - of the field's own type
    hint = get_type_hints(Settings, include_extras=True)[name]
    if name == "level" and isinstance(value, str):
        value = value.upper()
    try:
        return msgspec.convert(os.fspath(value) if isinstance(value, os.PathLike) else value, hint, strict=False)
    except msgspec.ValidationError as error:
        choices = get_args(get_args(hint)[0])
        what = did_you_mean(str(value), map(str, choices)) if choices else f": {error}"
        raise SettingError(f"setting {name!r} does not take {value!r}{what}") from None
