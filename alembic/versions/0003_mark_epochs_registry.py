"""epochs of the marks' keys; epoch, marks, sound fingerprint and manifest id in the registry.

Only additions: no table is copied, so SQLite's foreign keys stay on. There is no way back but a backup.
What was marked before stands under epoch 1. Its digests are published at the next use of the service,
after the clips that carry its marks: docs/mark-keys.md says so.
"""

import struct
from uuid import uuid4

import sqlalchemy as sa
import sqlmodel
from alembic import op

import cameo.store.columns


revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mark_epoch",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("secret", sa.Integer(), nullable=False),
        sa.Column("video", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("image", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("sound", sqlmodel.sql.sqltypes.AutoString(), nullable=True),
        sa.Column("began_at", cameo.store.columns.Instant(timezone=True), nullable=True),
        sa.Column("ended_at", cameo.store.columns.Instant(timezone=True), nullable=True),
        sa.Column("leaked_at", cameo.store.columns.Instant(timezone=True), nullable=True),
        sa.Column("revealed_at", cameo.store.columns.Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_mark_epoch")),
    )
    # Not in a batch: on SQLite that would copy the table, and foreign keys forbid to drop the old one.
    text = sqlmodel.sql.sqltypes.AutoString
    one, none = sa.text("1"), sa.text("''")
    op.add_column("clip", sa.Column("mark_epoch", sa.Integer(), nullable=False, server_default=one))
    for column in (
        sa.Column("epoch", sa.Integer(), nullable=False, server_default=one),
        sa.Column("modalities", text(), nullable=False, server_default=sa.text("'video'")),
        sa.Column("sound_fingerprint", sa.LargeBinary(), nullable=True),
        sa.Column("manifest_id", text(), nullable=False, server_default=none),
    ):
        op.add_column("registry", column)
    _name_manifests()
    op.create_index("ix_registry_epoch", "registry", ["epoch"], unique=False)
    op.create_index("ix_registry_manifest_id", "registry", ["manifest_id"], unique=True)

    op.execute(
        "insert into mark_epoch (number, secret, began_at) "
        "select 1, 1, min(created_at) from clip having count(*) > 0"
    )


def _name_manifests() -> None:
    """Each archived manifest gets the id that it gives itself; where it has none, a random one."""
    bind = op.get_bind()
    registry = sa.table(
        "registry",
        sa.column("payload", sa.String()),
        sa.column("manifest", sa.LargeBinary()),
        sa.column("manifest_id", sa.String()),
    )
    taken: set[str] = set()
    for payload in bind.execute(sa.select(registry.c.payload)).scalars().all():
        one = registry.c.payload == payload
        found = _label(bind.execute(sa.select(registry.c.manifest).where(one)).scalar_one())
        if found is None or found in taken:
            found = uuid4().urn.replace("urn:uuid:", "urn:c2pa:")
        taken.add(found)
        bind.execute(sa.update(registry).where(one).values(manifest_id=found))


def _label(store: bytes) -> str | None:
    """The label of the last manifest in a store (ISO 19566-5 boxes), which is the active one."""
    label, at = None, 8  # inside the store's own box
    while at + 8 <= len(store):
        size, kind = struct.unpack_from(">I4s", store, at)
        if size < 8 or at + size > len(store):
            return None
        if kind == b"jumb" and store[at + 12 : at + 16] == b"jumd":
            text = store[at + 33 : at + size].split(b"\0", 1)[0]
            label = text.decode("ascii", "replace")
        at += size
    return (
        label if label is not None and label.startswith("urn:c2pa:") and len(label) < 200 else None
    )


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
