"""The tamper-evident log: Merkle tree, proofs, signed checkpoints, entries and the sequencer.

Hashing follows RFC 9162, texts follow the C2SP formats (signed-note, tlog-checkpoint, tlog-proof),
so that tools made by others can check them. Storage stands behind a Protocol.
"""
