"""A small question that shows whether a provider works, for `milepost doctor`."""

from pydantic import BaseModel

from milepost.providers.chat import ChatModel, Question, Usage


class _Sum(BaseModel):
    sum: int


async def probe(chat: ChatModel) -> Usage:
    """Ask something small and return what it cost; raises ProviderError. Whether the answer is right does not matter."""
    question = Question(
        _Sum, "You answer with one JSON object.", 'What is two plus three? Answer as {"sum": number}.', most_tokens=400
    )
    return (await chat.answer(question)).usage
