"""keys, sessions, social ties, publication, contests, erasure.

Only additions: no table is copied, so SQLite's foreign keys stay on. There is no way back but a backup.
"""

import sqlalchemy as sa
import sqlmodel
from alembic import op

import cameo.store.columns


revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('block',
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('blocked_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', cameo.store.columns.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['blocked_id'], ['person.id'], name=op.f('fk_block_blocked_id_person')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_block_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', 'blocked_id', name=op.f('pk_block'))
    )
    op.create_table('ceremony',
    sa.Column('challenge_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('kind', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('created_at', cameo.store.columns.Instant(timezone=True), nullable=False),
    sa.Column('expires_at', cameo.store.columns.Instant(timezone=True), nullable=False),
    sa.Column('used_at', cameo.store.columns.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_ceremony_person_id_person')),
    sa.PrimaryKeyConstraint('challenge_hash', name=op.f('pk_ceremony'))
    )
    with op.batch_alter_table('ceremony', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_ceremony_person_id'), ['person_id'], unique=False)

    op.create_table('erasure',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('reason', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('requested_at', cameo.store.columns.Instant(timezone=True), nullable=False),
    sa.Column('done_at', cameo.store.columns.Instant(timezone=True), nullable=True),
    sa.Column('receipt', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_erasure_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_erasure'))
    )
    with op.batch_alter_table('erasure', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_erasure_person_id'), ['person_id'], unique=False)

    op.create_table('follow',
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('followed_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', cameo.store.columns.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['followed_id'], ['person.id'], name=op.f('fk_follow_followed_id_person')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_follow_person_id_person')),
    sa.PrimaryKeyConstraint('person_id', 'followed_id', name=op.f('pk_follow'))
    )
    with op.batch_alter_table('follow', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_follow_followed_id'), ['followed_id'], unique=False)

    op.create_table('promise',
    sa.Column('ref', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('note', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('created_at', cameo.store.columns.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_promise_person_id_person')),
    sa.PrimaryKeyConstraint('ref', name=op.f('pk_promise'))
    )
    with op.batch_alter_table('promise', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_promise_person_id'), ['person_id'], unique=False)

    op.create_table('contest',
    sa.Column('id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('contestant_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('status', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('enrolment_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('similarity', sa.Float(), nullable=True),
    sa.Column('created_at', cameo.store.columns.Instant(timezone=True), nullable=False),
    sa.Column('expires_at', cameo.store.columns.Instant(timezone=True), nullable=False),
    sa.Column('decided_at', cameo.store.columns.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['contestant_id'], ['person.id'], name=op.f('fk_contest_contestant_id_person')),
    sa.ForeignKeyConstraint(['enrolment_id'], ['enrolment.id'], name=op.f('fk_contest_enrolment_id_enrolment')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_contest_person_id_person')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest'))
    )
    with op.batch_alter_table('contest', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_contest_contestant_id'), ['contestant_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_contest_person_id'), ['person_id'], unique=False)

    op.create_table('login_session',
    sa.Column('token_hash', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('person_id', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('key_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True),
    sa.Column('created_at', cameo.store.columns.Instant(timezone=True), nullable=False),
    sa.Column('expires_at', cameo.store.columns.Instant(timezone=True), nullable=False),
    sa.Column('ended_at', cameo.store.columns.Instant(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['key_id'], ['person_key.id'], name=op.f('fk_login_session_key_id_person_key')),
    sa.ForeignKeyConstraint(['person_id'], ['person.id'], name=op.f('fk_login_session_person_id_person')),
    sa.PrimaryKeyConstraint('token_hash', name=op.f('pk_login_session'))
    )
    with op.batch_alter_table('login_session', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_login_session_person_id'), ['person_id'], unique=False)

    with op.batch_alter_table('clip', schema=None) as batch_op:
        batch_op.add_column(sa.Column('media_sha256', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('share_token', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('published_at', cameo.store.columns.Instant(timezone=True), nullable=True))
        batch_op.create_index('ix_clip_key_left', ['id'], unique=False,
            postgresql_where=sa.text("dek_id is not null and (failure_code is not null or withdrawn_at is not null)"),
            sqlite_where=sa.text("dek_id is not null and (failure_code is not null or withdrawn_at is not null)"))
        batch_op.create_index(batch_op.f('ix_clip_remixed_from'), ['remixed_from'], unique=False)
        batch_op.create_index(batch_op.f('ix_clip_share_token'), ['share_token'], unique=True)

    with op.batch_alter_table('clip_person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('counts_consent', sa.Boolean(), nullable=False, server_default=sa.text("false")))
        batch_op.add_column(sa.Column('approval', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=sa.text("'none'")))
        batch_op.add_column(sa.Column('approval_document', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('approval_evidence', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('approved_at', cameo.store.columns.Instant(timezone=True), nullable=True))

    with op.batch_alter_table('consent', schema=None) as batch_op:
        batch_op.add_column(sa.Column('max_uses', sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column('uses_reserved', sa.Integer(), nullable=False, server_default=sa.text("0")))
        batch_op.add_column(sa.Column('uses_consumed', sa.Integer(), nullable=False, server_default=sa.text("0")))
        batch_op.add_column(sa.Column('retention_days', sa.Integer(), nullable=False, server_default=sa.text("90")))
        batch_op.add_column(sa.Column('erased_at', cameo.store.columns.Instant(timezone=True), nullable=True))

    with op.batch_alter_table('enrolment', schema=None) as batch_op:
        batch_op.add_column(sa.Column('key_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('nonce', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('capture_erased_at', cameo.store.columns.Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('erased_at', cameo.store.columns.Instant(timezone=True), nullable=True))

    with op.batch_alter_table('grant', schema=None) as batch_op:
        batch_op.add_column(sa.Column('erased_at', cameo.store.columns.Instant(timezone=True), nullable=True))
        batch_op.drop_index(batch_op.f('ix_grant_person_id'))
        batch_op.create_index(batch_op.f('ix_grant_person_id_grantee_id_created_at'), ['person_id', 'grantee_id', 'created_at'], unique=False)

    op.create_table('log_cite',
    sa.Column('ref', sqlmodel.sql.sqltypes.AutoString(), nullable=False),
    sa.Column('idx', sa.BigInteger(), autoincrement=False, nullable=False),
    sa.PrimaryKeyConstraint('ref', 'idx', name=op.f('pk_log_cite'))
    )

    with op.batch_alter_table('log_checkpoint', schema=None) as batch_op:
        batch_op.add_column(sa.Column('cosigned', sqlmodel.sql.sqltypes.AutoString(), nullable=True))

    with op.batch_alter_table('notification', schema=None) as batch_op:
        batch_op.add_column(sa.Column('detail', sqlmodel.sql.sqltypes.AutoString(), nullable=True))

    with op.batch_alter_table('person', schema=None) as batch_op:
        batch_op.add_column(sa.Column('consent_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('paused_at', cameo.store.columns.Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('held_at', cameo.store.columns.Instant(timezone=True), nullable=True))
        batch_op.add_column(sa.Column('hold_reason', sqlmodel.sql.sqltypes.AutoString(), nullable=True))

    with op.batch_alter_table('person_key', schema=None) as batch_op:
        batch_op.add_column(sa.Column('label', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('how', sqlmodel.sql.sqltypes.AutoString(), nullable=False, server_default=sa.text("'first'")))
        batch_op.add_column(sa.Column('registration', sa.LargeBinary(), nullable=False, server_default=sa.text("''")))
        batch_op.add_column(sa.Column('document', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('evidence', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('credential_id', sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column('rp_id', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('origins', sqlmodel.sql.sqltypes.AutoString(), nullable=True))
        batch_op.add_column(sa.Column('sign_count', sa.Integer(), nullable=False, server_default=sa.text("0")))
        batch_op.add_column(sa.Column('effective_at', cameo.store.columns.Instant(timezone=True), nullable=False, server_default=sa.text("'2000-01-01 00:00:00.000000'")))
        batch_op.create_index(batch_op.f('ix_person_key_credential_id'), ['credential_id'], unique=True)

    op.execute(
        "update person set consent_id = (select c.id from consent c where c.person_id = person.id "
        "order by c.created_at desc, c.id desc limit 1)"
    )
    op.execute("update person_key set effective_at = registered_at")
    _leave_room()


def _leave_room() -> None:
    """In the pages of what changes a few times: it is then changed in its page."""
    if op.get_bind().dialect.name == 'postgresql':
        for table in ('clip', 'clip_person', 'consent', 'grant'):
            op.execute(f'alter table "{table}" set (fillfactor = 70)')


def downgrade() -> None:
    raise NotImplementedError("restore the backup that was made before the upgrade")
