"""fleet migrate: make or upgrade the tables of the state and of the queue."""

from connector.commands.context import DONE, Context
from connector.commands.fleet_state import engine_to_write, need_extra, refuse_file
from connector.reports.fleet import migrated_document, migrated_text
from state.database import HEAD


def migrate(context: Context) -> int:
    """Do it as often as somebody likes: what is up to date stays as it is."""
    context.wants("text", "json")
    config = context.of_the_file()
    refuse_file(config)
    need_extra()
    from connector.fleet import schema
    from connector.fleet.queue import Queue

    engine_to_write(config)
    queue = Queue(config.location.state_url, config.file.fleet.queue_schema)
    made = schema.migrate(queue)
    context.show(migrated_document(HEAD, made=made), migrated_text(HEAD, made=made))
    return DONE
