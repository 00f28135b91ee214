"""Events of answers from outside, which a replay gives back: `InputAnswer`, `HttpAnswer`."""

from __future__ import annotations

from typing import Annotated, ClassVar

from msgspec import Meta

from ithtel.events.base import Event, Private, Sha256


class InputAnswer(Event, tag="input.answer", frozen=True, kw_only=True):
    """The person before the notebook answered a question of `input()`: one event per answer, in order."""

    level: ClassVar[str] = "DEBUG"
    free_text: ClassVar[tuple[str, ...]] = ("prompt", "answer")
    private: ClassVar[Private] = {"prompt": "absent", "answer": "absent"}

    execution_count: int | None
    prompt: str
    answer: Annotated[
        str | None,
        Meta(description="redacted; null for `getpass`, and if the prompt or the variable suggests a secret"),
    ]

    def sentence(self) -> str:
        """Return the question."""
        return f"answered {self.prompt!r}" if self.prompt else "answered a question"


class HttpAnswer(Event, tag="http.answer", frozen=True, kw_only=True):
    """A server answered an HTTP request of a cell, and the answer was kept (`keep=network`), in order."""

    level: ClassVar[str] = "DEBUG"
    free_text: ClassVar[tuple[str, ...]] = ("url",)
    private: ClassVar[Private] = {"url": "absent", "sha256": "keyed"}

    execution_count: int | None
    method: str
    url: Annotated[str, Meta(description="credentials in it are replaced by `[redacted]`")]
    status: int
    size_bytes: Annotated[int, Meta(description="of the body, decompressed")]
    sha256: Annotated[Sha256, Meta(description="of the kept exchange in the object store")]

    def sentence(self) -> str:
        """Return the request and the status."""
        return f"{self.method} {self.url} answered {self.status}"
