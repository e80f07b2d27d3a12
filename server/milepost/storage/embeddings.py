"""Vectors of entities, found again by nearness and by words in scope; vectors of two models are never compared.

One vector for each entity and model, one index for each model. Scopes say where a search looks.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from pgvector.sqlalchemy import HALFVEC, VECTOR
from sqlalchemy import ColumnElement, Row, Select, Text, bindparam, cast, delete, func, literal_column, select, text
from sqlalchemy.dialects.postgresql import TSQUERY, insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from milepost.domain.entities import EntityType
from milepost.storage import escaping, scopes
from milepost.storage.models import SEARCHED_TEXT, EmbeddingRow
from milepost.storage.scopes import Scope

# Up to this size of a scope the exact plan is faster and complete; above it the index is.
EXACT_LIMIT = 2_500
EF_SEARCH = 100
# The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009), and how many of each list are fused.
RANK_CONSTANT = 60
FUSED = 50

# What `vector` and `halfvec` indexes can hold.
VECTOR_WIDTH_LIMIT = 2_000
HALFVEC_WIDTH_LIMIT = 4_000
RESERVED_PREFIX = "idx_embeddings_hnsw_"
_UNIQUE = (EmbeddingRow.entity_type, EmbeddingRow.entity_id, EmbeddingRow.model)

_FOUND = (
    EmbeddingRow.entity_type,
    EmbeddingRow.entity_id,
    EmbeddingRow.user_id,
    EmbeddingRow.content,
    EmbeddingRow.extra.label("extra"),
)


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An entity that was found; `distance` is the cosine distance, or after a fusion 1 minus the share of the best."""

    entity_type: EntityType
    entity_id: UUID
    user_id: UUID
    content: str
    distance: float
    metadata: Mapping[str, Any]


async def put(  # noqa: PLR0913, PLR0917 - The columns of an embedding.
    session: AsyncSession,
    user_id: UUID,
    entity_type: EntityType,
    entity_id: UUID,
    content: str,
    model: str,
    vector: Sequence[float],
    metadata: Mapping[str, Any] | None = None,
) -> None:
    """Store the entity's vector of this model, in place of an older one."""
    values: dict[Any, Any] = {
        EmbeddingRow.content: content,
        EmbeddingRow.content_hash: content_hash(content),
        EmbeddingRow.embedding: list(vector),
        EmbeddingRow.extra: dict(metadata or {}),
    }
    key: dict[Any, Any] = {
        EmbeddingRow.user_id: user_id,
        EmbeddingRow.entity_type: entity_type,
        EmbeddingRow.entity_id: entity_id,
        EmbeddingRow.model: model,
    }
    statement = insert(EmbeddingRow).values({**key, **values})
    changed = {column: statement.excluded[column.name] for column in values} | {EmbeddingRow.updated_at: func.now()}
    await session.execute(statement.on_conflict_do_update(index_elements=_UNIQUE, set_=changed))


async def hashes(session: AsyncSession, entity_type: EntityType, model: str) -> dict[UUID, str]:
    """Return the content hashes of all entities of a type under this model: what is missing needs embedding."""
    query = select(EmbeddingRow.entity_id, EmbeddingRow.content_hash).where(
        EmbeddingRow.entity_type == entity_type, EmbeddingRow.model == model
    )
    return dict(iter(await session.execute(query)))


async def missing_texts(
    session: AsyncSession, user_id: UUID, known: str, model: str, limit: int
) -> list[tuple[EntityType, UUID, str]]:
    """Return goals, tasks and courses whose text has a vector of the `known` model and none, or an old one, of `model`."""
    newer = aliased(EmbeddingRow)
    same = (newer.entity_type == EmbeddingRow.entity_type) & (newer.entity_id == EmbeddingRow.entity_id)
    query = (
        select(EmbeddingRow.entity_type, EmbeddingRow.entity_id, EmbeddingRow.content)
        .outerjoin(newer, same & (newer.model == model) & (newer.content_hash == EmbeddingRow.content_hash))
        .where(
            EmbeddingRow.user_id == user_id,
            EmbeddingRow.model == known,
            EmbeddingRow.entity_type.in_(scopes.TEXTS),
            newer.id.is_(None),
        )
        .order_by(EmbeddingRow.entity_id)
        .limit(limit)
    )
    return [(kind, entity_id, content) for kind, entity_id, content in await session.execute(query)]


async def delete_entity(session: AsyncSession, entity_type: EntityType, entity_id: UUID) -> None:
    """Delete an entity's vectors while the entity stays; with the entity they go by themselves."""
    statement = delete(EmbeddingRow).where(EmbeddingRow.entity_type == entity_type, EmbeddingRow.entity_id == entity_id)
    await session.execute(statement, execution_options={"synchronize_session": False})


async def ensure_index(session: AsyncSession, model: str, width: int) -> str | None:
    """Make the model's index, if it is not there; return its name, or None when vectors are too wide for one."""
    if width > HALFVEC_WIDTH_LIMIT:
        return None
    kind = indexed_kind(width)
    name = RESERVED_PREFIX + hashlib.sha256(f"{model}:{width}".encode()).hexdigest()[:16]
    literal = model.replace("'", "''")
    statement = (
        f"CREATE INDEX IF NOT EXISTS {name} ON embeddings "
        f"USING hnsw ((embedding::{kind}({width:d})) {kind}_cosine_ops) WHERE model = '{literal}'"
    )
    if await session.scalar(select(func.to_regclass(name))) is None:
        # Two processes that meet a new database would both make it, and one of them fail: "if not exists" is no lock.
        await session.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))
        await (await session.connection()).exec_driver_sql(statement)
    return name


def indexed_kind(width: int) -> str:
    """Return the type over which vectors of this width are indexed and compared."""
    return "vector" if width <= VECTOR_WIDTH_LIMIT else "halfvec"


def content_hash(content: str) -> str:
    """Return the hash by which a changed content is known."""
    return hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()


async def nearest(
    session: AsyncSession, model: str, vector: Sequence[float], scope: Scope, limit: int = 50
) -> list[Neighbour]:
    """Return the entities in scope nearest to the vector, nearest first."""
    found = (await session.execute(exact_query(model, vector, scope, limit))).all()
    if found and found[0].size > EXACT_LIMIT:
        await session.execute(_RELAXED, {"ef": str(max(EF_SEARCH, limit))})
        found = (await session.execute(indexed_query(model, vector, scope, limit))).all()
    return [_neighbour(row) for row in found]


def exact_query(model: str, vector: Sequence[float], scope: Scope, limit: int) -> Select[Any]:
    """Return the query that compares everything in scope; its column `size` tells when that was too much."""
    scoped = (
        select(*_FOUND, EmbeddingRow.embedding)
        .where(_is_model(model), scopes.condition(scope))
        .limit(EXACT_LIMIT + 1)
        .cte("scoped")
        .prefix_with("MATERIALIZED")
    )
    distance = _distance(scoped.c.embedding, vector)
    size = select(func.count()).select_from(scoped).scalar_subquery().label("size")
    columns = [column for column in scoped.c if column.key != "embedding"]
    return select(*columns, distance, size).order_by(distance).limit(limit)


def indexed_query(model: str, vector: Sequence[float], scope: Scope, limit: int) -> Select[Any]:
    """Return the query that follows the model's index, whose relaxed order is put right outside."""
    distance = _distance(EmbeddingRow.embedding, vector)
    near = select(*_FOUND, distance).where(_is_model(model), scopes.condition(scope)).order_by(distance).limit(limit)
    found = near.subquery("near")
    return select(*found.c).order_by(found.c.distance)


_RELAXED = text(
    "SELECT set_config('hnsw.iterative_scan', 'relaxed_order', true), set_config('hnsw.ef_search', :ef, true)"
)


def _is_model(model: str) -> ColumnElement[bool]:
    # A literal and no parameter: a generic plan could not see that the model's partial index fits.
    return EmbeddingRow.model == bindparam(None, model, type_=Text(), literal_execute=True)


def _distance(column: Any, vector: Sequence[float]) -> ColumnElement[float]:
    width = len(vector)
    kind = VECTOR(width) if indexed_kind(width) == "vector" else HALFVEC(width)
    distance: ColumnElement[float] = cast(column, kind).cosine_distance(list(vector))
    return distance.label("distance")


def _neighbour(row: Row[Any]) -> Neighbour:
    return Neighbour(row.entity_type, row.entity_id, row.user_id, row.content, float(row.distance), row.extra)


async def search_text(  # noqa: PLR0913 - A question has words and a vector of some model.
    session: AsyncSession, query: str, scope: Scope, *, model: str, vector: Sequence[float], limit: int = 10
) -> list[Neighbour]:
    """Return goals, tasks and courses like the query, best first: by words in English or Spanish, and by vector."""
    scope = replace(scope, entity_types=tuple(kind for kind in scope.entity_types if kind in scopes.TEXTS))
    by_words = [_neighbour(row) for row in await session.execute(_words_query(query, scope))]
    by_vector = await nearest(session, model, vector, scope, FUSED)
    return fuse(by_words, by_vector)[:limit]


def fuse(*rankings: Sequence[Neighbour]) -> list[Neighbour]:
    """Return the union of several rankings, best first, by the sum of the reciprocals of their ranks."""
    scores: dict[UUID, float] = {}
    known: dict[UUID, Neighbour] = {}
    for ranking in rankings:
        # An entity may stand in the ranking once for each model that embedded it.
        distinct = {neighbour.entity_id: neighbour for neighbour in reversed(ranking)}
        for rank, found in enumerate(reversed(distinct.values()), start=1):
            scores[found.entity_id] = scores.get(found.entity_id, 0.0) + 1 / (RANK_CONSTANT + rank)
            known[found.entity_id] = found
    best = len(rankings) / (RANK_CONSTANT + 1)
    ordered = sorted(scores, key=lambda entity_id: -scores[entity_id])
    return [replace(known[entity_id], distance=1 - scores[entity_id] / best) for entity_id in ordered]


def _words_query(words: str, scope: Scope) -> Select[Any]:
    document: ColumnElement[Any] = literal_column(f"({SEARCHED_TEXT})")
    wanted = _any_word("english", words).op("||", return_type=TSQUERY())(_any_word("spanish", words))
    distance = (1 - func.ts_rank_cd(document, wanted, 32)).label("distance")
    return (
        select(*_FOUND, distance)
        .where(scopes.condition(scope), text("entity_type <> 'code_snapshot'"), document.op("@@")(wanted))
        .order_by(distance, EmbeddingRow.entity_id)
        .limit(FUSED)
    )


def _any_word(language: str, words: str) -> ColumnElement[Any]:
    # Any of the words and not all of them: people do not repeat a goal's words.
    every = cast(func.plainto_tsquery(literal_column(f"'{language}'::regconfig"), escaping.escape(words)), Text)
    return cast(func.replace(every, " & ", " | "), TSQUERY)
