"""What can go wrong in moderation; every error's docstring is its message."""

from __future__ import annotations

from typing import ClassVar


class ModerationError(Exception):
    """Moderation could not do its work."""

    code: ClassVar[str] = "moderation.error"

    def __init__(self, detail: str = "") -> None:
        message = (type(self).__doc__ or "").strip()
        super().__init__(f"{message} ({detail})" if detail else message)
        self.detail = detail


class UnknownClassError(ModerationError):
    """A restriction class was asked for that no lexicon describes."""

    code = "moderation.unknown_class"


class MalformedKnowledgeError(ModerationError):
    """The knowledge base does not follow its own rules."""

    code = "moderation.malformed_knowledge"


class AnalyserUnavailableError(ModerationError):
    """The Japanese analyser could not be loaded."""

    code = "moderation.analyser_unavailable"


class MatcherFailedError(ModerationError):
    """The face matcher failed on a frame."""

    code = "moderation.matcher_failed"
