"""What may be wrong with the log, a proof or a checkpoint."""

from __future__ import annotations

from typing import ClassVar

from provenance.errors import ProvenanceError


class LogError(ProvenanceError):
    """Something is wrong with the transparency log."""

    code: ClassVar[str] = "log.error"

    def __init__(self, detail: str = "") -> None:
        self.detail = detail
        """What exactly was wrong."""
        text = (type(self).__doc__ or "").strip()
        super().__init__(f"{text} ({detail})" if detail else text)


class OutOfTree(LogError):
    """The index or the size does not lie in the tree."""

    code: ClassVar[str] = "log.out_of_tree"


class BadInclusionProof(LogError):
    """The proof does not show that the entry is in the log."""

    code: ClassVar[str] = "log.bad_inclusion_proof"


class BadConsistencyProof(LogError):
    """The proof does not show that the later log only adds to the earlier one."""

    code: ClassVar[str] = "log.bad_consistency_proof"


class MalformedNote(LogError):
    """The text is not a signed note."""

    code: ClassVar[str] = "log.malformed_note"


class MalformedKey(LogError):
    """The text is not a verifier key, or the key is not one that a log can sign with."""

    code: ClassVar[str] = "log.malformed_key"


class BadNoteSignature(LogError):
    """The note is not signed by the key that was asked for."""

    code: ClassVar[str] = "log.bad_note_signature"


class MalformedCheckpoint(LogError):
    """The text is not a checkpoint."""

    code: ClassVar[str] = "log.malformed_checkpoint"


class WrongOrigin(LogError):
    """The checkpoint is of another log."""

    code: ClassVar[str] = "log.wrong_origin"


class MalformedProof(LogError):
    """The text is not a transparency log proof."""

    code: ClassVar[str] = "log.malformed_proof"


class MalformedEntry(LogError):
    """The bytes are not an entry of this log."""

    code: ClassVar[str] = "log.malformed_entry"


class CommitmentMismatch(LogError):
    """The private record is not the one that the entry commits to."""

    code: ClassVar[str] = "log.commitment_mismatch"


class MalformedRequest(LogError):
    """The text is not a request to a witness."""

    code: ClassVar[str] = "log.malformed_request"


class MalformedPromise(LogError):
    """The text is not a revocation promise."""

    code: ClassVar[str] = "log.malformed_promise"


class MalformedTile(LogError):
    """The path or the bytes are not those of a tile or an entry bundle."""

    code: ClassVar[str] = "log.malformed_tile"


class MalformedState(LogError):
    """The kept state of a witness or a monitor cannot be read; nothing is assumed in its place."""

    code: ClassVar[str] = "log.malformed_state"


class LogDiverged(LogError):
    """The stored tree is not the one that the last checkpoint signed; nothing more is signed."""

    code: ClassVar[str] = "log.diverged"
