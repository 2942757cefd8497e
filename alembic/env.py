"""Migrations run over the service's own settings; `cameo.store.migrate` calls them too."""

from alembic import context

from cameo.settings import load_settings
from cameo.store.database import Database
from cameo.store.tables import metadata


def run() -> None:
    url = context.config.attributes.get("url") or load_settings().service_database_url
    database = Database(url)
    with database.engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=metadata,
            render_as_batch=connection.dialect.name == "sqlite",
            compare_type=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
    database.close()


run()
