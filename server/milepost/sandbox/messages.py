"""What users are told about the protection of their machine."""

from milepost.domain.text import Localized
from milepost.sandbox.boxes import Protection, Tier

_TIERS = {
    Tier.BUBBLEWRAP: Localized(
        "Code runs in boxes of its own (bubblewrap): no network, none of your files, limits on time, memory and "
        "processes.",
        "El código se ejecuta en cajas propias (bubblewrap): sin red, sin tus archivos, con límites de tiempo, memoria "
        "y procesos.",
    ),
    Tier.LIMITS: Localized(
        "Code runs UNPROTECTED, only with limits on time and memory: it can read your files and use the network "
        "({detail}).",
        "El código se ejecuta SIN PROTECCIÓN, solo con límites de tiempo y memoria: puede leer tus archivos y usar la "
        "red ({detail}).",
    ),
    Tier.NONE: Localized(
        "No code is run, because it could not be kept in a box ({detail}). Everything that needs no run still works.",
        "No se ejecuta código porque no se puede aislar en una caja ({detail}). Todo lo que no ejecuta nada sigue "
        "funcionando.",
    ),
}


def describe(protection: Protection, language: str) -> str:
    """Say which protection is active, in the user's language."""
    return _TIERS[protection.tier].say(language, detail=protection.detail)
