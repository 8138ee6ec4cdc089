"""Parts of sentences that several subjects use."""

from mappings.limits import Death


def dead(death: Death) -> str:
    """Say why nobody can redeem a code any more, and since when."""
    shown = {
        "expired": f"expired, last valid on {death.facts}",
        "used_up": f"used up ({death.facts})",
        "switched_off": "switched off",
    }
    return shown[death.kind]
