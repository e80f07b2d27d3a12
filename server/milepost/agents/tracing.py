"""Tracing of LangGraph and OpenAI, which would post code to hosted services, is off whatever the environment says."""

import os

VARIABLES = (
    "LANGSMITH_TRACING",
    "LANGSMITH_TRACING_V2",
    "LANGCHAIN_TRACING",
    "LANGCHAIN_TRACING_V2",
    "OPENAI_AGENTS_DISABLE_TRACING",
)


def turn_off() -> None:
    """Set the variables; LangGraph reads them when it is imported, so this comes before."""
    for variable in VARIABLES:
        os.environ[variable] = "true" if "DISABLE" in variable else "false"
