"""Checkpoints of a graph, kept by `storage`: whoever approves may do so tomorrow, in another process."""

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import (
    WRITES_IDX_MAP,
    BaseCheckpointSaver,
    ChannelVersions,
    Checkpoint,
    CheckpointMetadata,
    CheckpointTuple,
)

from milepost.domain.entities import User
from milepost.goals.sessions import DatabaseSession
from milepost.storage import checkpoints

Transaction = Callable[[Callable[[DatabaseSession, User], Awaitable[Any]]], Awaitable[Any]]


class StorageSaver(BaseCheckpointSaver[str]):
    """Keeps the newest checkpoint of each thread; there is no way back to older ones, and none is needed."""

    def __init__(self, transaction: Transaction) -> None:
        """Take what does something in one transaction of the user's; it raises while the database is away."""
        super().__init__()
        self._transaction = transaction

    async def aget_tuple(self, config: RunnableConfig) -> CheckpointTuple | None:
        """Return the newest checkpoint of the thread with what was written since."""
        thread, namespace, wanted = _where(config)
        found = await self._transaction(lambda session, user: checkpoints.get(session, user.id, thread, namespace))
        if found is None or wanted not in {None, found.checkpoint}:
            return None
        checkpoint, metadata = self._load(found.content)
        writes = self._load(found.writes) if found.writes else []
        here: RunnableConfig = {
            "configurable": {"thread_id": thread, "checkpoint_ns": namespace, "checkpoint_id": found.checkpoint}
        }
        pending = [(task, channel, value) for task, _, channel, value in writes]
        return CheckpointTuple(here, checkpoint, metadata, None, pending)

    async def aput(
        self,
        config: RunnableConfig,
        checkpoint: Checkpoint,
        metadata: CheckpointMetadata,
        new_versions: ChannelVersions,  # noqa: ARG002 Every checkpoint is stored whole.
    ) -> RunnableConfig:
        """Store a checkpoint in the place of the older one."""
        thread, namespace, _ = _where(config)
        content = self._dump((checkpoint, metadata))
        await self._transaction(
            lambda session, user: checkpoints.put(session, user.id, thread, namespace, checkpoint["id"], content)
        )
        return {"configurable": {"thread_id": thread, "checkpoint_ns": namespace, "checkpoint_id": checkpoint["id"]}}

    async def aput_writes(
        self,
        config: RunnableConfig,
        writes: Sequence[tuple[str, Any]],
        task_id: str,
        task_path: str = "",  # noqa: ARG002 Only graphs inside graphs need it.
    ) -> None:
        """Store what a node wrote since the checkpoint."""
        thread, namespace, checkpoint = _where(config)
        added = [
            (task_id, WRITES_IDX_MAP.get(channel, place), channel, value)
            for place, (channel, value) in enumerate(writes)
        ]

        async def write(session: DatabaseSession, user: User) -> None:
            found = await checkpoints.get(session, user.id, thread, namespace)
            if found is None or found.checkpoint != checkpoint:
                return
            before = self._load(found.writes) if found.writes else []
            known = {(task, place): (task, place, channel, value) for task, place, channel, value in before}
            known |= {(task, place): (task, place, channel, value) for task, place, channel, value in added}
            content = self._dump(list(known.values()))
            await checkpoints.put_writes(session, user.id, thread, namespace, found.checkpoint, content)

        await self._transaction(write)

    async def alist(
        self,
        config: RunnableConfig | None,
        *,
        filter: dict[str, Any] | None = None,  # noqa: A002, ARG002 The name is LangGraph's.
        before: RunnableConfig | None = None,  # noqa: ARG002
        limit: int | None = None,  # noqa: ARG002
    ) -> AsyncIterator[CheckpointTuple]:
        """Yield the only checkpoint there is."""
        found = await self.aget_tuple(config) if config is not None else None
        if found is not None:
            yield found

    async def adelete_thread(self, thread_id: str) -> None:
        """Forget a thread."""
        await self._transaction(lambda session, user: checkpoints.delete_thread(session, user.id, thread_id))

    def _dump(self, value: Any) -> bytes:
        kind, content = self.serde.dumps_typed(value)
        return f"{kind}\n".encode() + content

    def _load(self, stored: bytes) -> Any:
        kind, _, content = stored.partition(b"\n")
        return self.serde.loads_typed((kind.decode(), content))


def _where(config: RunnableConfig) -> tuple[str, str, str | None]:
    configurable = config["configurable"]
    return configurable["thread_id"], configurable.get("checkpoint_ns", ""), configurable.get("checkpoint_id")
