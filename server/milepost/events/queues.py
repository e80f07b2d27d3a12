"""How many messages the broker holds, for whoever compares the homes of the events."""

from aio_pika.abc import AbstractConnection
from aio_pika.exceptions import ChannelNotFoundEntity

from milepost.events.broker import Broker
from milepost.events.verifying import Queues


async def ask(broker: Broker) -> Queues:
    """Return what waits in the queues; what a worker has in hand at the moment is not counted. Raises BrokerError."""
    names = broker.names
    async with broker.opened() as connection:
        waiting = [await _depth(connection, name) for name in (names.archive, names.suspects)]
        return Queues(sum(waiting), await _depth(connection, names.dead))


async def _depth(connection: AbstractConnection, name: str) -> int:
    # The broker closes a channel on which a queue was asked for that there is not.
    channel = await connection.channel()
    try:
        queue = await channel.declare_queue(name, passive=True)
    except ChannelNotFoundEntity:
        return 0
    await channel.close()
    return queue.declaration_result.message_count or 0
