"""The shape in which a model answers; all of it is only what a model said."""

from pydantic import BaseModel, Field

# General rules that a finding may name where it speaks about no criterion.
RULES = ("correctness", "naming", "clarity", "structure", "efficiency", "robustness", "idiom", "documentation")


class SaidFinding(BaseModel):
    """A remark about quoted code; `criterion` is the number of a criterion, else `rule` one of the general rules."""

    quote: str = Field(description="code copied exactly from the program, a few words or lines")
    criterion: int | None
    rule: str = Field(json_schema_extra={"enum": list(RULES)})
    message: str = Field(description="one or two sentences for the learner")
    severity: str = Field(json_schema_extra={"enum": ["warning", "information", "hint"]})
    replacement: str | None = Field(description="what to put in the place of the quote, or null")


class SaidRubric(BaseModel):
    """A judgement of one criterion in words, with code that proves it."""

    criterion: int
    met: bool
    quote: str
    reason: str


class SaidReview(BaseModel):
    """Everything that a model says about some code."""

    findings: list[SaidFinding]
    rubrics: list[SaidRubric]
