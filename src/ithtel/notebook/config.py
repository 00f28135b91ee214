"""`IthTel`: the settings in IPython's configuration, as `c.IthTel.<setting>` and `%config IthTel`."""

from __future__ import annotations

from typing import get_args

from traitlets import Bool, CaselessStrEnum, Enum, Float, Int, Unicode
from traitlets.config import Configurable

from ithtel.events import LEVELS
from ithtel.recording.settings import Capture, Compression, Durability, Fingerprinting, Outputs, Settings, descriptions

_HELP = descriptions()
_DEFAULT = Settings()


class IthTel(Configurable):
    """How a session records; the same settings as `ithtel.start` takes."""

    log_dir = Unicode(_DEFAULT.log_dir, help=_HELP["log_dir"]).tag(config=True)
    env = Unicode(_DEFAULT.env, help=_HELP["env"]).tag(config=True)
    package = Unicode(_DEFAULT.package, help=_HELP["package"]).tag(config=True)
    level = CaselessStrEnum(list(LEVELS), _DEFAULT.level, help=_HELP["level"]).tag(config=True)
    loguru = Bool(_DEFAULT.loguru, help=_HELP["loguru"]).tag(config=True)
    git = Bool(_DEFAULT.git, help=_HELP["git"]).tag(config=True)
    durability = Enum(get_args(Durability), _DEFAULT.durability, help=_HELP["durability"]).tag(config=True)
    max_log_bytes = Unicode(_DEFAULT.max_log_bytes, help=_HELP["max_log_bytes"]).tag(config=True)
    backlog = Unicode(_DEFAULT.backlog, help=_HELP["backlog"]).tag(config=True)
    rotation = Unicode(_DEFAULT.rotation, help=_HELP["rotation"]).tag(config=True)
    retention = Unicode(_DEFAULT.retention, help=_HELP["retention"]).tag(config=True)
    compression = Enum(get_args(Compression), _DEFAULT.compression, help=_HELP["compression"]).tag(config=True)
    fingerprint = Enum(get_args(Fingerprinting), _DEFAULT.fingerprint, help=_HELP["fingerprint"]).tag(config=True)
    record_outputs = Enum(get_args(Outputs), _DEFAULT.record_outputs, help=_HELP["record_outputs"]).tag(config=True)
    private = Bool(_DEFAULT.private, help=_HELP["private"]).tag(config=True)
    capture = Enum(get_args(Capture), _DEFAULT.capture, help=_HELP["capture"]).tag(config=True)
    keep = Unicode(_DEFAULT.keep, help=_HELP["keep"]).tag(config=True)
    keep_limit = Unicode(_DEFAULT.keep_limit, help=_HELP["keep_limit"]).tag(config=True)
    redact = Unicode(_DEFAULT.redact, help=_HELP["redact"]).tag(config=True)
    profile_enabled = Bool(_DEFAULT.profile_enabled, help=_HELP["profile_enabled"]).tag(config=True)
    profile_rate = Int(_DEFAULT.profile_rate, min=1, max=1000, help=_HELP["profile_rate"]).tag(config=True)
    profile_duration = Float(_DEFAULT.profile_duration, min=0, help=_HELP["profile_duration"]).tag(config=True)
    file_mode = Unicode(_DEFAULT.file_mode, help=_HELP["file_mode"]).tag(config=True)
    folder_mode = Unicode(_DEFAULT.folder_mode, help=_HELP["folder_mode"]).tag(config=True)

    def settings(self) -> Settings:
        """Return what is configured."""
        return Settings(**{name: getattr(self, name) for name in Settings.__struct_fields__})
