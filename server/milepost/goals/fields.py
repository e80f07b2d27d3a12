"""What single values of a course file may be, and what is known while it is read."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationInfo,
    model_validator,
)

from milepost.domain.text import Localized
from milepost.goals import expressions, folder, messages, suggestions
from milepost.goals.problems import RefusedError
from milepost.goals.tree import Entries, Slip
from milepost.syntax import grammars

TITLE_LIMIT = 200
TEXT_LIMIT = 50_000
_STEERING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f]")


@dataclass(slots=True)
class Reading:
    """What is known while a course file is read, and what was found wrong beside the values' types."""

    folder: folder.Folder
    language: str
    slips: list[Slip] = field(default_factory=list)


def _reading(info: ValidationInfo) -> Reading:
    assert isinstance(info.context, Reading)
    return info.context


def known_language(name: str) -> str:
    """Return the language's own name; raises RefusedError for one that cannot be parsed."""
    if not grammars.known(name):
        raise RefusedError(messages.fill(messages.NOT_AMONG, choices=", ".join(grammars.languages())))
    return grammars.grammar(name).name


def _file(path: str, info: ValidationInfo) -> str:
    _reading(info).folder.text(path)
    return folder.normalise(path)


def _files(pattern: str, info: ValidationInfo) -> str:
    """Read every file that the pattern names."""
    readable = _reading(info).folder
    found = readable.matching(pattern)
    if not found:
        raise RefusedError(messages.fill(messages.NO_MATCH, path=pattern))
    for name in found:
        readable.text(name)
    return folder.normalise(pattern)


def _learner_file(path: str, info: ValidationInfo) -> str:
    """Accept a file that need not exist yet."""
    name = folder.normalise(path)
    _reading(info).folder.contain(name)
    return name


def _localized(value: Any) -> Any:
    return {"en": value, "es": value} if isinstance(value, str) else value


def lower(value: Any) -> Any:
    """Return a text in small letters, everything else as it is."""
    return value.strip().lower() if isinstance(value, str) else value


def upper(value: Any) -> Any:
    """Return a text in capitals, everything else as it is."""
    return value.strip().upper() if isinstance(value, str) else value


def _lines(value: Any) -> Any:
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "\n".join(value)
    return value


def under(key: str) -> Callable[[Any], Any]:
    """Return what makes the short form of a mapping long: a text or a list becomes the value of `key`."""
    return lambda value: {key: value} if isinstance(value, str | list) else value


def _said(text: str) -> str:
    """Refuse a text without anything in it, or with signs that steer a terminal."""
    if not text.strip():
        raise RefusedError(messages.TOO_SHORT)
    if steering := _STEERING.search(text):
        raise RefusedError(messages.fill(messages.BAD_CHARACTER, code=f"{ord(steering[0]):04X}"))
    return text


def preamble_code(code: str, info: ValidationInfo) -> str:
    """Return the code that runs before the learner's; raises RefusedError for Python that is none."""
    return expressions.statements(code) if _reading(info).language == "python" else code


Said = Annotated[str, AfterValidator(_said), Field(max_length=TEXT_LIMIT)]
Weight = Annotated[float, Field(gt=0, le=1000, allow_inf_nan=False)]
Timeout = Annotated[float, Field(gt=0, le=60, allow_inf_nan=False)]
LongTimeout = Annotated[float, Field(gt=0, le=600, allow_inf_nan=False)]
Tolerance = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Expression = Annotated[str, AfterValidator(expressions.expression)]
Code = Annotated[str, BeforeValidator(_lines), AfterValidator(expressions.statements)]
ExistingFile = Annotated[str, AfterValidator(_file)]
ExistingFiles = Annotated[str, AfterValidator(_files)]
LearnerFile = Annotated[str, AfterValidator(_learner_file)]


class Strict(BaseModel):
    """A mapping in which an unknown key is an error; the others are still looked at."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @model_validator(mode="before")
    @classmethod
    def _name_unknown_keys(cls, value: Any, info: ValidationInfo) -> Any:
        if not isinstance(value, Entries):
            return value
        known = {shown.alias or name for name, shown in cls.model_fields.items()}
        for key in value.keys() - known:
            _reading(info).slips.append(Slip(value.spans[key], cls._unknown(key, known, value)))
        return {key: item for key, item in value.items() if key in known}

    @classmethod
    def _unknown(cls, key: str, known: set[str], entries: Entries) -> Localized:
        return suggestions.unknown_key(key, known, in_braces=entries.flow)


class Wording(Strict):
    """One text in one language or both."""

    en: Said | None = None
    es: Said | None = None

    @model_validator(mode="after")
    def _has_text(self) -> Self:
        if self.en is None and self.es is None:
            raise RefusedError(messages.NEEDS_LANGUAGE)
        return self

    def localized(self) -> Localized:
        """Return the text in both languages; one stands in for the other."""
        return Localized(self.en or self.es or "", self.es or self.en or "")


class TitleWording(Wording):
    """A title: one line."""

    en: Annotated[Said, Field(max_length=TITLE_LIMIT)] | None = None
    es: Annotated[Said, Field(max_length=TITLE_LIMIT)] | None = None

    def localized(self) -> Localized:
        """Return the title with its spaces made plain."""
        both = super().localized()
        return Localized(" ".join(both.en.split()), " ".join(both.es.split()))


Title = Annotated[TitleWording, BeforeValidator(_localized)]
Words = Annotated[Wording, BeforeValidator(_localized)]


def python_only(kind: str) -> BeforeValidator:
    """Return what refuses a kind of criterion in a course about another language."""

    def refuse(value: Any, info: ValidationInfo) -> Any:
        language = _reading(info).language
        if language != "python":
            title = grammars.grammar(language).title
            raise RefusedError(messages.fill(messages.PYTHON_ONLY, kind=kind, language=title))
        return value

    return BeforeValidator(refuse)
