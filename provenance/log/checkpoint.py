"""Checkpoints (C2SP tlog-checkpoint) and proofs in one text (C2SP tlog-proof)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from provenance.log.encoding import from_base64, from_decimal, to_base64
from provenance.log.errors import MalformedCheckpoint, MalformedProof, WrongOrigin
from provenance.log.merkle import HASH_BYTES, leaf_hash, verify_inclusion
from provenance.log.notes import NoteSigner, VerifierKey, verify

PROOF_HEADER: Final = "c2sp.org/tlog-proof@v1"
MAX_PROOF_HASHES: Final = 63


@dataclass(frozen=True, kw_only=True, slots=True)
class Checkpoint:
    """The head of a log: everything in it is fixed by the root.

    Raises:
        MalformedCheckpoint: If a field is out of its range.
    """

    origin: str
    """The log's name; not empty, one line."""
    size: int
    root: bytes
    """32 bytes."""
    extensions: tuple[str, ...] = ()
    """Further lines, not empty; this project writes none."""

    def __post_init__(self) -> None:
        lines = (self.origin, *self.extensions)
        if any(not line or "\n" in line for line in lines):
            raise MalformedCheckpoint("a line")
        if self.size < 0 or len(self.root) != HASH_BYTES:
            raise MalformedCheckpoint("size or root")

    def to_text(self) -> str:
        """The text that is signed, ending with a newline."""
        lines = (self.origin, str(self.size), to_base64(self.root), *self.extensions)
        return "\n".join(lines) + "\n"

    @classmethod
    def from_text(cls, text: str) -> Checkpoint:
        """The checkpoint of which `text` is the text.

        Raises:
            MalformedCheckpoint: If it is none.
        """
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() != "":
            raise MalformedCheckpoint("too few lines, or no newline at the end")
        origin, size, root = lines[:3]
        decoded, number = from_base64(root), from_decimal(size)
        if number is None or decoded is None:
            raise MalformedCheckpoint("size or root")
        return cls(origin=origin, size=number, root=decoded, extensions=tuple(lines[3:]))


@dataclass(frozen=True, kw_only=True, slots=True)
class TlogProof:
    """The proof that one entry is in the log of a signed checkpoint."""

    index: int
    hashes: tuple[bytes, ...]
    note: str
    """The signed checkpoint."""


def sign_checkpoint(checkpoint: Checkpoint, signer: NoteSigner) -> str:
    """The checkpoint as a signed note.

    Raises:
        WrongOrigin: If the signer's name is not the checkpoint's origin.
    """
    if signer.name != checkpoint.origin:
        raise WrongOrigin(checkpoint.origin)
    return signer.sign(checkpoint.to_text())


def open_checkpoint(note: str, vkey: str) -> Checkpoint:
    """The checkpoint in a note that the log's key signed.

    Raises:
        MalformedNote: If it is no signed note.
        BadNoteSignature: If the key did not sign it.
        MalformedCheckpoint: If what was signed is no checkpoint.
        WrongOrigin: If it is the checkpoint of a log with another name than the key's.
    """
    checkpoint = Checkpoint.from_text(verify(note, vkey))
    if checkpoint.origin != VerifierKey.parse(vkey).name:
        raise WrongOrigin(checkpoint.origin)
    return checkpoint


def build_tlog_proof(index: int, hashes: Sequence[bytes], note: str) -> str:
    """The proof as text: header, index, hashes from the leaf upwards, signed checkpoint."""
    lines = (PROOF_HEADER, f"index {index}", *map(to_base64, hashes))
    return "\n".join(lines) + "\n\n" + note


def parse_tlog_proof(text: str) -> TlogProof:
    """The parts of a proof text. An ``extra`` line is read over: nothing vouches for it.

    Raises:
        MalformedProof: If it is none.
    """
    head, blank, note = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines[0] != PROOF_HEADER:
        raise MalformedProof("header")
    rest = lines[1:]
    if rest and rest[0].startswith("extra "):
        rest = rest[1:]
    if not rest or not rest[0].startswith("index "):
        raise MalformedProof("index")
    index, hashes = from_decimal(rest[0].removeprefix("index ")), read_hashes(rest[1:])
    if index is None or hashes is None:
        raise MalformedProof("index or hashes")
    return TlogProof(index=index, hashes=hashes, note=note)


def verify_tlog_proof(entry_body: bytes, text: str, vkey: str) -> tuple[int, Checkpoint]:
    """Check that an entry is in the log that `vkey` signs.

    Args:
        entry_body: The entry as it was logged, byte for byte.
        text: The proof text.
        vkey: The log's verifier key.

    Returns:
        The entry's index and the checkpoint that covers it.

    Raises:
        LogError: Of the kind that says which part does not hold.
    """
    proof = parse_tlog_proof(text)
    checkpoint = open_checkpoint(proof.note, vkey)
    verify_inclusion(
        leaf_hash(entry_body), proof.index, checkpoint.size, proof.hashes, checkpoint.root
    )
    return proof.index, checkpoint


def read_hashes(lines: Sequence[str]) -> tuple[bytes, ...] | None:
    """The hashes of a proof, one a line; None where a line is none, or there are more than 63."""
    hashes = tuple(data for line in lines if (data := from_base64(line)) is not None)
    whole = len(hashes) == len(lines) <= MAX_PROOF_HASHES
    return hashes if whole and all(len(data) == HASH_BYTES for data in hashes) else None
