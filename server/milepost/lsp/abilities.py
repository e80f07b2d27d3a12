"""What an editor said it can do, as plain answers to the questions that the server has."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from lsprotocol import types


@dataclass(frozen=True, slots=True)
class Abilities:
    """An editor's capabilities; everything is absent until it is announced."""

    related_information: bool = False
    markdown: bool = False
    action_literals: bool = False
    action_edit_and_command: bool = False
    preferred_actions: bool = False
    versioned_edits: bool = False
    create_files: bool = False
    apply_edit: bool = False
    configuration: bool = False
    configuration_registration: bool = False
    watched_files: bool = False
    progress: bool = False
    lens: bool = False
    lens_refresh: bool = False
    show_document: bool = False
    stored: bool = False


def read(capabilities: types.ClientCapabilities) -> Abilities:
    """Return the abilities among an editor's capabilities."""

    def has(path: str) -> bool:
        return bool(_at(capabilities, path))

    edits = "workspace.workspace_edit"
    action = "text_document.code_action"
    return Abilities(
        related_information=has("text_document.publish_diagnostics.related_information"),
        markdown=types.MarkupKind.Markdown in (_at(capabilities, "text_document.hover.content_format") or ()),
        action_literals=has(f"{action}.code_action_literal_support"),
        # ALE for Vim runs the command and forgets the edit; it announces nothing that came after literals.
        action_edit_and_command=has(f"{action}.data_support")
        or has(f"{action}.is_preferred_support")
        or has(f"{action}.resolve_support"),
        preferred_actions=has(f"{action}.is_preferred_support"),
        versioned_edits=has(f"{edits}.document_changes"),
        create_files=types.ResourceOperationKind.Create in (_at(capabilities, f"{edits}.resource_operations") or ()),
        apply_edit=has("workspace.apply_edit"),
        configuration=has("workspace.configuration"),
        configuration_registration=has("workspace.did_change_configuration.dynamic_registration"),
        watched_files=has("workspace.did_change_watched_files.dynamic_registration"),
        progress=has("window.work_done_progress"),
        lens=_at(capabilities, "text_document.code_lens") is not None,
        lens_refresh=has("workspace.code_lens.refresh_support"),
        show_document=has("window.show_document.support"),
        stored=has("experimental.milepost.stored"),
    )


def _at(value: Any, path: str) -> Any:
    """Return what stands at a dotted path, None where the path ends early."""
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else getattr(value, name, None)
        if value is None:
            return None
    return value
